// SPDX-License-Identifier: MIT
#include "sandbox/footprint.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"

enum {
	DEPTH = 1000, /* of directories; with names of one letter a path has no more than 2,048 */
	PAUSE_MS = 100,
	/* of a processor's time, one part in so many is spent on counting: when a limit may have been
	 * passed, and else at least so often */
	SHARE = 20,
	EVERY_MS = 2000,
	EVERY_SHARE = 200,
};

/* --- in the counter --- */

struct written {
	uint64_t bytes, inodes;
};

struct counter {
	const struct hull_footprint *f;
	const struct hull_limits *max;
	int proc, result;
};

static bool is_over(const struct written *c, const struct hull_limits *max)
{
	return (max->disk_bytes && c->bytes > max->disk_bytes) ||
	       (max->inodes && c->inodes > max->inodes);
}

static void count_entry(int dir, const char *name, int depth, const struct hull_limits *max,
			struct written *c);

/* What cannot be read is not counted; what is too deep to be looked at is as good as too much. */
static void count_directory(int parent, const char *name, int depth, const struct hull_limits *max,
			    struct written *c)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *de;

	if (depth > DEPTH || (fd < 0 && (errno == EMFILE || errno == ENFILE)))
		c->inodes = max->inodes ? max->inodes + 1 : c->inodes;
	if (!d) {
		hull_closep(&fd);
		return;
	}
	while (!is_over(c, max) && (de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			count_entry(fd, de->d_name, depth, max, c);
	closedir(d);
}

/* A file with several names counts in parts: all its names are in the tree, or it is not its own. */
static void count_entry(int dir, const char *name, int depth, const struct hull_limits *max,
			struct written *c)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	c->inodes++;
	if (S_ISDIR(st.st_mode)) {
		c->bytes += (uint64_t)st.st_blocks * 512;
		count_directory(dir, name, depth + 1, max, c);
	} else {
		c->bytes += (uint64_t)st.st_blocks * 512 / (st.st_nlink ? st.st_nlink : 1);
	}
}

/* As in the sandbox its owner may read what is closed to all others. Root may anyway; to the sandbox, its id
 * can be that of a stranger. */
static void take_rights(pid_t first)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/ns/user", (int)first);
	hull_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct rlimit files;

	if (fd >= 0 && geteuid() != 0 && setns(fd, CLONE_NEWUSER) < 0)
		return; /* what can be read without counts */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void count_all(void *ctx)
{
	const struct counter *k = ctx;
	struct written c = {0};

	take_rights(k->f->first);
	for (size_t i = 0; i < k->f->n && !is_over(&c, k->max); i++) {
		const struct hull_footprint_dir *dir = &k->f->dirs[i];

		count_directory(dir->fd, ".", 0, k->max, &c);
		c.bytes += hull_footprint_nameless(k->proc, dir->dev);
	}
	_exit(write(k->result, &c, sizeof c) != (ssize_t)sizeof c);
}

/* --- files without a name --- */

struct nameless {
	struct nameless_file {
		ino_t ino;
		uint64_t bytes;
	} * v;
	size_t n, cap;
};

static int by_inode(const void *x, const void *y)
{
	const ino_t a = ((const struct nameless_file *)x)->ino;
	const ino_t b = ((const struct nameless_file *)y)->ino;

	return (a > b) - (a < b);
}

static void add_nameless(struct nameless *list, int proc, const char *pid, dev_t dev)
{
	hull_autofree char *path = hull_asprintf("%s/fd", pid);
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *de;
	struct stat st;

	if (!d) {
		hull_closep(&fd);
		return;
	}
	while ((de = readdir(d))) {
		if (*de->d_name == '.' || fstatat(fd, de->d_name, &st, 0) < 0 || st.st_dev != dev ||
		    st.st_nlink)
			continue;
		list->v = hull_grow(list->v, &list->cap, list->n, sizeof *list->v);
		list->v[list->n++] = (struct nameless_file){.ino = st.st_ino,
							    .bytes = (uint64_t)st.st_blocks * 512};
	}
	closedir(d);
}

uint64_t hull_footprint_nameless(int proc, dev_t dev)
{
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct nameless list = {0};
	const struct dirent *de;
	uint64_t bytes = 0;

	if (!d) {
		hull_closep(&fd);
		return 0;
	}
	while ((de = readdir(d)))
		if (isdigit((unsigned char)*de->d_name))
			add_nameless(&list, proc, de->d_name, dev);
	closedir(d);
	if (list.n)
		qsort(list.v, list.n, sizeof *list.v, by_inode);
	for (size_t i = 0; i < list.n; i++) /* processes share most of what they have open */
		if (!i || list.v[i].ino != list.v[i - 1].ino)
			bytes += list.v[i].bytes;
	free(list.v);
	return bytes;
}

/* --- when to count --- */

/*
 * Adds what a file system has become fuller by. That is not seen if at the same time it becomes emptier
 * by what others remove, or if it does not tell how many inodes there are (btrfs).
 */
static void look_at_filesystem(struct hull_footprint *f, struct hull_footprint_dir *dir)
{
	struct statfs fs;
	uint64_t bytes, inodes;

	if (fstatfs(dir->fd, &fs) < 0)
		return;
	bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
	inodes = (uint64_t)(fs.f_files - fs.f_ffree);
	if (bytes > dir->used_bytes)
		f->more_bytes += bytes - dir->used_bytes;
	if (inodes > dir->used_inodes)
		f->more_inodes += inodes - dir->used_inodes;
	dir->used_bytes = bytes;
	dir->used_inodes = inodes;
}

static int add_directory(struct hull_footprint *f, const char *path, struct hull_err *e)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode)) { /* the job server's fifo */
		close(fd);
		return 0;
	}
	f->dirs = hull_grow(f->dirs, &f->cap, f->n, sizeof *f->dirs);
	f->dirs[f->n] = (struct hull_footprint_dir){.fd = fd, .dev = st.st_dev};
	look_at_filesystem(f, &f->dirs[f->n++]);
	return 0;
}

int hull_footprint_init(struct hull_footprint *f, const struct hull_plan *p, pid_t first,
			struct hull_err *e)
{
	*f = HULL_FOOTPRINT_NONE;
	f->first = first;
	if (p->sandbox.writable && add_directory(f, p->sandbox.root, e) < 0) {
		hull_footprint_fini(f);
		return -1;
	}
	for (size_t i = 0; i < p->sandbox.nmounts; i++) {
		const struct hull_mount *m = &p->sandbox.mounts[i];

		if (m->kind == HULL_MOUNT_RW && add_directory(f, m->source, e) < 0) {
			hull_footprint_fini(f);
			return -1;
		}
	}
	f->more_bytes = f->more_inodes = 0;
	return 0;
}

void hull_footprint_fini(struct hull_footprint *f)
{
	if (f->counter > 0) {
		kill(f->counter, SIGKILL);
		hull_ignore(hull_wait(f->counter, NULL));
	}
	hull_closep(&f->result);
	for (size_t i = 0; i < f->n; i++)
		close(f->dirs[i].fd);
	free(f->dirs);
	*f = HULL_FOOTPRINT_NONE;
}

static int start_counter(struct hull_footprint *f, int proc, const struct hull_limits *max,
			 struct hull_err *e)
{
	struct counter k = {.f = f, .max = max, .proc = proc};
	hull_autofd int write_end = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return hull_fail_errno(e, "pipe");
	f->result = fds[0];
	write_end = fds[1];
	k.result = write_end;
	f->counter = hull_fork(count_all, &k, e);
	if (f->counter < 0)
		return -1;
	f->more_bytes = f->more_inodes = 0;
	return 0;
}

/* A counter that ends without a result is tried again. */
static void take_result(struct hull_footprint *f, int64_t now_ms)
{
	struct rusage took = {0};
	struct written c;
	int64_t cost_ms;
	ssize_t n = read(f->result, &c, sizeof c);

	if (n < 0)
		return;
	if (n == (ssize_t)sizeof c) {
		f->bytes = c.bytes;
		f->inodes = c.inodes;
	}
	while (wait4(f->counter, NULL, 0, &took) < 0 && errno == EINTR)
		;
	hull_closep(&f->result);
	f->counter = 0;
	cost_ms = (took.ru_utime.tv_sec + took.ru_stime.tv_sec) * 1000 +
		  (took.ru_utime.tv_usec + took.ru_stime.tv_usec) / 1000;
	f->next_ms = now_ms + PAUSE_MS + SHARE * cost_ms;
	f->routine_ms = now_ms + EVERY_MS + EVERY_SHARE * cost_ms;
}

int hull_footprint_look(struct hull_footprint *f, int proc, const struct hull_limits *max,
			int64_t now_ms, struct hull_err *e)
{
	struct written most;

	for (size_t i = 0; i < f->n; i++)
		look_at_filesystem(f, &f->dirs[i]);
	if (f->counter)
		take_result(f, now_ms);
	most = (struct written){f->bytes + f->more_bytes, f->inodes + f->more_inodes};
	if (!f->n || f->counter || now_ms < f->next_ms ||
	    (now_ms < f->routine_ms && !is_over(&most, max)))
		return 0;
	return start_counter(f, proc, max, e);
}
