// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* Which package of a system requires which, from what their headers say. */

struct hull_need {
	size_t from, to;  /* indexes of packages; never the same */
	const char *text; /* the first requirement of `from` that `to` satisfies */
};

struct hull_needs {
	struct hull_arena arena;
	struct hull_need *v; /* in order of from, to */
	size_t n, cap;
};

/* What no package of the system satisfies is left out. Of "(a if b)" only a counts. */
void hull_needs_init(struct hull_needs *out, const struct hull_system *s);
bool hull_needs_has(const struct hull_needs *n, size_t from, size_t to);
void hull_needs_fini(struct hull_needs *n);
