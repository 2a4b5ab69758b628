// SPDX-License-Identifier: MIT
#include "sandbox/watch.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "sandbox/footprint.h"

enum {
	/* What the kernel lets a socket have waiting, both ways: filter and plan see to it that none
	 * has more, and a machine has other defaults only if somebody set them. */
	SOCKET_BYTES = 2 * 212992,
	/* A pipe, once its user has 64 MiB of them. Nothing else that a descriptor stands for is as large
	 * and not counted. */
	DESCRIPTOR_BYTES = 8192,
	FREE_DESCRIPTORS = 64, /* of a process, that are not counted */
	INODE_BYTES = 1024,    /* of a tmpfs */
};

static int open_root(pid_t first, const char *path, int flags, struct hull_err *e)
{
	hull_autofree char *outside = hull_asprintf("/proc/%d/root%s", (int)first, path);
	int fd = open(outside, flags | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? hull_fail_errno(e, "%s", outside) : fd;
}

/* Where memory is that is shared: the kernel mounts a tmpfs for that, which has no path. */
static int find_shared(dev_t *out, struct hull_err *e)
{
	hull_autofd int fd = memfd_create("watch", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return hull_fail_errno(e, "memfd");
	*out = st.st_dev;
	return 0;
}

/* A file of /proc that shows the namespace of whoever has opened it. */
static int take_sysv(pid_t first)
{
	hull_autofd int pidfd = (int)syscall(SYS_pidfd_open, first, 0);

	return pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, HULL_PLAN_SYSV, 0);
}

static int open_sockets(pid_t first)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/net/sockstat", (int)first);

	return open(path, O_RDONLY | O_CLOEXEC);
}

static int open_tmpfs(struct hull_watch *w, const struct hull_plan *p, pid_t first,
		      struct hull_err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_step *st = &p->steps[i];
		int fd;

		if (st->kind != HULL_STEP_FILESYSTEM || strcmp(st->source, "tmpfs") != 0)
			continue;
		fd = open_root(first, st->target, O_PATH, e);
		if (fd < 0)
			return -1;
		w->tmpfs = hull_grow(w->tmpfs, &w->cap, w->ntmpfs, sizeof *w->tmpfs);
		w->tmpfs[w->ntmpfs++] = fd;
	}
	return 0;
}

int hull_watch_init(struct hull_watch *w, const struct hull_plan *p, pid_t first,
		    struct hull_err *e)
{
	*w = HULL_WATCH_NONE;
	w->proc = open_root(first, "/proc", O_RDONLY, e);
	if (w->proc < 0 || open_tmpfs(w, p, first, e) < 0 || find_shared(&w->shared, e) < 0) {
		hull_watch_fini(w);
		return -1;
	}
	w->sysv = take_sysv(first);
	w->sockets = open_sockets(first);
	return 0;
}

void hull_watch_fini(struct hull_watch *w)
{
	hull_closep(&w->proc);
	hull_closep(&w->sysv);
	hull_closep(&w->sockets);
	for (size_t i = 0; i < w->ntmpfs; i++)
		close(w->tmpfs[i]);
	free(w->tmpfs);
	*w = HULL_WATCH_NONE;
}

/* The number behind "\nNAME:" in a file of /proc, 0 if there is none. */
static uint64_t field(const char *text, const char *name)
{
	const char *at = text;
	size_t n = strlen(name);

	while ((at = strchr(at, '\n'))) {
		at++;
		if (!strncmp(at, name, n) && at[n] == ':')
			return strtoull(at + n + 1, NULL, 10);
	}
	return 0;
}

/* False when the process is gone. */
static bool read_file(int proc, const char *pid, const char *name, char *out, size_t size)
{
	char path[64];
	hull_autofd int fd = -1;
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", pid, name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, out, size - 1);
	if (n <= 0)
		return false;
	out[n] = '\0';
	return true;
}

/* --- what is found --- */

struct use {
	uint64_t private_bytes, shared_bytes, held_bytes; /* held: by the kernel, for a process */
	uint64_t tasks;
};

/* How many it has open; `slots` is a number from below which it may be. */
static uint64_t descriptors(int proc, const char *pid, uint64_t slots)
{
	char path[64];
	struct stat st;

	if (slots <= FREE_DESCRIPTORS)
		return 0;
	snprintf(path, sizeof path, "%s/fd", pid);
	if (fstatat(proc, path, &st, 0) == 0 && st.st_size > 0) /* since Linux 6.2 */
		slots = (uint64_t)st.st_size;
	return slots <= FREE_DESCRIPTORS ? 0 : slots - FREE_DESCRIPTORS;
}

static void add_process(int proc, const char *pid, bool divided, struct use *out)
{
	uint64_t private_kib, shared_kib;
	char text[4096], shares[4096];

	if (!read_file(proc, pid, "status", text, sizeof text))
		return;
	out->tasks += field(text, "Threads");
	private_kib = field(text, "RssAnon");
	shared_kib = field(text, "RssShmem");
	if (divided && read_file(proc, pid, "smaps_rollup", shares, sizeof shares)) {
		private_kib = field(shares, "Pss_Anon");
		shared_kib = field(shares, "Pss_Shmem");
	}
	out->private_bytes += (private_kib + field(text, "VmSwap")) * 1024;
	out->shared_bytes += shared_kib * 1024;
	out->held_bytes += (field(text, "VmPTE") + field(text, "HugetlbPages")) * 1024 +
			   descriptors(proc, pid, field(text, "FDSize")) * DESCRIPTOR_BYTES;
}

static void add_processes(const struct hull_watch *w, bool divided, uint64_t most_tasks,
			  struct use *out)
{
	int fd = openat(w->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *de;

	*out = (struct use){0};
	if (!d) {
		hull_closep(&fd);
		return;
	}
	while ((!most_tasks || out->tasks <= most_tasks) && (de = readdir(d)))
		/* the first process is a copy of hull, whose memory it shares */
		if (isdigit((unsigned char)*de->d_name) && strcmp(de->d_name, "1") != 0)
			add_process(w->proc, de->d_name, divided, out);
	closedir(d);
}

static void add_tmpfs(const struct hull_watch *w, uint64_t *out_bytes, uint64_t *out_inodes)
{
	struct statfs fs;

	for (size_t i = 0; i < w->ntmpfs; i++)
		if (fstatfs(w->tmpfs[i], &fs) == 0) {
			*out_bytes += (uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
			*out_inodes += (uint64_t)(fs.f_files - fs.f_ffree);
		}
}

uint64_t hull_watch_inodes(const struct hull_watch *w)
{
	uint64_t bytes = 0, inodes = 0;

	add_tmpfs(w, &bytes, &inodes);
	return inodes;
}

/* The two last columns of all lines but the first: bytes in memory and swapped out. */
static uint64_t sysv_bytes(int fd)
{
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;
	uint64_t bytes = 0;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || hull_fd_read(fd, &text, NULL) < 0 || !text.n)
		return 0;
	rest = text.p;
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) && *line) {
		char *swapped = strrchr(line, ' '), *at = swapped;

		if (!swapped)
			continue;
		bytes += strtoull(swapped, NULL, 10);
		while (at > line && *at == ' ')
			at--;
		while (at > line && *at != ' ')
			at--;
		bytes += strtoull(at, NULL, 10);
	}
	return bytes;
}

static uint64_t socket_bytes(int fd)
{
	static const char before[] = "sockets: used ";
	char text[64];
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

	if (n <= (ssize_t)sizeof before)
		return 0;
	text[n] = '\0';
	return hull_starts(text, before)
		       ? strtoull(text + sizeof before - 1, NULL, 10) * SOCKET_BYTES
		       : 0;
}

/* All shared memory and files in tmpfs of the machine. */
static uint64_t machine_shared_bytes(int proc)
{
	char text[4096];

	return read_file(proc, ".", "meminfo", text, sizeof text) ? field(text, "Shmem") * 1024 : 0;
}

/*
 * What is in memory but mapped by nobody, such as a memfd that was written to. What is mapped, too, is
 * found twice; but there is no more than `most`.
 */
static void add_unmapped(const struct hull_watch *w, uint64_t most, struct use *out)
{
	uint64_t bytes = hull_footprint_nameless(w->proc, w->shared);

	out->shared_bytes += bytes;
	if (bytes && out->shared_bytes > most)
		out->shared_bytes = most;
}

void hull_watch_look(const struct hull_watch *w, const struct hull_limits *max,
		     struct hull_usage *out)
{
	uint64_t files = 0, inodes = 0, sysv = sysv_bytes(w->sysv), others, known, machine;
	struct use sum;

	*out = (struct hull_usage){0};
	add_tmpfs(w, &files, &inodes);
	others = files + sysv + inodes * INODE_BYTES + socket_bytes(w->sockets);
	add_processes(w, false, max->processes, &sum);
	out->tasks = sum.tasks;
	known = others + sum.private_bytes + sum.held_bytes;
	if (max->memory_bytes && known + sum.shared_bytes > max->memory_bytes)
		add_processes(w, true, max->processes, &sum);
	machine = machine_shared_bytes(w->proc);
	if (max->memory_bytes && known + machine > max->memory_bytes)
		add_unmapped(w, machine > files + sysv ? machine - files - sysv : 0, &sum);
	out->memory_bytes = others + sum.private_bytes + sum.held_bytes + sum.shared_bytes;
}
