// SPDX-License-Identifier: MIT
#include "scriptrun/rootdir.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { PIECE_BYTES = 1 << 20 };

struct maker {
	const struct hull_tree *t;
	int dirfd;
	char *piece;
	struct hull_arena arena; /* of paths */
	struct hull_err *e;
};

/* Relative to the directory. */
static const char *path_of(struct maker *m, int node)
{
	const char *path = hull_tree_path(m->t, node, &m->arena);

	return path[1] ? path + 1 : ".";
}

static int write_content(struct maker *m, const struct hull_node *n, int out, const char *path)
{
	if (hull_content_check(&n->content, m->e) < 0)
		return hull_wrap(m->e, "%s: ", path);
	for (uint64_t at = 0; at < n->size_bytes;) {
		uint64_t left = n->size_bytes - at;
		size_t now = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

		if (hull_content_read(&n->content, at, m->piece, now, m->e) < 0 ||
		    hull_fd_write(out, m->piece, now, m->e) < 0)
			return hull_wrap(m->e, "%s: ", path);
		at += now;
	}
	return 0;
}

static int make_file(struct maker *m, const struct hull_node *n, const char *path)
{
	hull_autofd int fd =
		openat(m->dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return hull_fail_errno(m->e, "%s", path);
	if (write_content(m, n, fd, path) < 0)
		return -1;
	return fchmod(fd, n->mode & 07777) < 0 ? hull_fail_errno(m->e, "%s", path) : 0;
}

static int make_node(struct maker *m, int node)
{
	const struct hull_node *n = &m->t->v[m->t->v[node].inode];
	const char *path = path_of(m, node);
	int r = 0;

	if (m->t->v[node].inode != node && !S_ISDIR(n->mode)) {
		const char *first = path_of(m, m->t->v[node].inode);

		r = linkat(m->dirfd, first, m->dirfd, path, 0);
		/* the first name comes later in the tree */
		if (r < 0 && errno == ENOENT)
			return S_ISREG(n->mode) ? make_file(m, n, path) : 0;
	} else if (S_ISREG(n->mode)) {
		return make_file(m, n, path);
	} else if (S_ISDIR(n->mode)) {
		r = node == HULL_TREE_ROOT ? 0 : mkdirat(m->dirfd, path, 0700);
	} else if (S_ISLNK(n->mode)) {
		r = symlinkat(n->target, m->dirfd, path);
	} else if (S_ISFIFO(n->mode)) {
		r = mkfifoat(m->dirfd, path, n->mode & 0777);
	}
	return r < 0 ? hull_fail_errno(m->e, "%s", path) : 0;
}

/* Permissions of directories last: one may be read-only. */
static int set_attributes(struct maker *m, int node)
{
	const struct hull_node *n = &m->t->v[m->t->v[node].inode];
	const struct timespec times[2] = {{.tv_sec = n->mtime}, {.tv_sec = n->mtime}};
	const char *path = path_of(m, node);

	if (S_ISCHR(n->mode) || S_ISBLK(n->mode) || S_ISSOCK(n->mode))
		return 0;
	if (S_ISDIR(n->mode) && fchmodat(m->dirfd, path, n->mode & 07777, 0) < 0)
		return hull_fail_errno(m->e, "%s", path);
	if (utimensat(m->dirfd, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(m->e, "%s", path);
	return 0;
}

/* What is below a directory before the directory itself. */
static int finish_below(struct maker *m, int node)
{
	for (int c = m->t->v[node].first_child; c != HULL_NO_NODE; c = m->t->v[c].next_sibling)
		if (finish_below(m, c) < 0)
			return -1;
	return set_attributes(m, node);
}

int hull_root_make(const struct hull_tree *t, int dirfd, struct hull_err *e)
{
	struct maker m = {.t = t, .dirfd = dirfd, .piece = hull_alloc(PIECE_BYTES), .e = e};
	int r = 0;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE && r == 0;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT))
		r = make_node(&m, i);
	if (r == 0)
		r = finish_below(&m, HULL_TREE_ROOT);
	hull_freep(&m.piece);
	hull_arena_fini(&m.arena);
	return r;
}
