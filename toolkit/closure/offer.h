// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/progress.h"
#include "repo/location.h"
#include "solve/pool.h"
#include "store/store.h"

/* The packages of several repositories in one pool; a package's owner is the index of its
 * repository. */
struct hull_offer {
	struct hull_pool *pool;
	char (*digests)[HULL_HEX]; /* of repomd.xml, by repository */
};

/* Brings the indexes up to date; nothing is loaded yet: pool is NULL. */
HULL_CHECKED int hull_offer_init(struct hull_offer *o, const struct hull_store *s,
				 const struct hull_repository *repositories, size_t n, bool offline,
				 struct hull_progress *progress, struct hull_err *e);

/* Loads the indexes (of which there are as many as digests). `by_name`: of those that have packages of a
 * name only the first counts for it. */
HULL_CHECKED int hull_offer_load(struct hull_offer *o, const struct hull_store *s, size_t n,
				 const char *arch, bool by_name, struct hull_err *e);

void hull_offer_fini(struct hull_offer *o);
