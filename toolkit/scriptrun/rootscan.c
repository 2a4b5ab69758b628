// SPDX-License-Identifier: MIT
#include "scriptrun/rootscan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "base/utf8.h"

enum { MAX_PATHS = 2000000 };

static bool is_left_out(const char *path)
{
	static const char *const names[] = {"/dev", "/proc", "/run", "/sys", "/tmp"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(path, names[i]))
			return true;
	return false;
}

/* What is opened without following links; its owner may not be able to read it. */
static int open_anyway(int dirfd, const char *path, const struct stat *st, int flags)
{
	int fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);

	if (fd >= 0 || errno != EACCES)
		return fd;
	if (fchmodat(dirfd, path, (st->st_mode & 07777) | 0700, 0) < 0)
		return -1;
	fd = openat(dirfd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);
	if (fd >= 0 && fchmod(fd, st->st_mode & 07777) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int scan_directory(struct hull_scan *s, int fd, const char *path, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(fd, ".", &names, e) < 0)
		return hull_wrap(e, "%s: ", path);
	for (size_t i = 0; i < names.n; i++) {
		const char *full = hull_arena_printf(&s->arena, "%s/%s", path, names.v[i]);
		struct hull_scanned *f;
		hull_autofd int below = -1;

		if (is_left_out(full))
			continue;
		if (s->n == MAX_PATHS)
			return hull_fail(e, HULL_FAILED, "more than %d files", MAX_PATHS);
		if (!hull_utf8_is_valid(full))
			return hull_fail(e, HULL_FAILED, "a name that is not UTF-8: %s", full);
		s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
		f = &s->v[s->n++];
		f->path = full;
		if (fstatat(fd, names.v[i], &f->st, AT_SYMLINK_NOFOLLOW) < 0)
			return hull_fail_errno(e, "%s", full);
		if (!S_ISDIR(f->st.st_mode))
			continue;
		below = open_anyway(fd, names.v[i], &f->st, O_DIRECTORY);
		if (below < 0)
			return hull_fail_errno(e, "%s", full);
		/* to open one may have changed its time, and nothing else */
		if (fstat(below, &f->st) < 0)
			return hull_fail_errno(e, "%s", full);
		if (scan_directory(s, below, full, e) < 0)
			return -1;
	}
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct hull_scanned *)a)->path,
		      ((const struct hull_scanned *)b)->path);
}

int hull_scan_init(struct hull_scan *s, int dirfd, struct hull_err *e)
{
	*s = (struct hull_scan){0};
	if (scan_directory(s, dirfd, "", e) < 0) {
		hull_scan_fini(s);
		return -1;
	}
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_path);
	return 0;
}

void hull_scan_fini(struct hull_scan *s)
{
	free(s->v);
	hull_arena_fini(&s->arena);
	*s = (struct hull_scan){0};
}

const struct hull_scanned *hull_scan_find(const struct hull_scan *s, const char *path)
{
	const struct hull_scanned key = {.path = path};

	return s->n ? bsearch(&key, s->v, s->n, sizeof *s->v, by_path) : NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

void hull_scan_differences(const struct hull_scan *before, const struct hull_scan *after,
			   void (*differs)(const char *path, void *ctx), void *ctx)
{
	size_t i = 0, k = 0;

	while (i < before->n || k < after->n) {
		int order = i == before->n  ? 1
			    : k == after->n ? -1
					    : strcmp(before->v[i].path, after->v[k].path);

		if (order < 0)
			differs(before->v[i++].path, ctx);
		else if (order > 0)
			differs(after->v[k++].path, ctx);
		else if (!is_same(&before->v[i++].st, &after->v[k++].st))
			differs(after->v[k - 1].path, ctx);
	}
}

int hull_scan_read(int dirfd, const struct hull_scanned *f, struct hull_buf *out,
		   char out_sha256[HULL_HEX], struct hull_err *e)
{
	hull_autofd int fd = open_anyway(dirfd, f->path + 1, &f->st, 0);

	if (fd < 0)
		return hull_fail_errno(e, "%s", f->path);
	out->n = 0;
	if (hull_fd_read(fd, out, e) < 0)
		return hull_wrap(e, "%s: ", f->path);
	hull_hash_bytes(out->p ? out->p : "", out->n, out_sha256);
	return 0;
}
