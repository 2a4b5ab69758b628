// SPDX-License-Identifier: MIT
#pragma once

#include "store/buildrecord.h"

/*
 * What a build has left in its directory, <job>/build/RPMS, is a stranger's. It is taken by
 * descriptor: no link is followed, no other file system entered. There may be the packages that the
 * spec declares, all of them, each in a plain file of one name, that of the package, owned by who
 * builds, without holes, not above 8 GiB, and nothing else; no shared library may have a soname that
 * its package does not provide. Scriptlets without a line are taken out of packages, also of those in
 * RPMS, which are other files then (scriptlet/emptied.h). All of that is checked before the first package is taken. A process of its
 * own does it, until left_ms are over.
 */
struct hull_collect {
	const struct hull_store *store;
	const char *job_dir; /* relative to the store */
	const json_t *job;
	uint64_t timeout_seconds; /* of the whole build, for the message; 0: no limit */
	int64_t left_ms;	  /* of it */
};

/*
 * Takes the packages into the store: files, headers, unpacked trees. *out is the "packages" list of a
 * build record, ordered by name, in the arena.
 */
HULL_CHECKED int hull_collect(const struct hull_collect *c, struct hull_arena *a,
			      struct hull_built_packages *out, struct hull_err *e);

/* A plain file of one name that a build has left in its directory, open for reading, without following
 * links; -1 with what is wrong with it in e. */
HULL_CHECKED int hull_collect_open(const struct hull_store *s, const char *job_dir,
				   const char *path, struct hull_err *e);

/* Only checks them. */
HULL_CHECKED int hull_collect_check(const struct hull_collect *c, struct hull_err *e);
