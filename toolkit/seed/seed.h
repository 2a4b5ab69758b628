// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/str.h"
#include "seed/seed_package.h"
#include "source/source.h"
#include "store/store.h"

/*
 * The room seed/: the root of stock Debian tools in which the first packages are built: made once
 * (seed_make.h, seed_unpack.h, seed_fix.h) from the tables and the lock file beside this header
 * (seed_table.h, seed_lock.h), which seed_update.h writes.
 */

/*
 * The seed: the root of stock tools in which everything is built, a Debian trixie root that no
 * maintainer script ever ran in. What is in it comes from toolkit/seed/lock.json, which has what the
 * tables toolkit/seed/tools and toolkit/seed/alternatives ask for.
 *
 *   seeds/<id>/          the root; the id is the digest of its packages and of the alternatives
 *   seeds/<id>.json      its packages: name, version, arch, sha256, size_bytes, path; "tree", the
 *                        digest of its files
 */

enum hull_seed_mode {
	HULL_SEED_USE,	    /* the one of the lock, made when the store has none */
	HULL_SEED_EXISTING, /* an error when there is none */
};

struct hull_seed_options {
	const char *tables; /* directory of tools, alternatives and lock.json */
	const struct hull_source_options *sources; /* NULL if HULL_SEED_EXISTING */
	enum hull_seed_mode mode;
};

/* A name of the table that a BuildRequires may use. */
struct hull_seed_tool {
	const char *name;
	const char *version; /* upstream's, of the first Debian package of its line, or NULL */
};

struct hull_seed {
	char id[HULL_HEX];
	char *path;			    /* of the root, absolute */
	struct hull_seed_package *packages; /* sorted by name */
	size_t npackages;
	struct hull_seed_tool *tools; /* sorted by name */
	size_t ntools;
	struct hull_strv
		files; /* interpreters and the like that exist: /bin/sh, /usr/bin/perl, ... */
	struct hull_arena arena; /* owns the strings */
};

/*
 * Opens the seed, making it first if the mode asks for that (a minute, with downloads as of sources).
 * Errors in a table name file and line. Nothing is left behind by a failure or an interruption but
 * packages that were brought; two hulls never make the same seed at once.
 */
HULL_CHECKED int hull_seed_open(struct hull_seed *out, const struct hull_store *s,
				const struct hull_seed_options *o, struct hull_progress *progress,
				struct hull_err *e);
void hull_seed_fini(struct hull_seed *seed);

/* Whether a seed of the store is what was made: 1, 0 with the reason in `why`, or -1 if that cannot be told. */
HULL_CHECKED int hull_seed_compare(const struct hull_store *s, const char *id,
				   struct hull_err *why);

/* Only the id of the seed of the lock of this directory: 1, or 0 when the store does not have it. */
HULL_CHECKED int hull_seed_current(const struct hull_store *s, const char *tables,
				   char out_id[HULL_HEX], struct hull_err *e);
