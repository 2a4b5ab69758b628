// SPDX-License-Identifier: MIT
#pragma once

#include "closure/links.h"
#include "closure/lock.h"
#include "rpm/package.h"
#include "store/store.h"

/*
 * Why a package is in an image, as data. Packages are indexes into hull_lock.v. chain_installed.c
 * has what is told of the packages that are installed in an image.
 */

/* The shortest way from a request to a package, as the lock file has it: steps[0] is asked for,
 * each further one is required by the one before, the last is the package itself. */
struct hull_chain {
	size_t *v;
	size_t n;
};
void hull_chain_fini(struct hull_chain *c);
int hull_chain_find(const struct hull_lock *l, size_t package, struct hull_chain *out,
		    struct hull_err *e);

/* The index of a package by name; -1 with e, naming near ones. */
int hull_chain_package(const struct hull_lock *l, const char *name, size_t *out,
		       struct hull_err *e);

/* The same of the package that has a file, as the indexes that the lock was made from say; of
 * several the first by name. */
int hull_chain_file(const struct hull_store *s, const struct hull_lock *l, const char *path,
		    size_t *out, struct hull_err *e);

/*
 * Found in the indexes that the lock was made from, or, if the store has them no more, in the local
 * repositories it names. An error if a package of the lock is in none of them.
 */
int hull_links_init(struct hull_links *k, const struct hull_store *s, const struct hull_lock *l,
		    struct hull_err *e);

/* The same for the packages that are installed in an image, of which `l` is the lock. An error if a
 * package of the lock is not among them. */
int hull_links_installed(struct hull_links *k, const struct hull_lock *l,
			 const struct hull_package *packages, size_t n, struct hull_err *e);

/*
 * The same for installed packages of which nobody noted the reasons, and a lock that has them in
 * their order (name, evr, arch, source, installed_bytes are set). What no other package requires
 * counts as asked for, its `origin` being NULL; of packages that only require each other in a
 * circle one does.
 */
void hull_links_derive(struct hull_links *k, struct hull_lock *out,
		       const struct hull_package *packages, size_t n);

/* All ways without a loop from a request to a package, the shortest first, at most `max`; true if
 * there are more. The caller frees *out and each chain. */
bool hull_links_chains(const struct hull_links *k, size_t package, size_t max,
		       struct hull_chain **out, size_t *out_n);

enum hull_fate {
	HULL_STAYS,
	HULL_BREAKS, /* requires what is gone: it would have to go too */
	HULL_UNUSED, /* nothing that stays needs it */
};

/* What becomes of each package if one is taken out: fate has a place for each. The package itself
 * BREAKS. */
void hull_links_without(const struct hull_links *k, size_t npackages, size_t package,
			enum hull_fate *fate);
