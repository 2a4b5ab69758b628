// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

/* Changes when the same packages and tables would give another root. */
#define HULL_SEED_FORMAT "hull-seed-2"

/* The directory toolkit/seed: tools, alternatives and files/, as their heads describe them. */

struct hull_seed_line {		     /* of tools */
	const char *name;	     /* "@base" for what is always there */
	const char *const *packages; /* NULL-terminated, at least one */
	int line;
};

struct hull_seed_link { /* a line of alternatives */
	const char *path, *target;
	int line;
};

struct hull_seed_table {
	const char *dir;
	struct hull_seed_line *lines;
	size_t nlines, lines_cap;
	struct hull_seed_link *links;
	size_t nlinks, links_cap;
	struct hull_strv packages; /* of all lines, sorted */
	struct hull_strv files;	   /* paths below files/, sorted */
	/* Of alternatives and files/: with the packages they make the content of the seed. */
	char extras[HULL_HEX];
	struct hull_arena arena;
};

/* Errors name file and line. The caller calls _fini in any case. */
HULL_CHECKED int hull_seed_table_read(struct hull_seed_table *t, const char *dir,
				      struct hull_err *e);
void hull_seed_table_fini(struct hull_seed_table *t);

/* "toolkit/seed/tools:12" of the first line that asks for a Debian package; NULL if none does. */
const char *hull_seed_table_where(struct hull_seed_table *t, const char *package);
