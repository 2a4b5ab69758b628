// SPDX-License-Identifier: MIT
#include "sparse.h"

#include <string.h>
#include <sys/stat.h>

#include "disk/detect.h"
#include "readfs/readfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both ends of a file, whatever size it claims. */
static void read_ends(const struct hull_node *f)
{
	static uint8_t buf[20000];
	size_t n = f->size_bytes < sizeof buf ? (size_t)f->size_bytes : sizeof buf;
	struct hull_err e;

	hull_ignore(hull_content_read(&f->content, 0, buf, n, &e));
	hull_ignore(hull_content_read(&f->content, f->size_bytes - n, buf, n, &e));
}

static void check(const struct hull_tree *t)
{
	struct hull_arena a = {0};
	size_t files = 0;

	for (int i = 0; i != HULL_NO_NODE && files < 1000; i = hull_tree_next(t, i, 0)) {
		const struct hull_node *n = &t->v[i], *f = &t->v[n->inode];

		hull_assert(f->inode == n->inode && (f->mode & S_IFMT) == (n->mode & S_IFMT));
		hull_assert(i == 0 || (n->name[0] && !strchr(n->name, '/')));
		hull_assert(!S_ISLNK(f->mode) || f->target[0]);
		if (files++ < 100 && i)
			hull_assert(hull_tree_find(t, hull_tree_path(t, i, &a)) == i);
		if (S_ISREG(f->mode) && files < 100)
			read_ends(f);
	}
	hull_arena_fini(&a);
}

/* A disk with a file system that Hull reads and does not write. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = fd < 0 ? NULL : sparse_disk(fd);
	const char *content = d ? hull_disk_detect(d, 0, hull_disk_size(d)) : NULL;
	struct hull_readfs *f;
	struct hull_tree t;
	struct hull_err e;

	if (!hull_readfs_knows(content))
		return 0;
	f = hull_readfs_open(d, content, 0, hull_disk_size(d), &e);
	if (!f)
		return 0;
	hull_tree_init(&t);
	if (hull_readfs_read_tree(f, &t, HULL_TREE_ROOT, &e) == 0)
		check(&t);
	hull_tree_fini(&t);
	hull_readfs_free(f);
	return 0;
}
