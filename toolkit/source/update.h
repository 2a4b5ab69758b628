// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "source/source.h"
#include "store/store.h"

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
HULL_CHECKED int hull_source_update(const struct hull_store *s, const struct hull_source_options *o,
				    const struct hull_spec *const *specs, size_t n, bool all,
				    struct hull_pin_changes *out, struct hull_progress *progress,
				    struct hull_err *e);
