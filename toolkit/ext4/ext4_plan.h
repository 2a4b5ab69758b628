// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext4/ext4_options.h"
#include "tree/tree.h"

/* What of a tree becomes which inode, and how many blocks it takes; independent of the size of the
 * file system. */

struct hull_ext4_item {
	int node;	/* of the tree; HULL_NO_NODE for the lost+found directory we add */
	uint32_t links; /* names that refer to it; of a directory: 2 and its subdirectories */
	uint32_t first_segment, n_segments;
	bool xattr_block;
};

/* Blocks of an item's content; between them are holes. */
struct hull_ext4_segment {
	uint32_t lblk, n;
};

struct hull_ext4_plan {
	const struct hull_tree *tree;
	const struct hull_ext4_options *o;
	int top;
	const int *mounts;
	size_t n_mounts;
	struct hull_ext4_item *v; /* in order of the tree; item 0 is the top */
	size_t n, cap;
	uint32_t *item_of; /* by node, not a hard link: 1 + the item, or 0 */
	struct hull_ext4_segment *segments;
	size_t n_segments, segments_cap;
	uint64_t blocks; /* of directories, files, symlinks, xattrs; extent trees not counted */
	bool own_lost_found;
	struct hull_arena arena; /* for paths in messages */
};

/* Makes the plan of the tree below `top` (ext4_measure.c). An error names what cannot be in a file
 * system. */
HULL_CHECKED int hull_ext4_plan_init(struct hull_ext4_plan *p, const struct hull_tree *t, int top,
				     const int *mounts, size_t n, const struct hull_ext4_options *o,
				     struct hull_err *e);
void hull_ext4_plan_fini(struct hull_ext4_plan *p);

enum { HULL_EXT4_FIRST_INO = 11 }; /* of the items behind the top */

/* The number of an item's inode. */
uint32_t hull_ext4_plan_ino(size_t item);

/* The node that has the mode, owner and content of a node: another one if that is a hard link. */
int hull_ext4_plan_inode(const struct hull_ext4_plan *p, int node);

/* In memory of the plan, for messages. */
const char *hull_ext4_plan_path(struct hull_ext4_plan *p, int node);

/* Whether a directory appears empty. */
bool hull_ext4_plan_is_mount(const struct hull_ext4_plan *p, int node);
