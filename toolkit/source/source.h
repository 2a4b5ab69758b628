// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/progress.h"
#include "base/store.h"
#include "base/str.h"

/* Where sources come from: the store, a look-aside mirror, the URL of the Source line. */

struct hull_source_options {
	const char *const *mirrors; /* --source-url: tried before the URL, <mirror>/<file> */
	size_t nmirrors;
	bool offline; /* the store or nothing (file: URLs are still read) */
	int parallel; /* downloads at once, 0 = a sensible default */
};

/* One file to have. */
struct hull_source_want {
	const char *url, *file; /* as in struct hull_spec_source */
	const char *sha256; /* expected; never NULL for hull_source_fetch */
	const char *where; /* "SPECS/zlib/zlib.spec:7", for messages */
	const char *dir; /* folder of the spec for relative names, or NULL */
	/* out: */
	char *origin; /* URL it was taken from, "store" when it was there; owned by the caller */
	bool ok;
};

/*
 * Makes sure that every want is in the store as sources/<sha256>. Downloads run in parallel, show progress,
 * resume a partial file and retry on another mirror; what does not match its hash never enters the
 * store. On failure every want that failed is named in e, a line each (URL, place, both hashes or HTTP
 * status), after all others were finished.
 */
int hull_source_fetch(const struct hull_store *s, const struct hull_source_options *o,
		      struct hull_source_want *wants, size_t n, struct hull_progress *progress,
		      struct hull_err *e);
