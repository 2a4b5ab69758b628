// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"
#include "rpm/package.h"

/* Package sets by libsolv. Packages go in with an owner's number; sets come out as handles. */

struct hull_pool;

typedef int hull_pkgid; /* handle of a package in a pool; > 0 */

struct hull_pool *hull_pool_new(const char *arch);
void hull_pool_free(struct hull_pool *p);

/* Adds a package (strings are copied); `owner` is given back by hull_pool_owner. Files make file
 * dependencies resolvable. A declared package (sha256 NULL) also provides pkgconfig(x) for each
 * listed .../pkgconfig/x.pc. */
hull_pkgid hull_pool_add(struct hull_pool *p, const struct hull_package *pkg, int owner);

/* Takes a package out, so that its place can be taken by what was really built. */
void hull_pool_remove(struct hull_pool *p, hull_pkgid id);

int hull_pool_owner(const struct hull_pool *p, hull_pkgid id);
const char *hull_pool_nevra(struct hull_pool *p, hull_pkgid id); /* valid until the next call */

struct hull_pkgset {
	hull_pkgid *v; /* ascending */
	size_t n, cap;
};
void hull_pkgset_fini(struct hull_pkgset *s);

struct hull_closure_request {
	const struct hull_deps *wants; /* all of them have to be satisfied */
	const struct hull_deps *conflicts; /* none of them may be (BuildConflicts); may be NULL */
	bool weak; /* install recommended packages too */
};

/*
 * The smallest set that satisfies `wants` with everything it requires; among equal providers the same
 * choice every time. On a conflict e explains in words, a line a problem, naming the dependency;
 * *out_want (may be NULL) is then the index of the first want that nothing provides, or -1.
 */
int hull_pool_closure(struct hull_pool *p, const struct hull_closure_request *r,
		      struct hull_pkgset *out, int *out_want, struct hull_err *e);

/* Handles of the packages that satisfy a dependency on their own. */
void hull_pool_providers(struct hull_pool *p, const struct hull_dep *d, struct hull_pkgset *out);

/* Up to `max` names in the pool near to `name`, nearest first, for "did you mean". */
void hull_pool_similar(struct hull_pool *p, const char *name, size_t max, struct hull_strv *out);
