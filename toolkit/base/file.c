// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/mem.h"

/* --- what is opened to be read --- */

static int not_regular(const char *path, mode_t mode, struct hull_err *e)
{
	const char *kind = S_ISDIR(mode)    ? "directory"
			   : S_ISFIFO(mode) ? "FIFO"
			   : S_ISSOCK(mode) ? "socket"
					    : "device";

	return hull_fail(e, HULL_FAILED, "%s: a %s, not a regular file", path, kind);
}

/* What the shell makes of <(command), as against a FIFO, which can wait for its writer for ever. */
static bool is_unnamed_pipe(int fd, mode_t mode)
{
	struct statfs fs;

	return S_ISFIFO(mode) && fstatfs(fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC;
}

static int open_input(int dirfd, const char *path, bool pipes, struct hull_err *e)
{
	hull_autofd int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENXIO)
		return not_regular(path, fstatat(dirfd, path, &st, 0) < 0 ? 0 : st.st_mode, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return hull_fail_errno(e, "%s", path);
	if (S_ISREG(st.st_mode))
		return hull_steal_fd(&fd);
	if (!pipes || !is_unnamed_pipe(fd, st.st_mode))
		return not_regular(path, st.st_mode, e);
	if (fcntl(fd, F_SETFL, 0) < 0) /* of this opening only */
		return hull_fail_errno(e, "%s", path);
	return hull_steal_fd(&fd);
}

int hull_open(int dirfd, const char *path, struct hull_err *e)
{
	return open_input(dirfd, path, false, e);
}

static int too_large(uint64_t bytes, uint64_t most_bytes, struct hull_err *e)
{
	char has[HULL_AMOUNT], most[HULL_AMOUNT];

	if (bytes == most_bytes + 1)
		return hull_fail(e, HULL_FAILED, "more than %s, the limit for such a file",
				 hull_size_text(most_bytes, most));
	return hull_fail(e, HULL_FAILED, "%s, the limit for such a file is %s",
			 hull_size_text(bytes, has), hull_size_text(most_bytes, most));
}

int hull_fd_read_most(int fd, uint64_t most_bytes, struct hull_buf *out, struct hull_err *e)
{
	const uint64_t most = most_bytes < SIZE_MAX / 4 ? most_bytes : SIZE_MAX / 4;
	size_t from = out->n, want = 64 * 1024;
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > most)
			return too_large((uint64_t)st.st_size, most, e);
		want = (size_t)st.st_size + 1;
	}
	for (;;) {
		size_t room = out->cap > out->n + 1 ? out->cap - out->n - 1 : 0;
		ssize_t n;

		if (room < want)
			out->p = hull_grow(out->p, &out->cap, out->n + want, 1);
		room = out->cap - out->n - 1;
		n = read(fd, out->p + out->n, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hull_fail_errno(e, "read");
		out->n += (size_t)n;
		out->p[out->n] = '\0';
		if (n == 0)
			return 0;
		if (out->n - from > most)
			return too_large(most + 1, most, e);
		want = 1; /* room for what a size did not say: it grows by half or more */
	}
}

int hull_fd_read(int fd, struct hull_buf *out, struct hull_err *e)
{
	return hull_fd_read_most(fd, HULL_TEXT_BYTES, out, e);
}

int hull_file_read_most(int dirfd, const char *path, uint64_t most_bytes, struct hull_buf *out,
			struct hull_err *e)
{
	hull_autofd int fd = open_input(dirfd, path, true, e);

	if (fd < 0)
		return -1;
	if (hull_fd_read_most(fd, most_bytes, out, e) < 0)
		return hull_wrap(e, "%s: ", path);
	return 0;
}

int hull_file_read(int dirfd, const char *path, struct hull_buf *out, struct hull_err *e)
{
	return hull_file_read_most(dirfd, path, HULL_TEXT_BYTES, out, e);
}

/* --- reading and writing --- */

int hull_fd_write(int fd, const void *p, size_t n, struct hull_err *e)
{
	const char *at = p;

	while (n) {
		ssize_t m = write(fd, at, n);

		if (m < 0 && errno == EINTR)
			continue;
		if (m < 0)
			return hull_fail_errno(e, "write");
		at += m;
		n -= (size_t)m;
	}
	return 0;
}

ssize_t hull_fd_read_at(int fd, uint64_t offset_bytes, void *out, size_t n)
{
	char *to = out;
	size_t done = 0;

	while (done < n) {
		ssize_t m = pread(fd, to + done, n - done, (off_t)(offset_bytes + done));

		if (m < 0 && errno == EINTR)
			continue;
		if (m < 0)
			return -1;
		if (m == 0)
			break;
		done += (size_t)m;
	}
	return (ssize_t)done;
}

int hull_fd_write_at(int fd, uint64_t offset_bytes, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t m = pwrite(fd, at, n, (off_t)offset_bytes);

		if (m < 0 && errno == EINTR)
			continue;
		if (m < 0)
			return -1;
		at += m;
		offset_bytes += (uint64_t)m;
		n -= (size_t)m;
	}
	return 0;
}

int hull_fd_send(int file, uint64_t n, int out, struct hull_err *e)
{
	off_t at = 0;

	while ((uint64_t)at < n) {
		ssize_t m = sendfile(out, file, &at, (size_t)(n - (uint64_t)at));

		if (m < 0 && errno == EINTR)
			continue;
		if (m < 0)
			return hull_fail_errno(e, "send");
		if (m == 0)
			return hull_fail(e, HULL_FAILED, "the file ended while it was sent");
	}
	return 0;
}

uint64_t hull_unpacked_most(uint64_t packed_bytes)
{
	const uint64_t always = (uint64_t)1 << 30, times = 100;

	return packed_bytes < (UINT64_MAX - always) / times ? always + times * packed_bytes
							    : UINT64_MAX;
}

int hull_open_unnamed(int dirfd, struct hull_err *e)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has files without a name: such a file loses its name at once. */
	for (unsigned int i = 0; fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || i > 0); i++) {
		hull_autofree char *name = hull_asprintf(".hull-%d-%u", getpid(), i);

		fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlinkat(dirfd, name, 0);
		else if (errno != EEXIST)
			break;
	}
	return fd < 0 ? hull_fail_errno(e, "make a temporary file") : fd;
}

int hull_file_write(int dirfd, const char *path, const void *p, size_t n, mode_t mode,
		    struct hull_err *e)
{
	hull_autofree char *tmp = hull_asprintf("%s.tmp.%d", path, (int)getpid());
	hull_autofd int fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	if (hull_fd_write(fd, p, n, e) < 0) {
		hull_wrap(e, "%s: ", path);
		goto undo_tmp;
	}
	if (fsync(fd) < 0 || renameat(dirfd, tmp, dirfd, path) < 0) {
		hull_fail_errno(e, "%s", path);
		goto undo_tmp;
	}
	return 0;
undo_tmp:
	unlinkat(dirfd, tmp, 0);
	return -1;
}

int hull_mkdirs(int dirfd, const char *path, mode_t mode, struct hull_err *e)
{
	hull_autofree char *p = hull_strdup(path);
	char *at = p;

	if (mkdirat(dirfd, path, mode) == 0)
		return 0;
	while (at) {
		at = strchr(at + 1, '/');
		if (at)
			*at = '\0';
		if (mkdirat(dirfd, p, mode) < 0 && errno != EEXIST)
			return hull_fail_errno(e, "mkdir %s", p);
		if (at)
			*at = '/';
	}
	return 0;
}

/* A level takes a descriptor, so what is deeper than this is moved beside the tree and goes later. */
enum { REMOVE_LEVELS = 100 };
struct removal {
	int top;	  /* directory that the tree is in */
	const char *path; /* of the tree */
	unsigned int depth, moved;
};

static int remove_below(struct removal *rm, int dirfd, const char *path, struct hull_err *e);

static int remove_children(struct removal *rm, int fd, const char *path, struct hull_err *e)
{
	DIR *d = fdopendir(fd);
	const struct dirent *de;
	int r = 0;

	if (!d) {
		hull_fail_errno(e, "%s", path);
		close(fd);
		return -1;
	}
	while (r == 0 && (de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		if (de->d_type != DT_DIR && unlinkat(dirfd(d), de->d_name, 0) == 0)
			continue;
		r = remove_below(rm, dirfd(d), de->d_name, e);
		if (r < 0)
			hull_wrap(e, "%s/", path);
	}
	closedir(d);
	return r;
}

static int remove_below(struct removal *rm, int dirfd, const char *path, struct hull_err *e)
{
	struct stat st;
	int fd, r;

	if (fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : hull_fail_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		if (unlinkat(dirfd, path, 0) < 0 && errno != ENOENT)
			return hull_fail_errno(e, "remove %s", path);
		return 0;
	}
	if ((st.st_mode & 0700) != 0700 && fchmodat(dirfd, path, 0700, 0) < 0)
		return hull_fail_errno(e, "chmod %s", path);
	if (rm->depth == REMOVE_LEVELS) {
		hull_autofree char *beside = hull_asprintf("%s.deep-%u", rm->path, ++rm->moved);

		return renameat(dirfd, path, rm->top, beside) < 0
			       ? hull_fail_errno(e, "move %s to %s", path, beside)
			       : 0;
	}
	fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	rm->depth++;
	r = remove_children(rm, fd, path, e);
	rm->depth--;
	if (r < 0)
		return -1;
	if (unlinkat(dirfd, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return hull_fail_errno(e, "remove %s", path);
	return 0;
}

int hull_remove_tree(int dirfd, const char *path, struct hull_err *e)
{
	struct removal rm = {.top = dirfd, .path = path};

	if (remove_below(&rm, dirfd, path, e) < 0)
		return -1;
	for (unsigned int i = 1; i <= rm.moved; i++) {
		hull_autofree char *beside = hull_asprintf("%s.deep-%u", path, i);

		if (remove_below(&rm, dirfd, beside, e) < 0)
			return -1;
	}
	return 0;
}

/* For what no system call copies between. */
static int copy_by_hand(int in, int out, struct hull_err *e)
{
	enum { CHUNK = 256 * 1024 };
	hull_autofree char *chunk = hull_alloc(CHUNK);
	uint64_t at = 0;
	ssize_t n;

	while ((n = hull_fd_read_at(in, at, chunk, CHUNK)) > 0) {
		if (hull_fd_write_at(out, at, chunk, (size_t)n) < 0)
			return hull_fail_errno(e, "write");
		at += (uint64_t)n;
	}
	return n < 0 ? hull_fail_errno(e, "read") : 0;
}

int hull_fd_copy(int in, int out, struct hull_err *e)
{
	off_t from = 0, to = 0;
	ssize_t n;

	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	while ((n = copy_file_range(in, &from, out, &to, 1 << 30, 0)) > 0)
		;
	if (n == 0)
		return 0;
	if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
		return copy_by_hand(in, out, e);
	return hull_fail_errno(e, "copy");
}

int hull_file_copy(int from_dirfd, const char *from, int to_dirfd, const char *to,
		   struct hull_err *e)
{
	hull_autofd int in = hull_open(from_dirfd, from, e);
	hull_autofd int out = -1;
	struct stat st;

	if (in < 0)
		return -1;
	if (fstat(in, &st) < 0)
		return hull_fail_errno(e, "%s", from);
	out = openat(to_dirfd, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 07777);
	if (out < 0)
		return hull_fail_errno(e, "%s", to);
	if (hull_fd_copy(in, out, e) < 0) {
		unlinkat(to_dirfd, to, 0);
		return hull_wrap(e, "%s -> %s: ", from, to);
	}
	return 0;
}

int hull_dir_list(int dirfd_at, const char *path, struct hull_strv *out, struct hull_err *e)
{
	int fd = openat(dirfd_at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *de;
	DIR *d;

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	d = fdopendir(fd);
	if (!d) {
		hull_fail_errno(e, "%s", path);
		close(fd);
		return -1;
	}
	while ((de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			hull_strv_add(out, de->d_name);
	closedir(d);
	hull_strv_sort(out);
	return 0;
}

bool hull_exists(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

char *hull_realpath(const char *path, struct hull_err *e)
{
	char *p = realpath(path, NULL);

	if (!p)
		hull_fail_errno(e, "%s", path);
	return p;
}

int hull_tree_size(int dirfd_at, const char *path, uint64_t *out_bytes, uint64_t *out_files,
		   struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	struct stat st;

	if (fstatat(dirfd_at, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		*out_bytes += (uint64_t)st.st_blocks * 512 / (st.st_nlink ? st.st_nlink : 1);
		*out_files += 1;
		return 0;
	}
	if (hull_dir_list(dirfd_at, path, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *sub = hull_asprintf("%s/%s", path, names.v[i]);

		if (hull_tree_size(dirfd_at, sub, out_bytes, out_files, e) < 0)
			return -1;
	}
	return 0;
}
