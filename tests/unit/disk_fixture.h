// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "disk/container.h"
#include "disk/disk.h"

/* A throw-away directory with disks in it. */
struct disk_box {
	char *dir;
	int fd;
};

static inline void box_init(struct disk_box *b)
{
	b->dir = hull_strdup("/tmp/hull-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	b->fd = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(b->fd >= 0);
}

static inline void box_fini(struct disk_box *b)
{
	struct hull_err e;

	close(b->fd);
	assert_int_equal(hull_remove_tree(AT_FDCWD, b->dir, &e), 0);
	free(b->dir);
}

static inline void box_write(const struct disk_box *b, const char *name, const void *p, size_t n)
{
	hull_autofd int fd = openat(b->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct hull_err e;

	assert_true(fd >= 0);
	assert_int_equal(hull_fd_write(fd, p, n, &e), 0);
}

/* Overwrites bytes of a file. */
static inline void box_patch(const struct disk_box *b, const char *name, uint64_t at, const void *p,
			     size_t n)
{
	hull_autofd int fd = openat(b->fd, name, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, (off_t)at), (ssize_t)n);
}

/* Changes one byte of a file. */
static inline void box_flip(const struct disk_box *b, const char *name, uint64_t at)
{
	hull_autofd int fd = openat(b->fd, name, O_RDWR | O_CLOEXEC);
	uint8_t c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, (off_t)at), 1);
	c ^= 0x40;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
}

static inline void box_truncate(const struct disk_box *b, const char *name, uint64_t size)
{
	hull_autofd int fd = openat(b->fd, name, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
}

static inline uint64_t box_size(const struct disk_box *b, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(b->fd, name, &st, 0), 0);
	return (uint64_t)st.st_size;
}

/* Runs a shell command in the directory: 0, or -1 if it fails; gives what it printed. */
static inline int box_run(const struct disk_box *b, struct hull_buf *out, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static inline int box_run(const struct disk_box *b, struct hull_buf *out, const char *fmt, ...)
{
	hull_autobuf struct hull_buf command = {0}, ignored = {0};
	struct hull_err e;
	char shell[] = "sh", option[] = "-c", *argv[] = {shell, option, NULL, NULL};
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	assert_in_range(vsnprintf(text, sizeof text, fmt, ap), 1, sizeof text - 1);
	va_end(ap);
	hull_buf_addf(&command, "cd %s && { %s; } 2>&1", b->dir, text);
	argv[2] = command.p;
	if (out)
		out->n = 0;
	return hull_run_checked(argv, out ? out : &ignored, &e);
}

/* A command that has to succeed; what it printed is shown otherwise. */
#define box_must(b, ...)                                                                           \
	do {                                                                                       \
		struct hull_buf said_ = {0};                                                       \
                                                                                                   \
		if (box_run(b, &said_, __VA_ARGS__) != 0)                                          \
			fail_msg("%s", said_.p ? said_.p : "no output");                           \
		hull_buf_fini(&said_);                                                             \
	} while (0)

/* Seals a layout and writes it as a raw disk. */
static inline void box_write_raw(const struct disk_box *b, const char *name, struct hull_layout *l)
{
	hull_autosink struct hull_sink *s = NULL;
	struct hull_err e;

	if (hull_layout_seal(l, &e) < 0)
		fail_msg("%s", e.msg);
	s = hull_sink_new(b->fd, name, HULL_COMPRESS_NONE, &e);
	if (!s || hull_raw_write(l, s, &e) < 0 || hull_sink_finish(s, &e) < 0)
		fail_msg("%s", e.msg);
}

static inline struct hull_disk *box_open(const struct disk_box *b, const char *name)
{
	struct hull_err e;
	struct hull_disk *d = hull_disk_open(b->fd, name, b->fd, &e);

	if (!d)
		fail_msg("%s", e.msg);
	return d;
}

/* Bytes that look like no others. */
static inline void fill(void *p, size_t n, uint32_t seed)
{
	uint8_t *to = p;

	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525 + 1013904223;
		to[i] = (uint8_t)(seed >> 24);
	}
}
