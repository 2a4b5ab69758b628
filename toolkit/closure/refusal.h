// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "solve/pool.h"

/*
 * Why there is no package set for a configuration, after hull_pool_closure failed with the text in
 * e: unknown packages with near names, the chain that brings in a forbidden package, or the
 * conflict and which packages of the configuration could be left out. Replaces the text of e.
 */
void hull_refusal(struct hull_pool *pool, const struct hull_closure_request *q,
		  const struct hull_image_config *config, struct hull_err *e);

/* -1 with its name in e if a set has a package of debug information: no image gets one. */
HULL_CHECKED int hull_refuse_debuginfo(struct hull_pool *pool, const struct hull_pkgset *set,
				       struct hull_err *e);
