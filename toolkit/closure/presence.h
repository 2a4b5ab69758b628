// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "rpm/package.h"
#include "solve/requirement.h"

/* Why the packages of a system are there: the requirements among them, and where no package
 * requires one, the reason that its lock file has. */

/*
 * The requirements among installed packages as SBOMs and reports list them: one for each pair, the
 * first that the package lists. `l` is the lock file in the system, or NULL; what it says of
 * packages that are not installed in that version counts for nothing. Places are indexes into
 * `packages`.
 */
void hull_requirements_pairs(struct hull_requirements *out, const struct hull_package *packages,
			     size_t n, const struct hull_lock *l);

/* All of them with the requests of the lock, the places being indexes into hull_lock.v. An error if
 * a package of the lock is not installed. */
HULL_CHECKED int hull_requirements_present(struct hull_requirements *out, const struct hull_lock *l,
					   const struct hull_package *packages, size_t n,
					   struct hull_err *e);

/*
 * All of them for packages of which nobody noted the reasons, and a lock that has the packages in
 * their order (name, evr, arch, source, installed_bytes are set). What no other package requires
 * counts as asked for, its `origin` being NULL; of packages that only require each other in a
 * circle one does.
 */
void hull_requirements_derive(struct hull_requirements *out, struct hull_lock *out_lock,
			      const struct hull_package *packages, size_t n);

/* The requests of a lock, in its order. */
HULL_CHECKED int hull_lock_requests(const struct hull_lock *l, struct hull_arena *a,
				    struct hull_deps *out, struct hull_err *e);

/* Adds the lock's reason to what nothing requires: it came in to settle a conflict, or by a weak
 * dependency. place[i] is that of l->v[i] in the set, or negative. */
void hull_requirements_add_reasons(struct hull_requirements *r, const struct hull_lock *l,
				   const int *place, size_t nplaces);
