// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The raw text of a spec: what kind of section a line is in. */
enum hull_section {
	HULL_PREAMBLE, /* tags: the beginning, %package */
	HULL_PROSE,    /* %description */
	HULL_SCRIPT,   /* shell: %prep, %build, %post... */
	HULL_LUA,      /* a scriptlet with -p <lua> */
	HULL_FILES,    /* %files */
	HULL_LIST,     /* %sourcelist, %patchlist */
	HULL_CHANGELOG,
};

/* Whether a line (n bytes from s, without its newline) begins a section, and of which kind. */
bool hull_section_begins(const char *s, size_t n, enum hull_section *out);

/* The length of the macro name at s: letters, digits and '_', not beginning with a digit. */
size_t hull_macro_name(const char *s);

/* Whether a bare %name is a word of the spec language: a section, a condition, a %files mark... */
bool hull_is_directive(const char *name, size_t n);

/* The i-th of them, NULL after the last; for "did you mean". */
const char *hull_directive(size_t i);
