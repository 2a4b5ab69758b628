// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "base/bytes.h"
#include "base/process.h"
#include "finish/finish.h"
#include "finish/strpool.h"

#define HWDB_D	 "/usr/lib/udev/hwdb.d/"
#define CATALOGS "/usr/lib/systemd/catalog/"
#define ID	 "-- 0123456789abcdef0123456789abcdef"

static void strings_share_their_ends(void **state)
{
	struct hull_strpool p;

	(void)state;
	hull_strpool_init(&p);
	assert_int_equal(hull_strpool_add(&p, "", 0), 0);
	assert_int_equal(hull_strpool_add(&p, "abcd", 4), 1);
	assert_int_equal(hull_strpool_add(&p, "cd", 2), 3);
	assert_int_equal(hull_strpool_add(&p, "", 0), 0);
	assert_int_equal(hull_strpool_add(&p, "bcd", 3), 2);
	assert_int_equal(hull_strpool_add(&p, "xcd", 3), 6);
	assert_int_equal(hull_strpool_add(&p, "abc", 3), 10);
	assert_int_equal(hull_strpool_add(&p, "abcd", 4), 1);
	for (int i = 0; i < 5000; i++) {
		char s[16];
		size_t n = (size_t)snprintf(s, sizeof s, "%d", i * 7919), at;

		at = hull_strpool_add(&p, s, n);
		assert_string_equal(p.bytes.p + at, s);
		assert_int_equal(hull_strpool_add(&p, s, n), at);
	}
	hull_strpool_fini(&p);
}

/* --- hwdb --- */

/* Every property below a node as "pattern|key=value|file|line|priority"; files without `root`. */
static void list_node(const struct hull_buf *b, uint64_t node, const char *pattern,
		      const char *root, struct hull_strv *out)
{
	const char *p = b->p + node;
	hull_autofree char *here = hull_asprintf("%s%s", pattern, b->p + hull_get_le64(p));
	size_t children = (unsigned char)p[8], values = hull_get_le64(p + 16);

	for (size_t i = 0; i < values; i++) {
		const char *v = p + 24 + children * 16 + i * 32;
		const char *file = b->p + hull_get_le64(v + 16);

		if (hull_starts(file, root))
			file += strlen(root);
		hull_strv_addf(out, "%s|%s=%s|%s|%u|%u", here, b->p + hull_get_le64(v),
			       b->p + hull_get_le64(v + 8), file, hull_get_le32(v + 24),
			       hull_get_le16(v + 28));
	}
	for (size_t i = 0; i < children; i++) {
		const char *c = p + 24 + i * 16;
		hull_autofree char *next = hull_asprintf("%s%c", here, c[0]);

		list_node(b, hull_get_le64(c + 8), next, root, out);
	}
}

static void assert_same_lists(const struct hull_strv *a, const struct hull_strv *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
	assert_int_equal(a->n, b->n);
}

static void systemd_hwdb_agrees(void **state)
{
	static const char *const cases[] = {
		"usb:v1*\nusb:v2*\n ID_A=1\n ID_B=x # c\n\nusb:v1*\n ID_A=2\n",
		"# c\n\n indented=1\n\nmatch\n\nmatch2\n A=1\nB\n\nend\n C=1\n",
		"a\n   K=v\n\t=x\n =y\n no value\n  = \n K2==\n K3=\n\nab\nabc\nabd\nb\n X=abc\n",
		"x\n A=1\n\nx\n B=1\n#c\n A=2\n",
		/* no newline at the end: */ "last\n Z=9",
		"dos\r\n A=1\r\n",
		"\n\n\n",
		"one:*\n AA=first\n\none:*two\n A=irst\n\none\n B=st\n\non\n C=\n",
	};
	char *dir = tree_temp();
	hull_autofree char *root = hull_asprintf("--root=%s", dir);
	hull_autofree char *path = hull_asprintf("%s/usr/lib/udev/hwdb.bin", dir);
	char *argv[] = {(char *)"systemd-hwdb", root, (char *)"update", (char *)"--usr", NULL};
	hull_autostrv struct hull_strv a = {0}, b = {0};
	hull_autobuf struct hull_buf ours = {0}, theirs = {0};
	size_t files = sizeof cases / sizeof *cases;
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	tree_directory(&t, "/usr/lib", 0755);
	tree_link(&t, "/lib", "usr/lib");
	for (size_t i = 0; i < files; i++) {
		hull_autofree char *name = hull_asprintf(HWDB_D "%zu.hwdb", i);

		tree_put(&t, name, cases[i]);
	}
	tree_put(&t, "/etc/udev/hwdb.d/0.hwdb", "usb:v1*\n ID_Z=etc\n ID_A=etc\n");
	tree_put(&t, HWDB_D "9.hwdb", "masked\n A=1\n");
	tree_link(&t, "/etc/udev/hwdb.d/9.hwdb", "/dev/null");
	tree_write(&t, dir);
	if (hull_run_checked(argv, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	if (hull_hwdb_add(&t, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &theirs, &e), 0);
	assert_int_equal(
		hull_tree_read(&t, hull_tree_find(&t, "/usr/lib/udev/hwdb.bin"), &ours, &e), 0);
	assert_int_equal(tree_node(&t, "/usr/lib/udev/hwdb.bin")->mode, S_IFREG | 0444);
	list_node(&ours, hull_get_le64(ours.p + 56), "", dir, &a);
	list_node(&theirs, hull_get_le64(theirs.p + 56), "", dir, &b);
	assert_same_lists(&a, &b);
	assert_true(a.n > 15);
	/* the header, but for the version and what the longer names of files make of sizes */
	assert_memory_equal(ours.p, theirs.p, 8);
	assert_memory_equal(ours.p + 24, theirs.p + 24, 48);
	assert_int_equal(hull_get_le64(ours.p + 16), ours.n);
	assert_true((theirs.n - ours.n) % strlen(dir) == 0);
	hull_tree_fini(&t);
	tree_temp_drop(dir);
}

static void a_tree_without_hwdb(void **state)
{
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	assert_int_equal(hull_hwdb_add(&t, &e), 0);
	assert_int_equal(hull_catalog_add(&t, &e), 0);
	assert_int_equal(hull_tree_next(&t, HULL_TREE_ROOT, HULL_TREE_ROOT), HULL_NO_NODE);
	hull_tree_fini(&t);
}

/* --- catalog --- */

static void journalctl_agrees(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{"a.catalog", "# c\n" ID "\nSubject: A\nDefined-By: B\n\nBody\n"},
		{"b.catalog", ID "\nSubject: C\nSupport: D\n\n-- 0123456789abcdef0123456789abcdee\n"
				 "Subject: tail\n\nBody\n"},
		{"c.catalog", ID "\n\nBody2\n\n\n # kept\n\nend  \n\n"},
		{"d.de.catalog", ID "\nSubject: de\n\n" ID " fr\nSubject: fr\n\nBody\n"},
		{"e.pt_BR.catalog", "\n\n" ID " pt_BR \nSubject: pt\n" ID "\n"},
		{"f.catalog", "-- ABCDEF0123456789ABCDEF0123456789\nSubject: tail\n\nBody\n\n"
			      "-- 0123456789abcdef0123456789abcdeg\nx\n"},
		{"g.catalog", ID "\nB: 1\nnot a header\n\nz: 1\n\nBody3"},
	};
	char *dir = tree_temp();
	hull_autofree char *root = hull_asprintf("--root=%s", dir);
	hull_autofree char *path = hull_asprintf("%s/var/lib/systemd/catalog/database", dir);
	char *argv[] = {(char *)"journalctl", root, (char *)"--update-catalog", NULL};
	hull_autobuf struct hull_buf ours = {0}, theirs = {0};
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	tree_directory(&t, "/var/lib/systemd/catalog", 0755);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *name = hull_asprintf(CATALOGS "%s", cases[i].name);

		tree_put(&t, name, cases[i].text);
	}
	tree_write(&t, dir);
	if (hull_run_checked(argv, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	if (hull_catalog_add(&t, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &theirs, &e), 0);
	assert_int_equal(hull_tree_read(&t, hull_tree_find(&t, "/var/lib/systemd/catalog/database"),
					&ours, &e),
			 0);
	assert_int_equal(ours.n, theirs.n);
	assert_memory_equal(ours.p, theirs.p, ours.n);
	hull_tree_fini(&t);
	tree_temp_drop(dir);
}

static void catalogs_that_cannot_be(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"Subject: A\n", CATALOGS "a.catalog:1: a text before the first id"},
		{ID "\n\n" ID "\nSubject: A\n", CATALOGS "a.catalog:3: a message without a text"},
		{ID "\n", "a message without a text"},
		{ID " x\nSubject: A\n", CATALOGS "a.catalog:1: 'x' is not a language"},
		{ID " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nA: b\n", "is not a language"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_tree t;
		struct hull_err e;

		hull_tree_init(&t);
		tree_put(&t, CATALOGS "a.catalog", cases[i].text);
		assert_int_equal(hull_catalog_add(&t, &e), -1);
		if (!strstr(e.msg, cases[i].words))
			fail_msg("'%s' lacks '%s'", e.msg, cases[i].words);
		hull_tree_fini(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_share_their_ends), cmocka_unit_test(systemd_hwdb_agrees),
		cmocka_unit_test(a_tree_without_hwdb),	    cmocka_unit_test(journalctl_agrees),
		cmocka_unit_test(catalogs_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
