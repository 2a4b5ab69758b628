// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "base/process.h"
#include "finish/finish.h"
#include "system/pathglob.h"
#include "system/tmpfile.h"

enum { NOW = 1700000000 };

static void start(struct hull_tree *t, const char *lines)
{
	hull_tree_init(t);
	tree_put(t, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nsvc:x:450:451::/:/bin/false\n");
	tree_put(t, "/etc/group", "root:x:0:\nsvc:x:451:\nadm:x:4:\n");
	tree_put(t, "/usr/lib/tmpfiles.d/a.conf", lines);
}

static void applied(struct hull_tree *t)
{
	struct hull_err e;

	if (hull_tmpfiles_apply(NOW, t, &e) < 0)
		fail_msg("%s", e.msg);
}

static void refused(const char *lines, const char *words)
{
	struct hull_tree t;
	struct hull_err e;

	start(&t, lines);
	tree_put(&t, "/etc/file", "");
	assert_int_equal(hull_tmpfiles_apply(NOW, &t, &e), -1);
	if (!strstr(e.msg, words))
		fail_msg("'%s' lacks '%s'", e.msg, words);
	hull_tree_fini(&t);
}

static void assert_node(const struct hull_tree *t, const char *path, mode_t mode, uint32_t uid,
			uint32_t gid)
{
	const struct hull_node *n = tree_node(t, path);

	if (n->mode != mode || n->uid != uid || n->gid != gid)
		fail_msg("%s is %o %u:%u", path, n->mode, n->uid, n->gid);
}

static void directories(void **state)
{
	struct hull_tree t;
	int node;

	(void)state;
	start(&t, "d /var/lib/svc/deep 0750 svc svc 10d\n"
		  "D %S/plain\n"
		  "q /var/sub :0700 :svc :adm\n"
		  "d /var/old :0700 :svc -\n"
		  "v /var/mask ~1777\n"
		  "d /var/lib/svc/ 2755 1 2\n"
		  "d /etc/file 0700\n"
		  "d= /etc/replaced 0700\n"
		  "d \"/var/with blank\" - - -\n");
	node = tree_directory(&t, "/var/old", 0711);
	t.v[node].gid = 9;
	tree_directory(&t, "/var/mask", 0500);
	tree_put(&t, "/etc/file", "x");
	tree_put(&t, "/etc/replaced", "x");
	applied(&t);
	assert_node(&t, "/var/lib/svc/deep", S_IFDIR | 0750, 450, 451);
	assert_int_equal(tree_node(&t, "/var/lib/svc/deep")->mtime, NOW);
	assert_node(&t, "/var/lib/svc", S_IFDIR | 02755, 1, 2);
	assert_node(&t, "/var/lib/plain", S_IFDIR | 0755, 0, 0);
	assert_node(&t, "/var/sub", S_IFDIR | 0700, 450, 4);
	assert_node(&t, "/var/old", S_IFDIR | 0711, 0, 9);
	assert_node(&t, "/var/mask", S_IFDIR | 01555, 0, 0);
	assert_tree_text(&t, "/etc/file", "x");
	assert_node(&t, "/etc/replaced", S_IFDIR | 0700, 0, 0);
	assert_node(&t, "/var/with blank", S_IFDIR | 0755, 0, 0);
	hull_tree_fini(&t);
}

static void files(void **state)
{
	struct hull_tree t;

	(void)state;
	start(&t, "f /etc/new 0600 svc - - a\\tb %% %L\\n\n"
		  "f /etc/kept 0640 - - - other\n"
		  "f+ /etc/cut - - - - new\n"
		  "F /etc/cut2 - - - - newer\n"
		  "f~ /etc/base64 - - - - aGVsbG8=\n"
		  "f /etc/none\n"
		  "w /etc/ke?t - - - - written\n"
		  "w+ /etc/appended - - - - -2\n"
		  "w /etc/absent - - - - x\n"
		  "f /etc/link - - - - x\n"
		  "f /etc/new 0777\n");
	tree_put(&t, "/etc/kept", "old");
	tree_put(&t, "/etc/cut", "old");
	tree_put(&t, "/etc/cut2", "old");
	tree_put(&t, "/etc/appended", "1");
	tree_link(&t, "/etc/link", "elsewhere");
	applied(&t);
	assert_tree_text(&t, "/etc/new", "a\tb % /var/log\n");
	assert_node(&t, "/etc/new", S_IFREG | 0600, 450, 0);
	assert_tree_text(&t, "/etc/kept", "written");
	assert_node(&t, "/etc/kept", S_IFREG | 0640, 0, 0);
	assert_tree_text(&t, "/etc/cut", "new");
	assert_tree_text(&t, "/etc/cut2", "newer");
	assert_tree_text(&t, "/etc/base64", "hello");
	assert_tree_text(&t, "/etc/none", "");
	assert_tree_text(&t, "/etc/appended", "1-2");
	assert_tree_lacks(&t, "/etc/absent");
	assert_tree_target(&t, "/etc/link", "elsewhere");
	hull_tree_fini(&t);
}

static void links_copies_devices(void **state)
{
	struct hull_tree t;

	(void)state;
	start(&t, "L /etc/os-release - - - - ../usr/lib/os-release\n"
		  "L /etc/factory\n"
		  "L /etc/kept - - - - other\n"
		  "L+ /etc/forced - - - - other\n"
		  "L+ /etc/tree - - - - other\n"
		  "L? /etc/maybe - - - - ../usr/yes\n"
		  "L? /etc/maybenot - - - - ../usr/no\n"
		  "C /etc/pam.d\n"
		  "C /etc/full - svc svc - /usr/share/factory/etc/pam.d\n"
		  "C+ /etc/merged - - - - pam\n"
		  "C /etc/absent\n"
		  "p /var/fifo 0600\n"
		  "c /var/null 0666 - - - 1:3\n"
		  "b /var/disk - - - - 8:17\n");
	tree_link(&t, "/etc/kept", "mine");
	tree_link(&t, "/etc/forced", "mine");
	tree_put(&t, "/etc/tree/a/b", "");
	tree_put(&t, "/usr/yes", "");
	tree_put_mode(&t, "/usr/share/factory/etc/pam.d/x", "text", 0640);
	tree_put(&t, "/usr/share/factory/pam/one", "factory");
	tree_put(&t, "/usr/share/factory/pam/two", "factory");
	tree_put(&t, "/etc/merged/one", "mine");
	tree_directory(&t, "/etc/full", 0711);
	applied(&t);
	assert_tree_target(&t, "/etc/os-release", "../usr/lib/os-release");
	assert_tree_target(&t, "/etc/factory", "/usr/share/factory/etc/factory");
	assert_tree_target(&t, "/etc/kept", "mine");
	assert_tree_target(&t, "/etc/forced", "other");
	assert_tree_target(&t, "/etc/tree", "other");
	assert_tree_target(&t, "/etc/maybe", "../usr/yes");
	assert_tree_lacks(&t, "/etc/maybenot");
	assert_tree_text(&t, "/etc/pam.d/x", "text");
	assert_node(&t, "/etc/pam.d/x", S_IFREG | 0640, 0, 0);
	assert_node(&t, "/etc/full/x", S_IFREG | 0640, 450, 451);
	assert_node(&t, "/etc/full", S_IFDIR | 0711, 450, 451);
	assert_tree_text(&t, "/etc/merged/one", "mine");
	assert_tree_text(&t, "/etc/merged/two", "factory");
	assert_tree_lacks(&t, "/etc/absent");
	assert_node(&t, "/var/fifo", S_IFIFO | 0600, 0, 0);
	assert_node(&t, "/var/null", S_IFCHR | 0666, 0, 0);
	assert_int_equal(tree_node(&t, "/var/null")->minor, 3);
	assert_int_equal(tree_node(&t, "/var/disk")->major, 8);
	hull_tree_fini(&t);
}

static void adjusting(void **state)
{
	const struct hull_xattr *x;
	struct hull_tree t;

	(void)state;
	start(&t, "z /srv/[ab] 0600 svc adm\n"
		  "Z /srv/deep ~0770 - adm\n"
		  "e /srv/{deep,a} 0711\n"
		  "e /srv/absent 0711\n"
		  "t /srv/a - - - - user.color=red \"user.name=a b\"\n"
		  "T /srv/deep - - - - user.x=\n");
	tree_put(&t, "/srv/a", "");
	tree_put(&t, "/srv/b", "");
	tree_put(&t, "/srv/c", "");
	tree_put(&t, "/srv/deep/f", "");
	tree_put_mode(&t, "/srv/deep/x", "", 0555);
	applied(&t);
	assert_node(&t, "/srv/a", S_IFREG | 0600, 450, 4);
	assert_node(&t, "/srv/b", S_IFREG | 0600, 450, 4);
	assert_node(&t, "/srv/c", S_IFREG | 0644, 0, 0);
	assert_node(&t, "/srv/deep", S_IFDIR | 0711, 0, 4);
	assert_node(&t, "/srv/deep/f", S_IFREG | 0660, 0, 4);
	assert_node(&t, "/srv/deep/x", S_IFREG | 0550, 0, 4);
	assert_tree_lacks(&t, "/srv/absent");
	x = tree_node(&t, "/srv/a")->xattrs;
	assert_string_equal(x->name, "user.color");
	assert_memory_equal(x->value, "red", x->size);
	assert_memory_equal(x->next->value, "a b", x->next->size);
	assert_int_equal(tree_node(&t, "/srv/deep/x")->xattrs->size, 0);
	hull_tree_fini(&t);
}

static void what_is_for_the_boot(void **state)
{
	static const char *const absent[] = {"/run/a",	    "/tmp",	 "/dev/x",  "/var/run",
					     "/var/lock/a", "/etc/boot", "/etc/id", "/etc/secret"};
	struct hull_tree t;

	(void)state;
	start(&t, "d /run/a\nd /tmp 1777\nc /dev/x - - - - 1:3\nd /var/run/b\nd /var/lock/a\n"
		  "f! /etc/boot\nf /etc/id - - - - %m\nf^ /etc/secret - - - - cred\n"
		  "d /runner\nr! /etc/passwd\nR /etc\nx /var/x - - - - %Q\na+ /var - - - - u:x:r\n"
		  "h /var - - - - +C\n");
	tree_directory(&t, "/run/lock", 0755);
	tree_link(&t, "/var/lock", "../run/lock");
	applied(&t);
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		assert_tree_lacks(&t, absent[i]);
	assert_node(&t, "/runner", S_IFDIR | 0755, 0, 0);
	assert_node(&t, "/etc/passwd", S_IFREG | 0644, 0, 0);
	hull_tree_fini(&t);
}

static void malformed_lines_are_refused(void **state)
{
	(void)state;
	refused("\n# x\nY /etc/a\n", "/usr/lib/tmpfiles.d/a.conf:3: unknown type 'Y'");
	refused("d* /etc/a\n", "modifier");
	refused("d\n", "without a path");
	refused("d etc/a\n", "not an absolute path");
	refused("d /etc/../a\n", "\"..\"");
	refused("d /etc/%Q\n", "unknown specifier \"%Q\"");
	refused("d /etc/a 0888\n", "'0888' is not a mode");
	refused("d /etc/a 10000\n", "not a mode");
	refused("d /etc/a 0755 nobody\n", "a.conf:1: there is no user 'nobody'");
	refused("d /etc/a 0755 - nobody\n", "there is no group 'nobody'");
	refused("d \"/etc/a\n", "malformed quote");
	refused("f /etc/a - - - - \\q\n", "malformed escape");
	refused("f~ /etc/a - - - - a=b\n", "base64");
	refused("c /etc/a - - - - 1\n", "number of a device");
	refused("t /etc - - - - name\n", "attribute");
	refused("d /etc/file/a\n", "/etc/file is not a directory");
}

static void failures_may_be_ignored(void **state)
{
	struct hull_tree t;

	(void)state;
	start(&t, "d- /etc/file/a\nd /etc/b\n");
	tree_put(&t, "/etc/file", "");
	applied(&t);
	assert_node(&t, "/etc/b", S_IFDIR | 0755, 0, 0);
	hull_tree_fini(&t);
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern;
		size_t found;
	} cases[] = {
		{"/a/*", 2}, {"/a/{x,y}", 2}, {"/{a,b}/x", 1}, {"/a/{x,{y,z}}", 2},
		{"/*/x", 2}, {"/a/.*", 1},    {"/l/x", 1},     {"/a/x/y", 0},
		{"/", 1},    {"/a/{x", 0},    {"/a/[xy]", 2},  {"/a//x/", 1},
	};
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	tree_put(&t, "/a/x", "");
	tree_put(&t, "/a/y", "");
	tree_put(&t, "/a/.h", "");
	tree_link(&t, "/l", "a");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree int *found = NULL;
		struct hull_err e;
		size_t n;

		assert_int_equal(hull_tree_glob(&t, cases[i].pattern, &found, &n, &e), 0);
		/* the link and the directory are two ways to one node */
		if (!strcmp(cases[i].pattern, "/*/x"))
			n++;
		if (n != cases[i].found)
			fail_msg("%s: %zu", cases[i].pattern, n);
	}
	hull_tree_fini(&t);
}

/* Each takes a million steps, not as many as there are ways. */
static void patterns_without_end(void **state)
{
	static const char *const parts[] = {"{a,b}", "/{a,b}", "/*", "{,}"};
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	tree_link(&t, "/a", "/");
	tree_link(&t, "/b", "/");
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		hull_autobuf struct hull_buf pattern = {0};
		hull_autofree int *found = NULL;
		struct hull_err e;
		size_t n;

		hull_buf_addc(&pattern, '/');
		for (int k = 0; k < 40; k++)
			hull_buf_adds(&pattern, parts[i]);
		assert_int_equal(hull_tree_glob(&t, pattern.p, &found, &n, &e), -1);
		assert_non_null(strstr(e.msg, "takes more than 1048576 steps"));
	}
	hull_tree_fini(&t);
}

static void compare_node(const struct hull_tree *t, int node, const char *path)
{
	const struct hull_node *n = &t->v[node];
	hull_autobuf struct hull_buf ours = {0}, theirs = {0};
	struct hull_err e;
	struct stat st;

	if (lstat(path, &st) < 0)
		fail_msg("systemd has no %s", path);
	if (st.st_mode != n->mode)
		fail_msg("%s: %o, systemd %o", path, n->mode, st.st_mode);
	if (!S_ISREG(n->mode))
		return;
	assert_int_equal(hull_tree_read(t, node, &ours, &e), 0);
	assert_int_equal(hull_file_read(AT_FDCWD, path, &theirs, &e), 0);
	assert_string_equal(ours.p, theirs.p);
}

/* systemd-tmpfiles makes the same tree. */
static void systemd_agrees(void **state)
{
	char *dir = tree_temp();
	hull_autofree char *root = hull_asprintf("--root=%s", dir);
	char *argv[] = {(char *)"systemd-tmpfiles", root, (char *)"--create", NULL};
	struct hull_arena a = {0};
	struct hull_tree t;
	uint64_t bytes, count, ours = 0;
	struct hull_err e;

	(void)state;
	start(&t, "d /var/lib/x/y 0750\nd /var/lib/x 2711\nd /var/old 0700\nd /var/kept :0700\n"
		  "f /etc/new 0600 - - - a\\tb %%\\n\nf /etc/kept 0640 - - - other\n"
		  "f+ /etc/cut - - - - new\nf /etc/new 0777 - - - twice\n"
		  "f~ /etc/base64 - - - - aGVsbA==\nf+ /etc/new - - - - third\n"
		  "w /etc/w? - - - - written\nw+ /etc/w? - - - - more\n"
		  "w+ /etc/v - - - - a\nw+ /etc/v - - - - b\ne /srv/deep 0700\n"
		  "L /etc/l - - - - ../usr\nL /etc/l2\nL+ /etc/l3 - - - - x\nL /etc/l4 - - - - y\n"
		  "C /etc/pam.d\nC /etc/full - - - - /usr/share/factory/etc/pam.d\n"
		  "C /etc/busy - - - - /usr/share/factory/etc/pam.d\n"
		  "z /srv/[ab] 0600\nZ /srv/deep ~0770\ne /srv/{deep,a} 0711\np /var/fifo 0600\n"
		  "d /etc/kept 0700\nd /srv/%%\n");
	tree_directory(&t, "/var/old", 0755);
	tree_directory(&t, "/var/kept", 0755);
	tree_put(&t, "/etc/kept", "old");
	tree_put(&t, "/etc/cut", "old");
	tree_put(&t, "/etc/w1", "old");
	tree_put(&t, "/etc/v", "old");
	tree_link(&t, "/etc/l3", "old");
	tree_link(&t, "/etc/l4", "old");
	tree_put(&t, "/usr/share/factory/etc/pam.d/a", "a");
	tree_put(&t, "/usr/share/factory/etc/pam.d/sub/b", "b");
	tree_directory(&t, "/etc/full", 0711);
	tree_put(&t, "/etc/busy/c", "c");
	tree_put(&t, "/srv/a", "");
	tree_put(&t, "/srv/b", "");
	tree_put(&t, "/srv/deep/f", "");
	tree_write(&t, dir);
	if (hull_run_checked(argv, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	applied(&t);
	for (int i = hull_tree_next(&t, 0, 0); i >= 0; i = hull_tree_next(&t, i, 0)) {
		compare_node(&t, i, hull_arena_printf(&a, "%s%s", dir, hull_tree_path(&t, i, &a)));
		ours += !S_ISDIR(t.v[i].mode);
	}
	assert_int_equal(hull_tree_size(AT_FDCWD, dir, &bytes, &count, &e), 0);
	assert_true(count >= ours);
	hull_arena_fini(&a);
	hull_tree_fini(&t);
	tree_temp_drop(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories),
		cmocka_unit_test(files),
		cmocka_unit_test(links_copies_devices),
		cmocka_unit_test(adjusting),
		cmocka_unit_test(what_is_for_the_boot),
		cmocka_unit_test(malformed_lines_are_refused),
		cmocka_unit_test(failures_may_be_ignored),
		cmocka_unit_test(patterns),
		cmocka_unit_test(patterns_without_end),
		cmocka_unit_test(systemd_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
