// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/content.h"

/* What is read of 64-bit little-endian ELF files (System V gABI, chapters 4 and 5). */
struct hull_elf {
	uint16_t type, machine; /* ET_*, EM_* of <elf.h> */
	bool is_dynamic;	/* has a dynamic section */
	const char *soname;	/* or NULL */
	const char *interpreter, *run_path;
	const char **needed; /* NULL-terminated */
};

/*
 * Reads the headers of a file. Returns 1 if it is such an ELF file, 0 if it is something else, -1
 * with e set if it cannot be read or claims to be ELF and is damaged. Strings live in the arena.
 */
int hull_elf_read(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
		  struct hull_elf *out, struct hull_err *e);
