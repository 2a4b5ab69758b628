// SPDX-License-Identifier: MIT
#pragma once

#include <solv/bitmap.h>
#include <solv/pool.h>
#include <solv/queue.h>

#include "solve/pool.h"
#include "solve/world.h"

/*
 * A libsolv pool for one question: the packages that matter to it, in name order, and before them
 * one pseudo package for each want, which requires it, and one that conflicts with what is
 * excluded.
 */
struct hull_view {
	Pool *pool;
	struct hull_pool *world;
	hull_pkgid *ids; /* by solvable: the package, or 0 for a pseudo package */
	int *want;	 /* by solvable: the index of its want, or -1 */
	Id first, end;	 /* the solvables of packages */
	Id exclusions;	 /* the pseudo package that conflicts with what is excluded, or 0 */
	struct hull_by_name *by_name; /* wants that mean packages of that name */
	size_t nby_name;
};

/* A want by name: what its pseudo package requires, which only packages of that name satisfy, and
 * the dependency as it was asked for. */
struct hull_by_name {
	Id required, asked;
};

/*
 * A view of the packages that could have a part in satisfying the request or, if members is not
 * NULL, of those. Recommends and Supplements are left out unless the request is weak, Suggests and
 * Enhances always.
 */
void hull_view_init(struct hull_view *v, struct hull_pool *p, const struct hull_closure_request *r,
		    const struct hull_pkgset *members);
void hull_view_fini(struct hull_view *v);

/* (named.c) Has each want that is a name require packages of that name, if there is one that satisfies it. */
void hull_view_narrow(struct hull_view *v);

/* (named.c) A dependency of a view as people know it. */
Id hull_view_shown(const struct hull_view *v, Id dep);

/* Sorts by name, version, architecture: an order that does not depend on handles. */
void hull_pkgset_sort_by_name(const struct hull_pool *p, struct hull_pkgset *s);

/* The packages that could satisfy a dependency in a version or other, as indexes say: ascending. */
void hull_view_candidates(struct hull_pool *p, Id dep, struct hull_pkgset *out);

/* Whether a dependency (an Id of pool) holds if exactly the packages of the set are installed. */
bool hull_dep_holds(Pool *pool, Id dep, const Map *set);

/*
 * Appends the packages of a view that satisfy a dependency in a set which has them all, as far as
 * the conditions of a rich dependency hold. What the package `self` satisfies needs no other, and
 * true if that is all of it; 0 for nobody.
 */
bool hull_view_gather(const struct hull_view *v, Id dep, const Map *set, Id self, Queue *out);
