// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/content.h"

/* What the loader needs to know of a program or a shared library. */
struct hull_elf_linking {
	uint16_t type, machine; /* ET_*, EM_* of <elf.h> */
	bool is_dynamic;	/* has a dynamic section */
	const char *soname;	/* or NULL */
	const char *interpreter;
	const char **needed; /* NULL-terminated */
};

/*
 * Returns 1 if it is a 64-bit little-endian program or library, 0 if it is something else, -1 with
 * e set if it cannot be read or claims to be one and is damaged. Strings live in the arena.
 */
HULL_CHECKED int hull_elf_linking_read(const struct hull_content *c, uint64_t size_bytes,
				       struct hull_arena *a, struct hull_elf_linking *out,
				       struct hull_err *e);
