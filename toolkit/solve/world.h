// SPDX-License-Identifier: MIT
#pragma once

#include <solv/pool.h>

#include "solve/pool.h"

/* The inside of a pool, shared by the files of this module only. */

struct hull_ids { /* a run of hull_pool.ids */
	size_t at, n;
};

struct hull_member {
	int owner;
	bool live;
	Id name, evr, arch;
	uint64_t bytes;
	struct hull_ids deps[HULL_DEP_KINDS]; /* dependencies in `names` */
	struct hull_ids files;		      /* paths in `names` */
};

/*
 * All packages. `names` is a libsolv pool that serves as table of strings and dependencies only;
 * the packages are kept beside it, with an index from each name and path to the live packages that
 * have it. What is asked is answered on a view: a libsolv pool of just the packages that matter to
 * the question, in name order. So a question costs by the size of its answer, and no Id depends on
 * history.
 */
struct hull_pool {
	Pool *names;
	char *arch, *isa;      /* "x86_64", "(x86-64)" */
	struct hull_member *v; /* by handle; 0 is unused */
	size_t n, cap;
	Id *ids;
	size_t nids, ids_cap;
	struct hull_pkgset *index; /* by string Id */
	size_t nindex;
	struct hull_buf text;
};

/* A dependency as an Id of a libsolv pool. */
Id hull_dep_id(Pool *pool, const struct hull_dep *d);

/*
 * Calls f for each name in a dependency that is to hold (positive) or must not (a conflict). The
 * name is positive if it can help that it is provided: in "(a if b)" that is a, in a conflict with
 * "(a unless b)" it is b.
 */
void hull_dep_walk(const Pool *pool, Id dep, bool positive,
		   void (*f)(void *ctx, Id name, bool positive), void *ctx);

/* Live packages that provide a name (an Id of `names`), in any version, or have that file. */
const struct hull_pkgset *hull_pool_index(const struct hull_pool *p, Id name);

void hull_pkgset_push(struct hull_pkgset *s, hull_pkgid id);
