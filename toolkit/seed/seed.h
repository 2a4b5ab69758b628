// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/str.h"
#include "seed/seed_package.h"
#include "store/store.h"

/*
 * The room seed/: the root of stock Debian tools in which the first packages are built: made once
 * (seed_make.h, seed_fix.h) from the tables beside this header (seed_table.h).
 */

/*
 * The seed: the root of stock tools in which everything is built, a Debian trixie root that no
 * maintainer script ever ran in. What is in it comes from the tables toolkit/seed/tools and
 * toolkit/seed/alternatives.
 *
 *   seeds/<id>/          the root; the id is the digest of its packages and of the alternatives
 *   seeds/<id>.json      its packages: name, version, arch, sha256, size_bytes; "tree", the digest of
 *                        its files
 *   seeds/<id>.<digest>  empty: says that it serves the tables with this digest
 */

enum hull_seed_mode {
	HULL_SEED_USE,	    /* the one that serves these tables, made when there is none */
	HULL_SEED_UPDATE,   /* made anew from the archive's present packages */
	HULL_SEED_EXISTING, /* an error when there is none */
};

struct hull_seed_options {
	const char *tables;	   /* directory of tools and alternatives */
	const char *debian_mirror; /* as in struct hull_source_options */
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
 * Opens the seed, making it first if the mode asks for that (a minute, with a download through the
 * host's apt). Errors in a table name file and line; those of the download quote mmdebstrap's last
 * lines. Nothing is left behind by a failure or an interruption; two hulls never make the same seed
 * at once.
 */
HULL_CHECKED int hull_seed_open(struct hull_seed *out, const struct hull_store *s,
				const struct hull_seed_options *o, struct hull_progress *progress,
				struct hull_err *e);
void hull_seed_fini(struct hull_seed *seed);

/* Whether a seed of the store is what was made: 1, 0 with the reason in `why`, or -1 if that cannot be told. */
HULL_CHECKED int hull_seed_compare(const struct hull_store *s, const char *id,
				   struct hull_err *why);

/* Only the id of the seed that serves the tables of this directory: 1, or 0 when there is none. */
HULL_CHECKED int hull_seed_current(const struct hull_store *s, const char *tables,
				   char out_id[HULL_HEX], struct hull_err *e);
