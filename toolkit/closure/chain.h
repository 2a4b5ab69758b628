// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "solve/requirement.h"
#include "store/store.h"

/* Why a package is in an image, as data. Packages are indexes into hull_lock.v. */

/* The shortest way from a request to a package, as the lock file has it: steps[0] is asked for,
 * each further one is required by the one before, the last is the package itself. */
struct hull_chain {
	size_t *v;
	size_t n;
};
void hull_chain_fini(struct hull_chain *c);
HULL_CHECKED int hull_chain_find(const struct hull_lock *l, size_t package, struct hull_chain *out,
				 struct hull_err *e);

/* The index of a package by name, or by a name that was asked for and that it provides; -1 with e, naming
 * near ones. */
HULL_CHECKED int hull_chain_package(const struct hull_lock *l, const char *name, size_t *out,
				    struct hull_err *e);

/* The same of the package that has a file, as the indexes that the lock was made from say; of
 * several the first by name. */
HULL_CHECKED int hull_chain_file(const struct hull_store *s, const struct hull_lock *l,
				 const char *path, size_t *out, struct hull_err *e);

/*
 * The requirements between the packages of a lock and its requests; where nothing requires a
 * package, the reason of the lock. Found in the indexes that the lock was made from, or, if the
 * store has them no more, in the local repositories it names. An error if a package of the lock is
 * in none of them.
 */
HULL_CHECKED int hull_requirements_locked(struct hull_requirements *out, const struct hull_store *s,
					  const struct hull_lock *l, struct hull_err *e);

/* All ways without a loop from a request to a package, the shortest first, at most `max`; true if
 * there are more. The caller frees *out and each chain. */
bool hull_requirements_chains(const struct hull_requirements *k, size_t package, size_t max,
			      struct hull_chain **out, size_t *out_n);

enum hull_fate {
	HULL_STAYS,
	HULL_BREAKS, /* requires what is gone: it would have to go too */
	HULL_UNUSED, /* nothing that stays requires it */
};

/* What becomes of each package if one is taken out: fate has a place for each. The package itself
 * BREAKS. */
void hull_requirements_without(const struct hull_requirements *k, size_t npackages, size_t package,
			       enum hull_fate *fate);
