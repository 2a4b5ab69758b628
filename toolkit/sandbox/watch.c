// SPDX-License-Identifier: MIT
#include "sandbox/watch.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

static int open_root(pid_t first, const char *path, int flags, struct hull_err *e)
{
	hull_autofree char *outside = hull_asprintf("/proc/%d/root%s", (int)first, path);
	int fd = open(outside, flags | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? hull_fail_errno(e, "%s", outside) : fd;
}

int hull_watch_init(struct hull_watch *w, const struct hull_plan *p, pid_t first,
		    struct hull_err *e)
{
	*w = (struct hull_watch){.proc = open_root(first, "/proc", O_RDONLY, e)};
	if (w->proc < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_step *st = &p->steps[i];
		int fd;

		if (st->kind != HULL_STEP_FILESYSTEM || strcmp(st->source, "tmpfs") != 0)
			continue;
		fd = open_root(first, st->target, O_PATH, e);
		if (fd < 0) {
			hull_watch_fini(w);
			return -1;
		}
		w->tmpfs = hull_grow(w->tmpfs, &w->cap, w->ntmpfs, sizeof *w->tmpfs);
		w->tmpfs[w->ntmpfs++] = fd;
	}
	return 0;
}

void hull_watch_fini(struct hull_watch *w)
{
	hull_closep(&w->proc);
	for (size_t i = 0; i < w->ntmpfs; i++)
		close(w->tmpfs[i]);
	free(w->tmpfs);
	*w = (struct hull_watch){.proc = -1};
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

static void add_process(int proc, const char *pid, bool exact, struct hull_usage *out)
{
	char text[4096];

	if (!read_file(proc, pid, "status", text, sizeof text))
		return;
	out->tasks += field(text, "Threads");
	if (exact && read_file(proc, pid, "smaps_rollup", text, sizeof text))
		out->memory_bytes += (field(text, "Pss_Anon") + field(text, "Pss_Shmem")) * 1024;
	else
		out->memory_bytes += (field(text, "RssAnon") + field(text, "RssShmem")) * 1024;
}

void hull_watch_look(const struct hull_watch *w, bool exact, struct hull_usage *out)
{
	int fd = openat(w->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *de;
	struct statfs fs;

	*out = (struct hull_usage){0};
	if (!d) {
		hull_closep(&fd);
		return;
	}
	while ((de = readdir(d)))
		/* the first process is a copy of hull, whose memory it shares */
		if (isdigit((unsigned char)*de->d_name) && strcmp(de->d_name, "1") != 0)
			add_process(w->proc, de->d_name, exact, out);
	closedir(d);
	for (size_t i = 0; i < w->ntmpfs; i++)
		if (fstatfs(w->tmpfs[i], &fs) == 0)
			out->memory_bytes +=
				(uint64_t)(fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize;
}
