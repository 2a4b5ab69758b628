// SPDX-License-Identifier: MIT
#include "tree/copy.h"

#include <string.h>
#include <sys/stat.h>

void hull_node_copy_inode(struct hull_node *n, const struct hull_node *of)
{
	n->mode = of->mode;
	n->uid = of->uid;
	n->gid = of->gid;
	n->major = of->major;
	n->minor = of->minor;
	n->mtime = of->mtime;
	n->size_bytes = of->size_bytes;
	n->content = of->content;
	n->target = of->target;
	n->xattrs = of->xattrs;
}

static void copy_one(struct hull_tree *t, int from, int to, const struct hull_copy_owner *owner)
{
	const struct hull_node *source = &t->v[t->v[from].inode];
	struct hull_node *n = &t->v[to];

	n->inode = to;
	hull_node_copy_inode(n, source);
	if (owner->set) {
		n->uid = owner->uid;
		n->gid = owner->gid;
	}
	n->owner = -1;
}

int hull_tree_copy_below(struct hull_tree *t, int from, int to, const struct hull_copy_owner *owner,
			 struct hull_err *e)
{
	struct hull_arena arena = {0};
	const char *to_path = hull_tree_path(t, to, &arena);
	int rc = 0;

	for (int i = to; i >= 0 && rc == 0; i = t->v[i].parent)
		if (i == from)
			rc = hull_fail(e, HULL_FAILED, "%s: a directory copied into itself",
				       to_path);
	for (int i = t->v[from].first_child; rc == 0 && i >= 0; i = t->v[i].next_sibling) {
		const char *name = t->v[i].name;
		int old = hull_tree_child(t, to, name, strlen(name)), node;

		if (old >= 0) {
			if (S_ISDIR(t->v[old].mode) && S_ISDIR(t->v[i].mode))
				rc = hull_tree_copy_below(t, i, old, owner, e);
			continue;
		}
		node = hull_tree_add(t,
				     hull_arena_printf(&arena, "%s/%s",
						       to == HULL_TREE_ROOT ? "" : to_path, name),
				     e);
		rc = node < 0 ? -1 : hull_tree_copy(t, i, node, owner, e);
	}
	hull_arena_fini(&arena);
	return rc;
}

int hull_tree_copy(struct hull_tree *t, int from, int to, const struct hull_copy_owner *owner,
		   struct hull_err *e)
{
	copy_one(t, from, to, owner);
	return S_ISDIR(t->v[to].mode) ? hull_tree_copy_below(t, from, to, owner, e) : 0;
}
