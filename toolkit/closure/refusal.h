// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "solve/pool.h"

/* Wants that no package satisfies in any version are an error, which has near names: before
 * hull_pool_closure, to which each is a problem of its own. */
HULL_CHECKED int hull_refuse_unknown(struct hull_pool *pool, const struct hull_deps *wants,
				     const struct hull_image_config *config, struct hull_err *e);

/*
 * Why there is no package set for a configuration, after hull_pool_closure failed with the text in
 * e: the chains that bring in forbidden packages, or the conflict and which packages of the
 * configuration could be left out. Replaces the text of e.
 */
void hull_refusal(struct hull_pool *pool, const struct hull_closure_request *q,
		  const struct hull_image_config *config, struct hull_err *e);

/* -1 with its name in e if a set has a package of debug information: no image gets one. */
HULL_CHECKED int hull_refuse_debuginfo(struct hull_pool *pool, const struct hull_pkgset *set,
				       struct hull_err *e);
