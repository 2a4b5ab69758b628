// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "spec/spec.h"

/*
 * The room source/: the sources of packages, brought into the store: fetch.h from mirrors, archives
 * and directories; update.h and godeps.h keep the hashes that specs pin.
 */

/* Where sources come from: the store, a look-aside mirror, the URL of the Source line. */

struct hull_source_options {
	const char *const *mirrors; /* --source-url: tried before the URL, <mirror>/<file> */
	size_t nmirrors;
	const char *debian_mirror;  /* HULL_DEBIAN_MIRROR: archive bases, white-space separated, for
				    * debian: URLs; NULL: those that the host's apt is configured
				    * with */
	const char *debian_archive; /* HULL_DEBIAN_ARCHIVE: bases of archives of old versions, with
				     * @SNAPSHOTID@ where the date belongs, white-space separated;
				     * NULL: those that the host's apt is configured with */
	const char *today;	    /* "2026-11-30", for what is written by update.h */
	bool offline;	      /* the store or nothing (file: URLs and directories are still read) */
	bool accept_unpinned; /* a want without sha256 is taken as it comes */
	int parallel;	      /* downloads at once, 0 = a sensible default */
	int stall_seconds; /* a slower transfer than 1 KB/s is given up after this time, 0 = 30 */
	int pause_ms; /* before all places are tried again (longer before a third time), 0 = 1000 */
};

/* One file to have. */
struct hull_source_want {
	const char *url, *file;	   /* as in struct hull_spec_source */
	const char *sha256;	   /* expected; NULL is an error unless accept_unpinned */
	const char *where;	   /* "SPECS/zlib/zlib.spec:7", for messages */
	const char *dir;	   /* directory of the spec for relative names, or NULL */
	const char *date;	   /* "2026-11-30" when a Debian archive had it, or NULL */
	const char *const *places; /* http(s): and debian: URLs that are tried last */
	size_t nplaces;
	const struct hull_strv *others; /* http(s) URLs and paths of the same file, for when that
					   one does not have it; may be NULL */
	uint64_t max_bytes; /* a longer file is none; 0: 16 GiB. It also bounds the time of an
			       attempt: twice the stall and a second for each 16 KiB */
	/* out: */
	char *origin; /* URL or path it was taken from, "store" when it was there; owned by the
			 caller */
	char *error;  /* why there is none, when !ok; owned by the caller */
	char digest[HULL_HEX]; /* of the file in the store, when ok */
	bool ok;
};

void hull_source_want_fini(struct hull_source_want *w); /* frees what is out */

/* An array of wants; zero-initialise. */
struct hull_source_wants {
	struct hull_source_want *v;
	size_t n, cap;
	struct hull_arena arena; /* owns the `where` texts */
};

void hull_source_wants_fini(struct hull_source_wants *w);

/* A source that hull makes itself: see keys/madesource.h. */
bool hull_source_url_is_made(const char *url);

/* Such a one that is neither pinned nor next to the spec, so that it is to be made. */
bool hull_source_is_made(const struct hull_spec_source *s);

/* Adds what a build of the spec reads from the store, but for what is still to be made: every Source line, and every Patch that does
 * not lie in its directory or has a hash. The strings belong to the spec. */
void hull_source_wants_add(struct hull_source_wants *w, const struct hull_spec *spec);
