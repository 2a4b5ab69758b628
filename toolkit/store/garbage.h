// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "base/str.h"
#include "store/store.h"
#include "text/json.h"

/* The store as a whole: what is in it, and what of it is needed. */

/* kind -> {entries, bytes}; the caller decrefs. */
HULL_CHECKED json_t *hull_garbage_stat(const struct hull_store *s, struct hull_err *e);

struct hull_garbage_result {
	size_t removed; /* entries */
	uint64_t bytes;
};

struct hull_garbage_request {
	int64_t now, keep_since; /* seconds since 1970 */
	const char *seed;	 /* the id of one that is kept whatever the builds say, or NULL */
	bool dry_run;		 /* only count */
};

/*
 * Removes builds that finished before `keep_since` and are not the latest of their spec, then all
 * packages, sources, logs and seeds that no remaining build refers to, and parsed specs, stamps
 * and indexes older than that. Records go first, so an interruption leaves no record without its
 * packages. Waits for no running build: entries that were changed within the hour before `now` are
 * always kept.
 */
HULL_CHECKED int hull_garbage_collect(const struct hull_store *s,
				      const struct hull_garbage_request *request,
				      struct hull_progress *progress,
				      struct hull_garbage_result *out, struct hull_err *e);
