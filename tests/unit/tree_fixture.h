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
#include "base/str.h"
#include "tree/tree.h"

/* Small trees for tests, and trees as directories for the programs that Hull's files are compared
 * with.
 */

static inline int tree_put_mode(struct hull_tree *t, const char *path, const char *text,
				mode_t mode)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	hull_tree_set_file(t, node, text, strlen(text), mode);
	return node;
}

static inline int tree_put(struct hull_tree *t, const char *path, const char *text)
{
	return tree_put_mode(t, path, text, 0644);
}

static inline int tree_directory(struct hull_tree *t, const char *path, mode_t mode)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	hull_tree_set_directory(t, node, mode);
	return node;
}

static inline int tree_link(struct hull_tree *t, const char *path, const char *target)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	hull_tree_set_symlink(t, node, target);
	return node;
}

static inline const struct hull_node *tree_node(const struct hull_tree *t, const char *path)
{
	int node = hull_tree_find(t, path);

	if (node < 0)
		fail_msg("%s is not in the tree", path);
	return &t->v[node];
}

/* The text of a file; the caller frees. */
static inline char *tree_text(const struct hull_tree *t, const char *path)
{
	struct hull_buf b = {0};
	struct hull_err e;
	int node = hull_tree_find(t, path);

	if (node < 0)
		fail_msg("%s is not in the tree", path);
	if (hull_tree_read(t, node, &b, &e) < 0)
		fail_msg("%s: %s", path, e.msg);
	return hull_buf_steal(&b);
}

static inline void assert_tree_text(const struct hull_tree *t, const char *path, const char *text)
{
	hull_autofree char *is = tree_text(t, path);

	assert_string_equal(is, text);
}

static inline void assert_tree_lacks(const struct hull_tree *t, const char *path)
{
	if (hull_tree_find(t, path) >= 0)
		fail_msg("%s is in the tree", path);
}

static inline void assert_tree_target(const struct hull_tree *t, const char *path,
				      const char *target)
{
	const struct hull_node *n = tree_node(t, path);

	assert_true(S_ISLNK(n->mode));
	assert_string_equal(n->target, target);
}

static inline void tree_write_node(const struct hull_tree *t, int node, const char *path)
{
	const struct hull_node *n = &t->v[t->v[node].inode];
	hull_autobuf struct hull_buf b = {0};
	struct hull_err e;

	if (S_ISDIR(n->mode)) {
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		assert_int_equal(chmod(path, n->mode & 07777), 0);
	} else if (S_ISLNK(n->mode)) {
		assert_int_equal(symlink(n->target, path), 0);
	} else if (S_ISREG(n->mode)) {
		assert_int_equal(hull_tree_read(t, node, &b, &e), 0);
		assert_int_equal(hull_file_write(AT_FDCWD, path, b.p, b.n, n->mode & 0777, &e), 0);
	}
}

/* Writes directories, files and symlinks below a directory of the host. */
static inline void tree_write(const struct hull_tree *t, const char *dir)
{
	struct hull_arena a = {0};

	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		tree_write_node(t, i, hull_arena_printf(&a, "%s%s", dir, hull_tree_path(t, i, &a)));
	hull_arena_fini(&a);
}

/* A directory of the host, freed with tree_temp_drop. */
static inline char *tree_temp(void)
{
	char *p = hull_strdup("/tmp/hull-test-XXXXXX");

	assert_non_null(mkdtemp(p));
	return p;
}

static inline void tree_temp_drop(char *dir)
{
	struct hull_err e;

	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
	free(dir);
}
