// SPDX-License-Identifier: MIT
#pragma once

/* A tree, its file system written to a file, and what e2fsck and debugfs say of it. */

#include "tree_fixture.h"

#include <ext2fs/ext2fs.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "base/process.h"
#include "ext4/ext4.h"

enum { BLOCK = 4096 };

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* A tree, the options of its file system, and a directory for the image. */
struct ext4_world {
	struct hull_tree t;
	struct hull_ext4_options o;
	struct hull_layout l;
	const char *zeros; /* content that write_image leaves out */
	char *dir;
	int fd; /* of dir */
};

static int set_up(void **state)
{
	struct ext4_world *w = hull_alloc(sizeof *w);

	hull_tree_init(&w->t);
	w->o = (struct hull_ext4_options){
		.size_bytes = 64 * MIB,
		.uuid = hull_guid_derive("test", "uuid"),
		.hash_seed = hull_guid_derive("test", "hash"),
		.label = "hull-root",
		.mount = "/",
		.time = 1700000000,
	};
	w->dir = tree_temp();
	w->fd = open(w->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct ext4_world *w = *state;

	hull_tree_fini(&w->t);
	hull_layout_fini(&w->l);
	close(w->fd);
	tree_temp_drop(w->dir);
	free(w);
	return 0;
}

/* --- the image --- */

static int add(struct ext4_world *w, int top, struct hull_err *e)
{
	hull_layout_fini(&w->l);
	w->l.size_bytes = w->o.size_bytes;
	return hull_ext4_add(&w->l, 0, &w->t, top, NULL, 0, &w->o, e);
}

static void add_fails(struct ext4_world *w, const char *message)
{
	struct hull_err e;

	assert_int_equal(add(w, HULL_TREE_ROOT, &e), -1);
	assert_string_equal(e.msg, message);
}

static bool is_zero(const char *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

static void write_image(struct ext4_world *w, const char *name)
{
	enum { CHUNK = 1 << 20 };
	hull_autofd int fd = openat(w->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	hull_autofree char *chunk = hull_alloc(CHUNK);
	struct hull_layout_reader r;
	struct hull_err e;

	assert_int_equal(ftruncate(fd, (off_t)w->l.size_bytes), 0);
	hull_layout_reader_init(&r, &w->l);
	for (size_t i = 0; i < w->l.n; i++) {
		const struct hull_extent *x = &w->l.v[i];

		if (w->zeros && x->content.memory == w->zeros)
			continue;
		for (uint64_t at = 0; at < x->length_bytes; at += CHUNK) {
			size_t n = (size_t)(x->length_bytes - at < CHUNK ? x->length_bytes - at
									 : CHUNK);

			if (hull_layout_read(&r, x->offset_bytes + at, chunk, n, &e) < 0)
				fail_msg("%s", e.msg);
			if (!is_zero(chunk, n))
				assert_int_equal(
					pwrite(fd, chunk, n, (off_t)(x->offset_bytes + at)), n);
		}
	}
	hull_layout_reader_fini(&r);
}

/* What a shell command in the directory prints; it has to succeed. The caller frees. */
static char *run(const struct ext4_world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static char *run(const struct ext4_world *w, const char *fmt, ...)
{
	hull_autobuf struct hull_buf command = {0};
	char sh[] = "sh", c[] = "-c", *argv[] = {sh, c, NULL, NULL}, text[1024];
	struct hull_buf out = {0};
	struct hull_err e;
	va_list ap;

	va_start(ap, fmt);
	assert_in_range(vsnprintf(text, sizeof text, fmt, ap), 1, sizeof text - 1);
	va_end(ap);
	hull_buf_addf(&command, "cd %s && PATH=$PATH:/usr/sbin:/sbin && { %s; } 2>&1", w->dir,
		      text);
	argv[2] = command.p;
	if (hull_run_checked(argv, &out, &e) < 0)
		fail_msg("%s: %s", text, out.p ? out.p : "no output");
	return hull_buf_steal(&out);
}

static void check(const struct ext4_world *w, const char *name)
{
	free(run(w, "e2fsck -fn %s", name));
}

/* Makes the image of the whole tree and lets e2fsck judge it. */
static void make(struct ext4_world *w)
{
	struct hull_err e;

	if (add(w, HULL_TREE_ROOT, &e) < 0 || hull_layout_seal(&w->l, &e) < 0)
		fail_msg("%s", e.msg);
	write_image(w, "image");
	check(w, "image");
}

static void assert_prints(const struct ext4_world *w, const char *expected, const char *command)
{
	hull_autofree char *out = run(w, "%s", command);

	if (!strstr(out, expected))
		fail_msg("%s: \"%s\" is not in:\n%s", command, expected, out);
}

static void assert_stat(const struct ext4_world *w, const char *path, const char *expected)
{
	hull_autofree char *command = hull_asprintf("debugfs -R 'stat %s' image", path);

	assert_prints(w, expected, command);
}

/* Debugfs dumps a file; it has to be the same as in the tree. */
static void assert_content(const struct ext4_world *w, const char *path)
{
	hull_autobuf struct hull_buf is = {0}, want = {0};
	struct hull_err e;

	free(run(w, "rm -f dumped; debugfs -R 'dump %s dumped' image", path));
	assert_int_equal(hull_file_read(w->fd, "dumped", &is, &e), 0);
	assert_int_equal(hull_tree_read(&w->t, hull_tree_find(&w->t, path), &want, &e), 0);
	assert_int_equal(is.n, want.n);
	assert_memory_equal(is.p, want.p, want.n);
}
