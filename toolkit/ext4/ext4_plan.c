// SPDX-License-Identifier: MIT
#include "ext4/ext4_plan.h"

#include <stdlib.h>

#include "base/bytes.h"

enum { ROOT_INO = 2 };

uint32_t hull_ext4_plan_ino(size_t item)
{
	return item ? HULL_EXT4_FIRST_INO - 1 + hull_u32(item) : ROOT_INO;
}

int hull_ext4_plan_inode(const struct hull_ext4_plan *p, int node)
{
	size_t steps = 0;

	for (; p->tree->v[node].inode != node; node = p->tree->v[node].inode)
		hull_assert(steps++ < p->tree->n);
	return node;
}

const char *hull_ext4_plan_path(struct hull_ext4_plan *p, int node)
{
	return node == HULL_NO_NODE ? "/lost+found" : hull_tree_path(p->tree, node, &p->arena);
}

bool hull_ext4_plan_is_mount(const struct hull_ext4_plan *p, int node)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		if (p->mounts[i] == node)
			return true;
	}
	return false;
}

void hull_ext4_plan_fini(struct hull_ext4_plan *p)
{
	free(p->v);
	free(p->item_of);
	free(p->segments);
	hull_arena_fini(&p->arena);
	*p = (struct hull_ext4_plan){0};
}
