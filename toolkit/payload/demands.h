// SPDX-License-Identifier: MIT
#pragma once

#include "scriptlet/fate.h"
#include "tree/tree.h"

/*
 * What the scriptlets of the packages of an image ask of it that is made without running them: that it has
 * the accounts and files by which hull does the same (scriptlet/fate.h).
 */
struct hull_demand {
	size_t package;
	const char *scriptlet;
	struct hull_need need;
};

struct hull_demands {
	struct hull_arena arena;
	const struct hull_package *packages;
	struct hull_demand *v;
	size_t n;
};

/* Fails if a package has a scriptlet that would have to run; all of them are named. Triggers that nothing
 * in the image sets off do not count. */
HULL_CHECKED int hull_demands_read(const struct hull_store *s, const struct hull_package *v,
				   size_t n, struct hull_demands *out, struct hull_err *e);
void hull_demands_fini(struct hull_demands *d);

/* Whether the tree of all packages has what they ask; an error names package, scriptlet and what is
 * missing. */
HULL_CHECKED int hull_demands_check(const struct hull_demands *d, const struct hull_tree *t,
				    struct hull_err *e);

/* Whether a tree has all that a scriptlet needs. */
bool hull_needs_met(const struct hull_need *v, size_t n, const struct hull_tree *t);
