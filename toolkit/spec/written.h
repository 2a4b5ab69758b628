// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "spec/spec.h"

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

/* Where the text of a spec has its dependencies and sources: what librpm gives has no line numbers.
 */

enum { HULL_BUILD_REQUIRES = HULL_DEP_KINDS, HULL_BUILD_CONFLICTS, HULL_WRITTEN_KINDS };

struct hull_written {
	struct hull_deps deps[HULL_WRITTEN_KINDS]; /* each with its line */
	struct hull_deps sources;		   /* name: the value of a Source or Patch line */
};

/* Reads the raw text of a spec, after librpm has parsed it: its macros are needed to expand the
 * lines. */
void hull_written_read(const char *raw, struct hull_arena *a, struct hull_written *out);

/* Gives each dependency the line of the first one that is written like it. */
void hull_written_locate(const struct hull_deps *written, struct hull_deps *deps);

int hull_written_source(const struct hull_written *w, const char *url); /* 0 when not known */
