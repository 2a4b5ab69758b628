// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/str.h"
#include "spec/spec.h"
#include "store/store.h"

/* Where sources come from: the store, a look-aside mirror, the URL of the Source line. */

struct hull_source_options {
	const char *const *mirrors; /* --source-url: tried before the URL, <mirror>/<file> */
	size_t nmirrors;
	const char *debian_mirror; /* HULL_DEBIAN_MIRROR: archive bases, white-space separated, for
				    * debian: URLs; NULL: those that the host's apt is configured
				    * with */
	bool offline;	      /* the store or nothing (file: URLs and directories are still read) */
	bool accept_unpinned; /* a want without sha256 is taken as it comes */
	int parallel;	      /* downloads at once, 0 = a sensible default */
	int stall_seconds; /* a slower transfer than 1 KB/s is given up after this time, 0 = 30 */
	int pause_ms; /* before all places are tried again (longer before a third time), 0 = 1000 */
};

/* One file to have. */
struct hull_source_want {
	const char *url, *file; /* as in struct hull_spec_source */
	const char *sha256;	/* expected; NULL is an error unless accept_unpinned */
	const char *where;	/* "SPECS/zlib/zlib.spec:7", for messages */
	const char *dir;	/* directory of the spec for relative names, or NULL */
	/* out: */
	char *origin; /* URL or path it was taken from, "store" when it was there; owned by the
			 caller */
	char *error;  /* why there is none, when !ok; owned by the caller */
	char digest[HULL_HEX]; /* of the file in the store, when ok */
	bool ok;
};

void hull_source_want_fini(struct hull_source_want *w); /* frees what is out */

/*
 * Makes sure that every want is in the store as sources/<sha256>. Downloads run in parallel, show
 * progress, resume a partial file and retry on another mirror; what does not match its hash never
 * enters the store. On failure every want that failed is named in e, a line each (URL, place, both
 * hashes or HTTP status), after all others were finished; what does not fit there is in the wants'
 * own `error`.
 *
 * A stored file is trusted by its name. A file that lies in the directory of the spec goes before
 * every other origin; when the URL is just its name it is compared with its hash each time, because
 * people edit it.
 */
int hull_source_fetch(const struct hull_store *s, const struct hull_source_options *o,
		      struct hull_source_want *wants, size_t n, struct hull_progress *progress,
		      struct hull_err *e);

/* An array of wants; zero-initialise. */
struct hull_source_wants {
	struct hull_source_want *v;
	size_t n, cap;
	struct hull_arena arena; /* owns the `where` texts */
};

void hull_source_wants_fini(struct hull_source_wants *w);

/* Adds what a build of the spec reads from the store: every Source line, and every Patch that does
 * not lie in its directory or has a hash. The strings belong to the spec. */
void hull_source_wants_add(struct hull_source_wants *w, const struct hull_spec *spec);

/*
 * The bases of the Debian archive ("http://host/debian/", with the slash), distinct and in order:
 * the words of `given`, or, when it is NULL, those of the host's apt. An error if there is none.
 */
int hull_debian_bases(const char *given, struct hull_strv *out, struct hull_err *e);

/* A line of signatures.json that was changed; old or new is NULL. */
struct hull_pin_change {
	char *spec, *file; /* name of the spec, of the file */
	char *old_sha256, *new_sha256;
	char *origin; /* where the new file came from; NULL when the name was dropped */
};

struct hull_pin_changes {
	struct hull_pin_change *v; /* in order of specs and files */
	size_t n, cap;
};

void hull_pin_changes_fini(struct hull_pin_changes *c);

/*
 * Fetches the sources of the specs that have no hash (or all, of what is not a local patch),
 * without checking them against anything, and writes their hashes into <name>.signatures.json:
 * sorted, without names that the spec does not have any more, by rename. Files that lie next to the
 * spec are always hashed again. What could be fetched is written even if something else failed.
 */
int hull_source_update(const struct hull_store *s, const struct hull_source_options *o,
		       const struct hull_spec *const *specs, size_t n, bool all,
		       struct hull_pin_changes *out, struct hull_progress *progress,
		       struct hull_err *e);
