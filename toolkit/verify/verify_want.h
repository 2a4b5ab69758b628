// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "image/diskplan.h"
#include "payload/payload.h"
#include "verify/verification.h"
#include "verify/verify_request.h"

/* The tree that the image writer makes of a configuration and the packages in the image's lock. */
struct hull_wanted_tree {
	struct hull_packages packages;
	struct hull_tree tree;
	struct hull_disk_plan plan;
	bool has_plan;
	char seed[HULL_HEX];
};

/* false if it cannot be made, which is told as a link that is not checked. */
bool hull_wanted_tree_init(struct hull_wanted_tree *out, const struct hull_verify_request *r,
			   struct hull_verification *v);
void hull_wanted_tree_fini(struct hull_wanted_tree *w);
