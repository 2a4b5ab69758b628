// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "seed/seed_lock.h"
#include "seed/seed_table.h"
#include "source/source.h"
#include "store/store.h"

/*
 * Makes a seed root in tmp/ of the store: brings the packages of the lock into the store, as sources
 * are (their hashes say that they are the right ones, wherever they come from), unpacks them, and does
 * what is left of the work of maintainer scripts. *out_root is its path relative to the store. The same
 * lock and tables give the same tree, times included. What cannot be had is told whole, with the ways
 * out.
 */
/* Adds the packages of a lock; the strings are the lock's and the wants'. */
void hull_seed_wants_add(struct hull_source_wants *w, const struct hull_seed_lock *l);

HULL_CHECKED int hull_seed_make(const struct hull_store *s, const struct hull_seed_table *t,
				const struct hull_seed_lock *l,
				const struct hull_source_options *sources,
				struct hull_progress *progress, char **out_root,
				struct hull_err *e);
