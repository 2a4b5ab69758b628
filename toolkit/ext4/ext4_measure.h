// SPDX-License-Identifier: MIT
#pragma once

#include "ext4/ext4_plan.h"

/* Makes the plan of the tree below `top`. An error names what cannot be in a file system. */
int hull_ext4_plan_init(struct hull_ext4_plan *p, const struct hull_tree *t, int top,
			const int *mounts, size_t n, const struct hull_ext4_options *o,
			struct hull_err *e);
