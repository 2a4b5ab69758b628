// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "spec/spec.h"

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
