// SPDX-License-Identifier: MIT
#pragma once

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/content.h"

/*
 * The one reader of 64-bit little-endian ELF files (System V gABI, chapters 4 and 5). All that a
 * file says of itself is checked against its size and a limit before memory is taken for it.
 */

enum hull_elf_kind {
	HULL_ELF_NONE,	  /* no ELF file */
	HULL_ELF_FOREIGN, /* ELF, but not 64-bit little-endian */
	HULL_ELF_OTHER,	  /* an object file, a core dump: nothing that runs */
	HULL_ELF_CODE,	  /* a program or a shared library */
};

struct hull_elf {
	enum hull_elf_kind kind;
	const struct hull_content *content;
	uint64_t size_bytes;
	int fd;		      /* of the content if that is a file, else -1 */
	Elf64_Ehdr header;    /* of OTHER and CODE */
	Elf64_Phdr *segments; /* of CODE; owned */
	size_t nsegments;
};

/* Fails if the file cannot be read, or starts as an ELF file of the right kind and is damaged. */
HULL_CHECKED int hull_elf_open(struct hull_elf *elf, const struct hull_content *c,
			       uint64_t size_bytes, struct hull_err *e);
void hull_elf_close(struct hull_elf *elf);

/* n bytes at an offset of the file, or at an address in memory. */
HULL_CHECKED int hull_elf_read(const struct hull_elf *elf, uint64_t offset, void *out, size_t n,
			       struct hull_err *e);
HULL_CHECKED int hull_elf_read_memory(const struct hull_elf *elf, uint64_t address, void *out,
				      size_t n, struct hull_err *e);

/* A string with its end, at an offset of the file or at an address in memory, into the arena. */
HULL_CHECKED int hull_elf_string(const struct hull_elf *elf, uint64_t offset, struct hull_arena *a,
				 const char **out, struct hull_err *e);
HULL_CHECKED int hull_elf_string_memory(const struct hull_elf *elf, uint64_t address,
					struct hull_arena *a, const char **out, struct hull_err *e);

/* The first segment of a type (PT_*), or NULL. */
const Elf64_Phdr *hull_elf_segment(const struct hull_elf *elf, uint32_t type);

/* The table of sections, or the entries of the dynamic section before DT_NULL: how many there are,
 * which may be none, and the heap's copy in *out. */
HULL_CHECKED int hull_elf_sections(const struct hull_elf *elf, Elf64_Shdr **out,
				   struct hull_err *e);
HULL_CHECKED int hull_elf_dynamic(const struct hull_elf *elf, Elf64_Dyn **out, struct hull_err *e);

/* Calls for each note of the segments of notes with its name (not NULL-terminated by itself). What
 * follows a note that ends outside of its segment is passed over. */
typedef void hull_elf_note_fn(void *context, const Elf64_Nhdr *note, const char *name,
			      const uint8_t *description);
HULL_CHECKED int hull_elf_notes(const struct hull_elf *elf, hull_elf_note_fn *fn, void *context,
				struct hull_err *e);
