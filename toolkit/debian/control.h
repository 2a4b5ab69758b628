// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

/* Debian control files (Packages, Sources): paragraphs of "Field: value" with indented
 * continuation. */

struct hull_control {
	const char *p;
	size_t n;
};

/* The next paragraph of the text at *text, advancing it; false at the end. */
bool hull_control_next(const char **text, struct hull_control *out);

/* The value of a field, continuation lines joined by blanks; NULL if it is missing. */
char *hull_control_field(const struct hull_control *c, const char *name, struct hull_arena *a);

/*
 * One clause of a relation field such as "a (>= 1) | b:any <!x>, c" at *text, advancing it: the
 * names of its alternatives only. False at the end.
 */
bool hull_control_clause(const char **text, struct hull_strv *out_names);
