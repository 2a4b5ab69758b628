// SPDX-License-Identifier: MIT
#pragma once

#include "closure/chain.h"
#include "solve/pool.h"

/* How links are found, shared by the files of this module only. */

/* The requests of a lock, in its order. */
int hull_links_wants(const struct hull_lock *l, struct hull_arena *a, struct hull_deps *out,
		     struct hull_err *e);

/* Links between the members of a set, which is sorted here; ids are their handles in the order of
 * the lock. There is room for as many more as it has packages. */
void hull_links_take(struct hull_links *k, const struct hull_lock *l, struct hull_pool *pool,
		     struct hull_pkgset *set, const hull_pkgid *ids, const struct hull_deps *wants);

/* Adds the reasons that are no requirements, and sorts. */
void hull_links_finish(struct hull_links *k, const struct hull_lock *l);
void hull_links_sort(struct hull_links *k);
