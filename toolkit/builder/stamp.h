// SPDX-License-Identifier: MIT
#pragma once

#include "builder/workspace.h"

/*
 * The memory of a run that left nothing to build, so that the next one with the same specs, macros,
 * seed, certificates and rules need not solve and read anything: stamps/<digest of all that>.json, spec -> {key,
 * packages [sha256]}. It holds while the store has all of it.
 */
struct hull_stamp_request {
	const struct hull_store *store;
	const struct hull_specs *specs;
	const size_t *selected; /* what was asked for */
	size_t nselected;
	const char *arch, *macros, *seed;
	const struct hull_keyring *keyring;
	struct hull_build_rules rules;
};

/* After everything asked for is DONE; what is left out of the trees is not asked for. */
HULL_CHECKED int hull_stamp_write(const struct hull_stamp_request *r,
				  const struct hull_workspace *w, struct hull_err *e);

/*
 * Whether there is nothing to build and the repository at `repo` has just that (see publish.h). The
 * number of packages of the repository goes to *out_packages.
 */
bool hull_stamp_holds(const struct hull_stamp_request *r, const char *repo, size_t *out_packages);
