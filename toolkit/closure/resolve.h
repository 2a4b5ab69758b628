// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "closure/lock.h"
#include "config/config.h"
#include "repo/location.h"
#include "store/store.h"

struct hull_resolve_request {
	const struct hull_image_config *config;
	const char *arch;
	const struct hull_repository *repositories; /* the first goes before the others */
	size_t nrepositories;
	bool offline;
	const char *dump; /* file to write the solve to as a test case, or NULL */
	bool any_repository; /* repositories go by versions and sizes alone, not one before the other */
	/* A lock that may know the SHA-256 of packages of which repositories say other checksums, or
	 * NULL. hull_resolve_locked takes its own. */
	const struct hull_lock *known;
	bool strict_newest; /* a package that is older than the newest of its name is an error */
};

/*
 * The smallest package set for a configuration. A name in it means the package of that name, and
 * only if there is none one that provides it. Repositories go one before the other: of a name that
 * one has, those behind it count for nothing, and a requirement is satisfied from the first that can. Errors: an unknown package (with near names), a
 * conflict in words with what would solve it, a forbidden package with the chain that pulls it in.
 */
HULL_CHECKED int hull_resolve(const struct hull_store *s, const struct hull_resolve_request *r,
			      struct hull_progress *progress, struct hull_lock *out,
			      struct hull_err *e);

/*
 * The set to use with a lock file: the one that it has if it answers the same request and all of
 * its packages are still offered, else what hull_resolve gives. That is written to lock_path if
 * there is no lock file yet, if it is the same set, or if `update` is set; else it is an error that
 * tells the difference. With `update` a lock file that is there does not count; *out_difference
 * (may be NULL) is then what hull_lock_difference says of it.
 */
HULL_CHECKED int hull_resolve_locked(const struct hull_store *s,
				     const struct hull_resolve_request *r, const char *lock_path,
				     bool update, struct hull_progress *progress,
				     struct hull_lock *out, struct hull_buf *out_difference,
				     struct hull_err *e);

/*
 * (fetchrpms.c) Finds the SHA-256 of packages of which their repositories say another checksum: `old` (may be NULL)
 * has it, or they are fetched.
 */
HULL_CHECKED int hull_lock_learn(const struct hull_store *s, struct hull_lock *l,
				 const struct hull_lock *old,
				 const struct hull_repository *repositories, size_t n, bool offline,
				 struct hull_progress *progress, struct hull_err *e);

/*
 * (fetchrpms.c) Has every package of a lock in the store (rpms/, headers/ and unpacked/), with as many processes
 * as there are cores. What a repository gives must have the size and digest of the lock, and be what the
 * repository's index says of it (hull_pool_agrees): also what the store had.
 */
HULL_CHECKED int hull_lock_fetch(const struct hull_store *s, const struct hull_lock *l,
				 const struct hull_repository *repositories, size_t n, bool offline,
				 struct hull_progress *progress, struct hull_err *e);
