// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "readfs/driver.h"

/* The tree of a file system, whatever its kind. */

enum {
	PATIENCE = 16 << 20, /* pieces of the disk for all of it */
	MAX_NODES = 2 << 20,
	MAX_DEPTH = 2048, /* paths have no room for more */
	MAX_TARGET = 4096,
};

/* Nodes by inode: directories, and files with several names. Open addressing. */
struct seen_inodes {
	uint64_t *inode;
	int *node; /* 0: free; no node but the root of all has this number */
	size_t n, size;
};

struct unread {
	uint64_t inode;
	int node, depth;
};

struct fs_walk {
	struct hull_readfs *f;
	struct hull_tree *t;
	struct seen_inodes seen;
	struct unread *directories; /* that are still to be read */
	size_t ndirectories, cap;
	struct unread in; /* the one that is read */
	size_t first;	  /* number of nodes before */
	int node;	  /* whose xattrs are read */
	uint64_t file_bytes, most_bytes;
};

static size_t slot(const struct seen_inodes *s, uint64_t inode)
{
	size_t i = (size_t)(inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->size - 1);

	while (s->node[i] && s->inode[i] != inode)
		i = (i + 1) & (s->size - 1);
	return i;
}

/* The node of an inode, or 0. */
static int find_seen(const struct seen_inodes *s, uint64_t inode)
{
	return s->size ? s->node[slot(s, inode)] : 0;
}

static void add_seen(struct seen_inodes *s, uint64_t inode, int node)
{
	size_t i;

	if (s->n * 2 >= s->size) {
		struct seen_inodes larger = {.size = s->size ? s->size * 2 : 1024, .n = s->n};

		larger.inode = hull_alloc_array(larger.size, sizeof *larger.inode);
		larger.node = hull_alloc_array(larger.size, sizeof *larger.node);
		for (size_t j = 0; j < s->size; j++) {
			if (!s->node[j])
				continue;
			i = slot(&larger, s->inode[j]);
			larger.inode[i] = s->inode[j];
			larger.node[i] = s->node[j];
		}
		free(s->inode);
		free(s->node);
		*s = larger;
	}
	i = slot(s, inode);
	s->inode[i] = inode;
	s->node[i] = node;
	s->n++;
}

static int take_xattr(void *context, const char *name, const void *value, size_t n,
		      struct hull_err *e)
{
	struct fs_walk *w = context;

	(void)e;
	hull_tree_set_xattr(w->t, w->node, name, value, n);
	return 0;
}

static int read_target(struct fs_walk *w, uint64_t inode, uint64_t n, int node, struct hull_err *e)
{
	char *target;

	if (!n || n >= MAX_TARGET)
		return hull_readfs_bad(w->f, e, "inode %" PRIu64 ": a symlink of %" PRIu64 " bytes",
				       inode, n);
	target = hull_arena_alloc(&w->t->arena, (size_t)n + 1);
	if (w->f->driver->read(w->f, inode, 0, target, (size_t)n, e) < 0)
		return -1;
	target[n] = '\0';
	if (strlen(target) != n)
		return hull_readfs_bad(w->f, e, "inode %" PRIu64 ": a symlink to a path with a NUL",
				       inode);
	w->t->v[node].target = target;
	return 0;
}

static int take_size(struct fs_walk *w, uint64_t inode, uint64_t n, struct hull_err *e)
{
	char most[HULL_AMOUNT];

	if (n > w->most_bytes - w->file_bytes)
		return hull_readfs_bad(
			w->f, e,
			"inode %" PRIu64 ": a file of %" PRIu64
			" bytes: with it there are more than %s, the limit for its disk",
			inode, n, hull_size_text(w->most_bytes, most));
	w->file_bytes += n;
	return 0;
}

static int fill(struct fs_walk *w, uint64_t inode, const struct readfs_inode *i, int node,
		struct hull_err *e)
{
	struct hull_node *n = &w->t->v[node];

	n->mode = i->mode;
	n->uid = i->uid;
	n->gid = i->gid;
	n->mtime = i->mtime;
	if (S_ISREG(i->mode)) {
		if (take_size(w, inode, i->size_bytes, e) < 0)
			return -1;
		n->size_bytes = i->size_bytes;
		n->content =
			(struct hull_content){.source = &w->f->source, .id = inode, .dirfd = -1};
	} else if (S_ISLNK(i->mode)) {
		if (read_target(w, inode, i->size_bytes, node, e) < 0)
			return -1;
	} else if (S_ISCHR(i->mode) || S_ISBLK(i->mode)) {
		n->major = i->major;
		n->minor = i->minor;
	} else if (!S_ISDIR(i->mode) && !S_ISFIFO(i->mode) && !S_ISSOCK(i->mode)) {
		return hull_readfs_bad(w->f, e,
				       "inode %" PRIu64 ": mode 0%o, which is no type of file",
				       inode, i->mode);
	}
	w->node = node;
	return w->f->driver->xattrs(w->f, inode, take_xattr, w, e);
}

static int add_directory(struct fs_walk *w, uint64_t inode, int node, int depth, struct hull_err *e)
{
	if (find_seen(&w->seen, inode) || (depth && inode == w->f->root))
		return hull_readfs_bad(w->f, e, "inode %" PRIu64 ": a directory in two places",
				       inode);
	if (depth > MAX_DEPTH)
		return hull_readfs_bad(w->f, e, "inode %" PRIu64 ": more than %d directories deep",
				       inode, MAX_DEPTH);
	if (depth)
		add_seen(&w->seen, inode, node);
	w->directories =
		hull_grow(w->directories, &w->cap, w->ndirectories, sizeof *w->directories);
	w->directories[w->ndirectories++] = (struct unread){inode, node, depth};
	return 0;
}

static int bad_name(struct fs_walk *w, const char *name, size_t n, const char *cause,
		    struct hull_err *e)
{
	return hull_readfs_bad(w->f, e, "inode %" PRIu64 ": %s '%.*s' in a directory", w->in.inode,
			       cause, (int)n, name);
}

static int take_entry(void *context, uint64_t inode, const char *name, size_t n, struct hull_err *e)
{
	struct fs_walk *w = context;
	struct readfs_inode i = {0};
	int node, first;

	if (!n || n > 255 || memchr(name, '/', n) || memchr(name, '\0', n) ||
	    (n <= 2 && !memcmp(name, "..", n)))
		return bad_name(w, name, n, "the name", e);
	if (w->t->n - w->first >= MAX_NODES)
		return hull_readfs_bad(w->f, e, "more than %d files", MAX_NODES);
	if (hull_tree_check_path(w->t, w->in.node, n, e) < 0)
		return hull_wrap(e, "%s: %s: ", hull_disk_path(w->f->disk), w->f->driver->content);
	node = hull_tree_add_child(w->t, w->in.node, name, n);
	if (node == HULL_NO_NODE)
		return bad_name(w, name, n, "two files with the name", e);
	if (w->f->driver->inode(w->f, inode, &i, e) < 0)
		return -1;
	if (S_ISDIR(i.mode))
		return fill(w, inode, &i, node, e) < 0
			       ? -1
			       : add_directory(w, inode, node, w->in.depth + 1, e);
	first = i.links > 1 ? find_seen(&w->seen, inode) : 0;
	if (first) {
		w->t->v[node].inode = first;
		w->t->v[node].mode = w->t->v[first].mode;
		return 0;
	}
	if (i.links > 1)
		add_seen(&w->seen, inode, node);
	return fill(w, inode, &i, node, e);
}

static int walk(struct fs_walk *w, int top, struct hull_err *e)
{
	struct hull_readfs *f = w->f;
	struct readfs_inode i = {0};

	if (f->driver->inode(f, f->root, &i, e) < 0)
		return -1;
	if (!S_ISDIR(i.mode))
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": the root is no directory",
				       f->root);
	if (fill(w, f->root, &i, top, e) < 0 || add_directory(w, f->root, top, 0, e) < 0)
		return -1;
	while (w->ndirectories) {
		w->in = w->directories[--w->ndirectories];
		if (f->driver->entries(f, w->in.inode, take_entry, w, e) < 0)
			return -1;
	}
	return 0;
}

int hull_readfs_read_tree(struct hull_readfs *f, struct hull_tree *t, int top, struct hull_err *e)
{
	struct fs_walk w = {.f = f,
			    .t = t,
			    .first = t->n,
			    .most_bytes =
				    hull_unpacked_most(hull_disk_stored(f->disk)) + HULL_HOLES};
	int r;

	pthread_mutex_lock(&f->mutex);
	f->patience = PATIENCE;
	r = walk(&w, top, e);
	pthread_mutex_unlock(&f->mutex);
	free(w.seen.inode);
	free(w.seen.node);
	free(w.directories);
	return r;
}
