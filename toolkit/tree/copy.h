// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "tree/tree.h"

/* Who owns copies: the given numbers, or whoever owns the original. */
struct hull_copy_owner {
	bool set;
	uint32_t uid, gid;
};

/* Gives a node what an inode has: mode, owner and group, time, device, content, target, attributes. Its
 * package and its own number stay what they are. */
void hull_node_copy_inode(struct hull_node *n, const struct hull_node *of);

/* Makes `to` (a node without children) what `from` is: type, mode, time, content, attributes. A
 * directory is copied with everything below it; nodes of copies have no package. */
HULL_CHECKED int hull_tree_copy(struct hull_tree *t, int from, int to,
				const struct hull_copy_owner *owner, struct hull_err *e);

/* Copies what is below one directory into another; what is there already is kept, directories are
 * merged. */
HULL_CHECKED int hull_tree_copy_below(struct hull_tree *t, int from, int to,
				      const struct hull_copy_owner *owner, struct hull_err *e);
