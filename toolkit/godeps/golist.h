// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "godeps/golibs.h"

/* What `go list -e -deps -json=ImportPath,Error` says ("go help list"): a JSON object a package. */

struct hull_go_error { /* of a package that cannot be loaded */
	const char *import;
	const char *text; /* the first line of the message */
	const char *pos;  /* "lib/l.go:2:8" of the import or mistake, or "" */
};

struct hull_go_list {
	struct hull_arena arena; /* owns the strings */
	size_t npackages;	 /* all that is built, the standard library included */
	struct hull_go_error *errors;
	size_t nerrors, cap;
};

/* Parses the output; zero-initialise *l. The caller calls _fini in any case. */
HULL_CHECKED int hull_go_list_parse(struct hull_go_list *l, const char *text, size_t n,
				    struct hull_err *e);
void hull_go_list_fini(struct hull_go_list *l);

/*
 * Marks the candidates that have what the list misses as used; returns how many were not yet. What
 * is at or below `own`, the import path of what is built, is in no library. An error names two
 * libraries that both have an import.
 */
HULL_CHECKED int hull_go_list_provide(const struct hull_go_list *l, const char *own,
				      struct hull_go_libs *libs, struct hull_err *e);

/* The first 20 errors, each on a line of its own that starts with two blanks. */
void hull_go_list_describe(const struct hull_go_list *l, struct hull_buf *out);
