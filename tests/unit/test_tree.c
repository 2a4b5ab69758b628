// SPDX-License-Identifier: MIT
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
#include "base/str.h"
#include "tree/tree.h"

static int add(struct hull_tree *t, const char *path)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	return node;
}

static void add_fails(struct hull_tree *t, const char *path, const char *message)
{
	struct hull_err e;

	assert_int_equal(hull_tree_add(t, path, &e), -1);
	assert_string_equal(e.msg, message);
}

/* The names below a directory, joined by spaces. */
static void assert_children(const struct hull_tree *t, const char *path, const char *expected)
{
	hull_autobuf struct hull_buf b = {0};
	int directory = hull_tree_find(t, path);

	hull_buf_adds(&b, "");
	for (int i = t->v[directory].first_child; i != HULL_NO_NODE; i = t->v[i].next_sibling) {
		if (b.n)
			hull_buf_addc(&b, ' ');
		hull_buf_adds(&b, t->v[i].name);
		assert_int_equal(t->v[i].parent, directory);
		assert_int_equal(hull_tree_child(t, directory, t->v[i].name, strlen(t->v[i].name)),
				 i);
	}
	assert_string_equal(b.p, expected);
}

static void directories_above_are_made_and_found(void **state)
{
	struct hull_tree t;
	int a;

	(void)state;
	hull_tree_init(&t);
	a = add(&t, "/usr/lib//x/./a");
	assert_int_equal(t.v[a].mode, 0);
	assert_int_equal(t.v[a].owner, -1);
	assert_int_equal(t.v[a].inode, a);
	assert_int_equal(add(&t, "usr/lib/x/a"), a);
	assert_int_equal(hull_tree_find(&t, "/usr/lib/x/a"), a);
	assert_int_equal(hull_tree_find(&t, "/usr/lib/x/b"), HULL_NO_NODE);
	assert_int_equal(hull_tree_find(&t, "/usr/lib/x/a/b"), HULL_NO_NODE);
	assert_int_equal(hull_tree_find(&t, ""), HULL_TREE_ROOT);
	assert_int_equal(hull_tree_find(&t, "/../.."), HULL_TREE_ROOT);
	assert_int_equal(add(&t, "/"), HULL_TREE_ROOT);
	assert_int_equal(t.v[hull_tree_find(&t, "/usr/lib")].mode, S_IFDIR | 0755);
	assert_int_equal(t.v[HULL_TREE_ROOT].mode, S_IFDIR | 0755);
	hull_tree_fini(&t);
}

static void symlinks_above_are_followed_inside_the_tree(void **state)
{
	struct hull_tree t;
	int lib;

	(void)state;
	hull_tree_init(&t);
	hull_tree_set_symlink(&t, add(&t, "/lib"), "usr/lib");
	lib = add(&t, "/lib/a/b");
	assert_int_equal(hull_tree_find(&t, "/usr/lib/a/b"), lib);
	hull_tree_set_symlink(&t, add(&t, "/opt/x/up"), "../../../../lib/./a");
	assert_int_equal(hull_tree_find(&t, "/opt/x/up/b"), lib);
	hull_tree_set_symlink(&t, add(&t, "/opt/x/abs"), "/lib/a/");
	assert_int_equal(add(&t, "/opt/x/abs/b"), lib);
	assert_int_equal(hull_tree_find(&t, "/lib"), add(&t, "lib"));
	assert_true(S_ISLNK(t.v[hull_tree_find(&t, "/lib")].mode));
	hull_tree_set_symlink(&t, add(&t, "/loop"), "loop");
	assert_int_equal(hull_tree_find(&t, "/loop/x"), HULL_NO_NODE);
	add_fails(&t, "/loop/x", "/loop/x: too many symlinks above it");
	hull_tree_fini(&t);
}

static void bad_paths_are_errors(void **state)
{
	struct hull_tree t;
	char name[258];

	(void)state;
	hull_tree_init(&t);
	add_fails(&t, "/a/../b", "/a/../b: \"..\" in the path");
	hull_tree_set_file(&t, add(&t, "/d/f"), "x", 1, 0644);
	hull_tree_set_symlink(&t, add(&t, "/d/l"), "f");
	add_fails(&t, "/d/l/x", "/d/l/x: /d/f is not a directory");
	memset(name, 'n', sizeof name);
	name[0] = '/';
	name[256] = '\0';
	add(&t, name);
	name[256] = 'n';
	name[257] = '\0';
	{
		struct hull_err e;

		assert_int_equal(hull_tree_add(&t, name, &e), -1);
		assert_non_null(strstr(e.msg, "a name of 256 bytes, the limit is 255"));
	}
	assert_children(&t, "/d", "f l");
	hull_tree_fini(&t);
}

static void paths_have_a_length(void **state)
{
	struct hull_tree t;
	hull_autobuf struct hull_buf path = {0};
	struct hull_err e;
	int node;

	(void)state;
	hull_tree_init(&t);
	for (int i = 0; i < 1365; i++)
		hull_buf_adds(&path, "/ab");
	node = add(&t, path.p); /* 4095 bytes */
	hull_tree_set_directory(&t, node, 0755);
	assert_int_equal(hull_tree_check_path(&t, t.v[node].parent, 2, &e), 0);
	assert_int_equal(hull_tree_check_path(&t, t.v[node].parent, 3, &e), -1);
	hull_buf_adds(&path, "/c");
	assert_int_equal(hull_tree_add(&t, path.p, &e), -1);
	assert_non_null(strstr(e.msg, "a path of more than 4095 bytes, which nothing can open: "
				      "'/ab/ab/ab/ab"));
	hull_tree_fini(&t);
}

static void children_stay_sorted(void **state)
{
	static const char *names[] = {"m", "b", "z", "\xc3\xa4", "bb", "a", "B", "b-", "y"};
	struct hull_tree t;
	char path[32];

	(void)state;
	hull_tree_init(&t);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "/d/%s", names[i]);
		hull_tree_set_file(&t, add(&t, path), "", 0, 0644);
	}
	assert_children(&t, "/d", "B a b b- bb m y z \xc3\xa4");
	hull_tree_remove(&t, hull_tree_find(&t, "/d/b"));
	hull_tree_remove(&t, hull_tree_find(&t, "/d/B"));
	hull_tree_remove(&t, hull_tree_find(&t, "/d/z"));
	assert_children(&t, "/d", "a b- bb m y \xc3\xa4");
	hull_tree_fini(&t);
}

static void many_children_in_random_order(void **state)
{
	enum { COUNT = 100000 };
	struct hull_tree t;
	char path[32];
	size_t seen = 0;
	uint32_t x = 1;

	(void)state;
	hull_tree_init(&t);
	for (uint32_t i = 0; i < COUNT; i++, x = x * 1664525 + 1013904223) {
		snprintf(path, sizeof path, "/d/%08x", x);
		add(&t, path);
	}
	for (int i = t.v[hull_tree_find(&t, "/d")].first_child, last = -1; i != HULL_NO_NODE;
	     last = i, i = t.v[i].next_sibling, seen++)
		assert_true(last < 0 || strcmp(t.v[last].name, t.v[i].name) < 0);
	assert_int_equal(seen, COUNT);
	x = 1;
	for (uint32_t i = 0; i < COUNT; i++, x = x * 1664525 + 1013904223) {
		snprintf(path, sizeof path, "/d/%08x", x);
		if (i % 3)
			hull_tree_remove(&t, hull_tree_find(&t, path));
	}
	seen = 0;
	for (int i = t.v[hull_tree_find(&t, "/d")].first_child; i != HULL_NO_NODE;
	     i = t.v[i].next_sibling, seen++)
		assert_int_equal(hull_tree_child(&t, t.v[i].parent, t.v[i].name, 8), i);
	assert_int_equal(seen, (COUNT + 2) / 3);
	hull_tree_fini(&t);
}

static void a_removed_node_takes_what_is_below(void **state)
{
	struct hull_tree t;
	int deep, link;

	(void)state;
	hull_tree_init(&t);
	hull_tree_set_file(&t, deep = add(&t, "/a/b/c/d"), "text", 4, 0600);
	add(&t, "/a/b/e");
	link = add(&t, "/z");
	t.v[link].inode = deep;
	hull_tree_remove(&t, hull_tree_find(&t, "/a/b"));
	assert_int_equal(hull_tree_find(&t, "/a/b"), HULL_NO_NODE);
	assert_int_equal(t.v[deep].parent, HULL_NO_NODE);
	assert_children(&t, "/a", "");
	{
		hull_autobuf struct hull_buf b = {0};
		struct hull_err e;

		assert_int_equal(hull_tree_read(&t, link, &b, &e), 0);
		assert_string_equal(b.p, "text");
	}
	add(&t, "/a/b/c");
	assert_children(&t, "/a/b", "c");
	hull_tree_fini(&t);
}

static void a_walk_is_depth_first_and_bounded(void **state)
{
	hull_autobuf struct hull_buf b = {0};
	struct hull_arena a = {0};
	struct hull_tree t;
	int top;

	(void)state;
	hull_tree_init(&t);
	add(&t, "/x/b/2/i");
	add(&t, "/x/b/1");
	add(&t, "/x/a");
	add(&t, "/y");
	top = hull_tree_find(&t, "/x");
	for (int i = top; i != HULL_NO_NODE; i = hull_tree_next(&t, i, top))
		hull_buf_addf(&b, "%s ", hull_tree_path(&t, i, &a));
	assert_string_equal(b.p, "/x /x/a /x/b /x/b/1 /x/b/2 /x/b/2/i ");
	assert_string_equal(hull_tree_path(&t, HULL_TREE_ROOT, &a), "/");
	top = hull_tree_find(&t, "/y");
	assert_int_equal(hull_tree_next(&t, top, top), HULL_NO_NODE);
	hull_arena_fini(&a);
	hull_tree_fini(&t);
}

static void setters_replace_all_but_the_time(void **state)
{
	struct hull_tree t;
	const struct hull_xattr *x, *shared;
	int f;

	(void)state;
	hull_tree_init(&t);
	f = add(&t, "/f");
	t.v[f].uid = 7;
	t.v[f].owner = 3;
	t.v[f].mtime = 9;
	hull_tree_set_file(&t, f, NULL, 0, 04755);
	assert_int_equal(t.v[f].mode, S_IFREG | 04755);
	assert_int_equal(t.v[f].uid, 0);
	assert_int_equal(t.v[f].owner, -1);
	assert_int_equal(t.v[f].mtime, 9);
	hull_tree_set_xattr(&t, f, "user.c", "3", 1);
	hull_tree_set_xattr(&t, f, "user.a", "1", 1);
	shared = t.v[f].xattrs;
	hull_tree_set_xattr(&t, f, "user.b", "", 0);
	hull_tree_set_xattr(&t, f, "user.c", "33", 2);
	assert_string_equal(shared->next->name, "user.c");
	assert_memory_equal(shared->next->value, "3", 1);
	x = t.v[f].xattrs;
	assert_string_equal(x->name, "user.a");
	assert_string_equal(x->next->name, "user.b");
	assert_int_equal(x->next->size, 0);
	assert_string_equal(x->next->next->name, "user.c");
	assert_int_equal(x->next->next->size, 2);
	assert_null(x->next->next->next);
	hull_tree_set_symlink(&t, f, "elsewhere");
	assert_null(t.v[f].xattrs);
	assert_string_equal(t.v[f].target, "elsewhere");
	hull_tree_set_directory(&t, f, 01777);
	assert_null(t.v[f].target);
	assert_int_equal(t.v[f].mode, S_IFDIR | 01777);
	hull_tree_fini(&t);
}

static int read_counted(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
			struct hull_err *e)
{
	int *calls = context;

	if (id != 7)
		return hull_fail(e, HULL_FAILED, "no file %d", (int)id);
	++*calls;
	for (size_t i = 0; i < n; i++)
		((char *)out)[i] = (char)((offset_bytes + i) % 251);
	return 0;
}

static void content_of_a_source_is_read(void **state)
{
	hull_autobuf struct hull_buf b = {0};
	int calls = 0;
	struct hull_content_source source = {read_counted, &calls};
	struct hull_tree t;
	struct hull_err e;
	int f;

	(void)state;
	hull_tree_init(&t);
	f = add(&t, "/f");
	hull_tree_set_file(&t, f, "", 0, 0644);
	t.v[f].content = (struct hull_content){.source = &source, .id = 7, .offset_bytes = 100};
	t.v[f].size_bytes = 200000;
	assert_int_equal(hull_tree_read(&t, f, &b, &e), 0);
	assert_int_equal(b.n, 200000);
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal((uint8_t)b.p[i], (100 + i) % 251);
	assert_int_equal(calls, 4);
	t.v[f].content.id = 8;
	assert_int_equal(hull_tree_read(&t, f, &b, &e), -1);
	assert_string_equal(e.msg, "no file 8");
	hull_tree_fini(&t);
}

static void stored_content_is_read(void **state)
{
	hull_autobuf struct hull_buf b = {0};
	char dir[] = "/tmp/hull-test-XXXXXX";
	struct hull_tree t;
	struct hull_err e;
	hull_autofd int fd = -1;
	int f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(hull_file_write(fd, "f", "0123456789", 10, 0644, &e), 0);
	hull_tree_init(&t);
	f = add(&t, "/f");
	hull_tree_set_file(&t, f, "", 0, 0644);
	t.v[f].content = (struct hull_content){.dirfd = fd, .path = "f", .offset_bytes = 2};
	t.v[f].size_bytes = 5;
	assert_int_equal(hull_tree_read(&t, f, &b, &e), 0);
	assert_string_equal(b.p, "23456");
	t.v[f].size_bytes = 9;
	assert_int_equal(hull_tree_read(&t, f, &b, &e), -1);
	assert_string_equal(e.msg, "f: the file ends at byte 10, not at 11");
	assert_int_equal(hull_tree_read(&t, HULL_TREE_ROOT, &b, &e), -1);
	hull_tree_fini(&t);
	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
}

/* What Hull makes replaces what is there, and only that. */
static void files_are_put_in_place(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_tree t;
	struct hull_err e;
	int link, node, other;

	(void)state;
	hull_tree_init(&t);
	other = add(&t, "/target");
	hull_tree_set_file(&t, other, "old", 3, 0600);
	link = add(&t, "/a/link");
	hull_tree_set_symlink(&t, link, "/target");
	node = hull_tree_put_file(&t, "/a/link", "new", 3, 0640, 7, &e);
	assert_int_equal(node, hull_tree_find(&t, "/a/link"));
	assert_int_equal(t.v[node].mode, S_IFREG | 0640);
	assert_int_equal(t.v[node].mtime, 7);
	assert_int_equal(hull_tree_read(&t, node, &text, &e), 0);
	assert_string_equal(text.p, "new");
	assert_int_equal(t.v[other].size_bytes, 3);
	/* one with another name is no longer the same file */
	link = add(&t, "/name");
	t.v[link].inode = node;
	other = hull_tree_put_file(&t, "/name", NULL, 0, 0644, 8, &e);
	assert_int_equal(t.v[other].inode, other);
	assert_int_equal(t.v[other].size_bytes, 0);
	assert_int_equal(t.v[node].size_bytes, 3);
	assert_int_equal(hull_tree_put_file(&t, "/a", "x", 1, 0644, 0, &e), -1);
	assert_string_equal(e.msg, "/a: is a directory");
	assert_int_equal(hull_tree_find(&t, "/a/link"), node);
	assert_int_equal(hull_tree_put_file(&t, "/name/below", "x", 1, 0644, 0, &e), -1);
	hull_tree_fini(&t);
}

static void content_is_set_alone(void **state)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_tree t;
	struct hull_err e;
	int f, link;

	(void)state;
	hull_tree_init(&t);
	f = add(&t, "/f");
	hull_tree_set_file(&t, f, "old", 3, 0600);
	t.v[f].uid = 5;
	t.v[f].mtime = 6;
	t.v[f].content.offset_bytes = 2;
	link = add(&t, "/link");
	t.v[link].inode = f;
	hull_tree_set_content(&t, link, "longer", 6);
	assert_int_equal(t.v[f].mode, S_IFREG | 0600);
	assert_int_equal(t.v[f].uid, 5);
	assert_int_equal(t.v[f].mtime, 6);
	assert_int_equal(hull_tree_read(&t, f, &text, &e), 0);
	assert_string_equal(text.p, "longer");
	hull_tree_set_content(&t, f, NULL, 0);
	assert_int_equal(t.v[f].size_bytes, 0);
	hull_tree_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_above_are_made_and_found),
		cmocka_unit_test(symlinks_above_are_followed_inside_the_tree),
		cmocka_unit_test(bad_paths_are_errors),
		cmocka_unit_test(paths_have_a_length),
		cmocka_unit_test(children_stay_sorted),
		cmocka_unit_test(many_children_in_random_order),
		cmocka_unit_test(a_removed_node_takes_what_is_below),
		cmocka_unit_test(a_walk_is_depth_first_and_bounded),
		cmocka_unit_test(setters_replace_all_but_the_time),
		cmocka_unit_test(files_are_put_in_place),
		cmocka_unit_test(content_is_set_alone),
		cmocka_unit_test(stored_content_is_read),
		cmocka_unit_test(content_of_a_source_is_read),
	};

	return cmocka_run_group_tests_name("disk tree", tests, NULL, NULL);
}
