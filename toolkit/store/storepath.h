// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/str.h"

/*
 * What lies where in a store. This is the only place that knows: everybody else asks for an object
 * by its kind and its name.
 */
enum hull_store_kind {
	HULL_STORE_SOURCE,   /* sources/<sha256>: a source file */
	HULL_STORE_ORIGIN,   /* sources/<sha256>.origin: the URL that it came from */
	HULL_STORE_RPM,	     /* rpms/<sha256>.rpm: a package */
	HULL_STORE_UNPACKED, /* unpacked/<sha256>/: its file tree (modes kept, owners not) */
	HULL_STORE_HEADER, /* headers/<sha256>.json: what hull knows of it (struct hull_package) */
	HULL_STORE_SPEC,   /* specs/<digest>.json: a parsed spec, by all that was read for it */
	HULL_STORE_REQUIRES, /* specs/<key>.requires.json: what a %generate_buildrequires printed in the
				build root of that key */
	HULL_STORE_BUILD,	/* builds/<key>.json: the record of a build, see buildrecord.h */
	HULL_STORE_LATEST,	/* latest/<arch>/<spec>: the key of its newest successful build */
	HULL_STORE_MACROS,	/* macros/<digest>/: toolkit/macros as a build saw it */
	HULL_STORE_LOG,		/* logs/<key>.log: the log of a build, also of a failed one */
	HULL_STORE_CHECK_LOG,	/* logs/<key>-check.log: of a build that was compared only */
	HULL_STORE_SEED,	/* seeds/<id>/: a seed root */
	HULL_STORE_SEED_RECORD, /* seeds/<id>.json: its packages */
	HULL_STORE_STAMP,	/* stamps/<digest>.json: a run that left nothing to build */
	HULL_STORE_INDEX,	/* indexes/<digest>.3.solv: a repository as libsolv reads it */
	HULL_STORE_LAST_INDEX,	/* indexes/<digest>.last: what a remote repository had last */
	HULL_STORE_SIGNED,	/* repositories/<digest>.json: the newest signed repomd.xml */
	HULL_STORE_PARTIAL,	/* partial/<sha256>: the beginning of a download */
	HULL_STORE_LOCK,	/* locks/<name>: see hull_store_lock */
	HULL_STORE_CHECKED,	/* checked/<boot id>: see intact.h */
};

enum { HULL_STORE_PATH_BYTES = 320 };

/* A path relative to the store (for its fd), by value: hull_store_path(HULL_STORE_RPM, sha256).path */
struct hull_store_path {
	char path[HULL_STORE_PATH_BYTES];
};

/*
 * The object of a kind and a name: a digest (64 lower-case hex digits),
 * "<arch>/<spec>" (LATEST) or a plain file name (LOCK, CHECKED). Names come from lock files
 * and records too: one that is not of that form, or NULL, gives the empty path, which no file has.
 */
struct hull_store_path hull_store_path(enum hull_store_kind kind, const char *name);

/* The directory that has the objects of a kind. */
const char *hull_store_directory(enum hull_store_kind kind);

/* Backwards: whether a file of that directory is an object of the kind; its name is the first *out_n
 * bytes of the file's then. Not for LATEST, which has directories. */
bool hull_store_kind_is(enum hull_store_kind kind, const char *file, size_t *out_n);
