// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/store.h"

/* A throw-away directory with a store in it. */
struct rpm_box {
	char *dir;
	struct hull_store store;
};

static inline void box_init(struct rpm_box *b)
{
	hull_autofree char *path = NULL;
	struct hull_err e;

	b->dir = hull_strdup("/tmp/hull-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	path = hull_asprintf("%s/store", b->dir);
	assert_int_equal(hull_store_open(&b->store, path, &e), 0);
}

static inline void box_fini(struct rpm_box *b)
{
	struct hull_err e;

	hull_store_close(&b->store);
	assert_int_equal(hull_remove_tree(AT_FDCWD, b->dir, &e), 0);
	free(b->dir);
}

/* Writes a file below the box, with the directories it needs. */
static inline void box_write(const struct rpm_box *b, const char *name, const char *text)
{
	hull_autofree char *path = hull_asprintf("%s/%s", b->dir, name);
	hull_autofree char *directory = hull_strdup(path);
	hull_autofd int fd = -1;
	struct hull_err e;

	*strrchr(directory, '/') = '\0';
	assert_int_equal(hull_mkdirs(AT_FDCWD, directory, 0755, &e), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(hull_fd_write(fd, text, strlen(text), &e), 0);
}

/* Takes the directory of the box out of a text, so that it can be compared. */
static inline char *box_strip(const struct rpm_box *b, const char *text)
{
	struct hull_buf out = {0};
	size_t n = strlen(b->dir);

	while (*text)
		if (!strncmp(text, b->dir, n) && text[n] == '/')
			text += n + 1;
		else
			hull_buf_addc(&out, *text++);
	return hull_buf_steal(&out);
}
