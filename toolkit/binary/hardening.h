// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "binary/elf.h"
#include "tree/content.h"

/* What the headers of an ELF file say about how it was hardened (System V gABI; x86-64 and AArch64
 * psABI for the property notes). */

/* Bits of the property note, the same numbers as in x86's and AArch64's. */
enum { HULL_ELF_IBT = 1, HULL_ELF_SHSTK = 2, HULL_ELF_BTI = 1, HULL_ELF_PAC = 2 };

struct hull_elf_hardening {
	enum hull_elf_kind kind;
	uint16_t machine;	 /* EM_* of <elf.h> */
	bool program;		 /* has an interpreter, a fixed address or DF_1_PIE */
	bool fixed_address;	 /* ET_EXEC */
	bool dynamic;		 /* has a dynamic section */
	bool interpreted;	 /* has an interpreter */
	bool relro, now;	 /* PT_GNU_RELRO; all symbols are bound at the start */
	bool executable_stack;	 /* PT_GNU_STACK is executable or missing */
	bool text_relocations;	 /* relocations of a segment that is not writable */
	uint32_t features;	 /* of the property note */
	uint64_t code_bytes;	 /* of its executable segments */
	const char *rpath;	 /* DT_RPATH or DT_RUNPATH, or NULL */
	const char *soname;	 /* or NULL */
	bool has_imports;	 /* its symbols could be counted */
	bool stack_protector;	 /* __stack_chk_fail or __stack_chk_guard */
	bool fortified;		 /* imports a function "__x_chk" */
	const char *unfortified; /* a function that fortified code would not import: "printf" */
};

/* Reads a file; -1 with e set if it cannot be read or is a damaged ELF file of the right kind.
 * Strings live in the arena. */
HULL_CHECKED int hull_elf_harden(const struct hull_content *c, uint64_t size_bytes,
				 struct hull_arena *a, struct hull_elf_hardening *out,
				 struct hull_err *e);
