// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "base/process.h"
#include "finish/accounts.h"
#include "system/sysusers.h"
#include "system/userdb.h"

enum { NOW = 20000 * 86400 + 7 };

struct accounts_world {
	struct hull_tree t;
	struct hull_image_config c;
	struct hull_packages p;
	struct hull_err e;
};

static void start(struct accounts_world *w)
{
	*w = (struct accounts_world){0};
	hull_tree_init(&w->t);
}

static int apply(struct accounts_world *w)
{
	return hull_accounts_apply(&w->c, &w->p, NOW, &w->t, &w->e);
}

static void finish(struct accounts_world *w)
{
	hull_tree_fini(&w->t);
}

static void applied(struct accounts_world *w)
{
	if (apply(w) < 0)
		fail_msg("%s", w->e.msg);
}

/* What the message of a failing tree has in it. */
static void refused(struct accounts_world *w, const char *words)
{
	assert_int_equal(apply(w), -1);
	if (!strstr(w->e.msg, words))
		fail_msg("'%s' lacks '%s'", w->e.msg, words);
	finish(w);
}

static void refused_line(const char *line, const char *words)
{
	struct accounts_world w;

	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", line);
	refused(&w, words);
}

static void root_is_always_there(void **state)
{
	struct accounts_world w;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/bin/sh", "");
	tree_link(&w.t, "/bin", "usr/bin");
	applied(&w);
	assert_tree_text(&w.t, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
	assert_tree_text(&w.t, "/etc/group", "root:x:0:\n");
	assert_tree_text(&w.t, "/etc/shadow", "root:!*:20000::::::\n");
	assert_tree_text(&w.t, "/etc/gshadow", "root:!*::\n");
	assert_int_equal(tree_node(&w.t, "/etc/passwd")->mode, S_IFREG | 0644);
	assert_int_equal(tree_node(&w.t, "/etc/shadow")->mode, S_IFREG | 0600);
	assert_int_equal(tree_node(&w.t, "/etc/shadow")->mtime, NOW);
	finish(&w);
}

static void all_kinds_of_lines(void **state)
{
	struct accounts_world w;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/basic.conf",
		 "# comment\n"
		 "u root 0 \"Super User\" /root /bin/zsh\n"
		 "u nobody 65534:65534 \"Kernel Overflow User\" -\n"
		 "g nobody 65534\n"
		 "g wheel 10 - -\n"
		 "u! dead 7 - %S/dead\n"
		 "u mail 8:wheel\n"
		 "u late -:late\n"
		 "g late 55\n"
		 "m mail render\n"
		 "m extra wheel\n"
		 "r - 700-701\n");
	applied(&w);
	assert_tree_text(&w.t, "/etc/group",
			 "root:x:0:\ndead:x:7:\nwheel:x:10:extra\nlate:x:55:\nextra:x:700:\n"
			 "render:x:701:mail\nnobody:x:65534:\n");
	assert_tree_text(&w.t, "/etc/passwd",
			 "root:x:0:0:Super User:/root:/bin/zsh\n"
			 "dead:x:7:7::/var/lib/dead:/usr/sbin/nologin\n"
			 "mail:x:8:10::/:/usr/sbin/nologin\n"
			 "late:x:55:55::/:/usr/sbin/nologin\n"
			 "extra:x:700:700::/:/usr/sbin/nologin\n"
			 "nobody:x:65534:65534:Kernel Overflow User:/:/usr/sbin/nologin\n");
	assert_tree_text(&w.t, "/etc/shadow",
			 "root:!*:20000::::::\ndead:!*:20000:::::1:\nmail:!*:20000::::::\n"
			 "late:!*:20000::::::\nextra:!*:20000::::::\nnobody:!*:20000::::::\n");
	finish(&w);
}

static void etc_replaces_files_of_a_package(void **state)
{
	struct accounts_world w;
	hull_autofree char *passwd = NULL;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", "u a 11\n");
	tree_put(&w.t, "/usr/lib/sysusers.d/b.conf", "u b 12\n");
	tree_put(&w.t, "/usr/lib/sysusers.d/c.conf", "u c 13\nu b 99\n");
	tree_put(&w.t, "/etc/sysusers.d/a.conf", "u aa 14\n");
	tree_link(&w.t, "/etc/sysusers.d/c.conf", "/dev/null");
	applied(&w);
	passwd = tree_text(&w.t, "/etc/passwd");
	assert_null(strstr(passwd, "\na:"));
	assert_non_null(strstr(passwd, "\naa:x:14:"));
	assert_non_null(strstr(passwd, "\nb:x:12:"));
	assert_null(strstr(passwd, "\nc:"));
	finish(&w);
}

static void files_of_packages_are_extended(void **state)
{
	struct accounts_world w;

	(void)state;
	start(&w);
	tree_put(&w.t, "/etc/passwd", "root:x:0:0:r:/root:/bin/sh\nold:*:500:501:::/bin/false\n");
	tree_put(&w.t, "/etc/group", "root:x:0:\nold:x:501:root\n");
	tree_put(&w.t, "/etc/shadow", "root:$6$x$y:1:2:3:4:5:6:7\n");
	tree_put(&w.t, "/etc/gshadow", "old:!:root:\n");
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", "u new 600\nm new old\nu old 5\n");
	applied(&w);
	assert_tree_text(&w.t, "/etc/passwd",
			 "root:x:0:0:r:/root:/bin/sh\nold:*:500:501:::/bin/false\n"
			 "new:x:600:600::/:/usr/sbin/nologin\n");
	assert_tree_text(&w.t, "/etc/group", "root:x:0:\nold:x:501:new,root\nnew:x:600:\n");
	assert_tree_text(&w.t, "/etc/shadow", "root:$6$x$y:1:2:3:4:5:6:7\nnew:!*:20000::::::\n");
	assert_tree_text(&w.t, "/etc/gshadow", "root:!*::\nold:!:root:new,root\nnew:!*::\n");
	finish(&w);
}

static void ids_do_not_depend_on_other_packages(void **state)
{
	struct accounts_world w;
	hull_autofree char *one = NULL, *two = NULL;
	const char *at;
	struct hull_userdb db;
	struct hull_user_entry *u;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/m.conf", "u sshd - \"SSH\" /x\nu chrony -\n");
	applied(&w);
	one = tree_text(&w.t, "/etc/passwd");
	finish(&w);
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/m.conf", "u sshd - \"SSH\" /x\nu chrony -\n");
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", "u aaa -\ng zzz -\nu bbb -:zzz\n");
	applied(&w);
	assert_int_equal(hull_userdb_read(&w.t, &db, &w.e), 0);
	u = hull_userdb_user(&db, "sshd");
	assert_true(u->uid >= 400 && u->uid <= 999 && u->gid == u->uid);
	assert_int_equal(hull_userdb_user(&db, "bbb")->gid, hull_userdb_group(&db, "zzz")->gid);
	assert_null(hull_userdb_group(&db, "bbb"));
	hull_userdb_fini(&db);
	two = tree_text(&w.t, "/etc/passwd");
	at = strstr(one, "sshd:");
	assert_non_null(at);
	*strchr(at, '\n') = '\0';
	assert_non_null(strstr(two, at));
	finish(&w);
}

/* More names than free ids between them: every id once, and an end. */
static void collisions_are_solved(void **state)
{
	hull_autobuf struct hull_buf lines = {0};
	struct hull_userdb db;
	struct accounts_world w;

	(void)state;
	start(&w);
	for (int i = 0; i < 600; i++)
		hull_buf_addf(&lines, "u user%d -\n", i);
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", lines.p);
	applied(&w);
	assert_int_equal(hull_userdb_read(&w.t, &db, &w.e), 0);
	for (uint32_t i = 400; i <= 999; i++)
		assert_non_null(hull_userdb_uid(&db, i));
	hull_userdb_fini(&db);
	finish(&w);
	start(&w);
	hull_buf_adds(&lines, "u onemore -\n");
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", lines.p);
	refused(&w, "no id is left");
}

static void malformed_lines_are_refused(void **state)
{
	(void)state;
	refused_line("\nx root 0\n", "/usr/lib/sysusers.d/a.conf:2: unknown type 'x'");
	refused_line("u 0root 0\n", "valid name");
	refused_line("u a 1 \"x\n", "quote");
	refused_line("u a -1\n", "not a uid");
	refused_line("u a 4294967295\n", "not a uid");
	refused_line("u a 65535\n", "not a uid");
	refused_line("u a 1 - home\n", "absolute");
	refused_line("u a 1 x:y\n", "passwd");
	refused_line("u a 1 - /a /b c\n", "behind the last field");
	refused_line("u a 1 %m\n", "running system");
	refused_line("u a 1 %Q\n", "unknown specifier");
	refused_line("g a 1 text\n", "three fields");
	refused_line("r - 9-1\n", "range");
	refused_line("m a\n", "name of a group");
	refused_line("u a 1:nogroup\n", "there is no group 'nogroup' for user 'a'");
	refused_line("u a 1:5\n", "no group has the gid 5");
	refused_line("u a 7\nu b 7\n",
		     "uid 7 of 'b' is that of 'a', see /usr/lib/sysusers.d/a.conf:1");
	refused_line("g a 7\ng b 7\n", "gid 7 of");
	refused_line("u a 0\n", "uid 0 of");
}

static struct hull_strv *with(struct hull_strv *v, const char *s)
{
	hull_strv_add(v, s);
	return v;
}

static void configured_users(void **state)
{
	struct hull_account users[] = {
		{.name = "root",
		 .where = "c:1",
		 .uid = -1,
		 .password_expires_days = -1,
		 .password = "$6$s$h"},
		{.name = "core", .where = "c:2", .uid = -1, .password_expires_days = -1},
		{.name = "ops",
		 .where = "c:3",
		 .uid = 1000,
		 .password_expires_days = 30,
		 .password = "$6$a$b",
		 .primary_group = "team",
		 .home = "/srv/ops",
		 .shell = "/bin/dash"},
	};
	struct hull_group groups[] = {{"team", "c:4", -1}, {"fixed", "c:5", 1001}};
	struct accounts_world w;
	int skel;

	(void)state;
	start(&w);
	with(with(&users[1].groups, "wheel"), "team");
	with(&users[1].ssh_keys, "ssh-ed25519 AAAA me");
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", "g wheel 10\n");
	tree_put(&w.t, "/etc/skel/.profile", "hello\n");
	skel = tree_directory(&w.t, "/etc/skel/.d", 0750);
	w.t.v[skel].uid = 3;
	w.c.users = users;
	w.c.nusers = 3;
	w.c.groups = groups;
	w.c.ngroups = 2;
	applied(&w);
	assert_tree_text(
		&w.t, "/etc/passwd",
		"root:x:0:0:root:/root:/usr/sbin/nologin\n"
		"ops:x:1000:1003::/srv/ops:/bin/dash\ncore:x:1002:1002::/home/core:/bin/sh\n");
	assert_tree_text(
		&w.t, "/etc/group",
		"root:x:0:\nwheel:x:10:core\nfixed:x:1001:\ncore:x:1002:\nteam:x:1003:core\n");
	assert_tree_text(&w.t, "/etc/shadow",
			 "root:$6$s$h:20000:0:99999:7:::\nops:$6$a$b:20000:0:30:7:::\n"
			 "core:*:20000:0:99999:7:::\n");
	assert_int_equal(tree_node(&w.t, "/home/core")->mode, S_IFDIR | 0700);
	assert_int_equal(tree_node(&w.t, "/home/core")->uid, 1002);
	assert_int_equal(tree_node(&w.t, "/home")->uid, 0);
	assert_tree_text(&w.t, "/home/core/.profile", "hello\n");
	assert_int_equal(tree_node(&w.t, "/home/core/.d")->mode, S_IFDIR | 0750);
	assert_int_equal(tree_node(&w.t, "/home/core/.d")->gid, 1002);
	assert_int_equal(tree_node(&w.t, "/home/core/.ssh")->mode, S_IFDIR | 0700);
	assert_int_equal(tree_node(&w.t, "/home/core/.ssh/authorized_keys")->mode, S_IFREG | 0600);
	assert_int_equal(tree_node(&w.t, "/home/core/.ssh/authorized_keys")->uid, 1002);
	assert_tree_text(&w.t, "/home/core/.ssh/authorized_keys", "ssh-ed25519 AAAA me\n");
	assert_tree_text(&w.t, "/srv/ops/.profile", "hello\n");
	hull_strv_fini(&users[1].groups);
	hull_strv_fini(&users[1].ssh_keys);
	finish(&w);
}

static void configured_users_that_cannot_be(void **state)
{
	struct hull_account two[] = {
		{.name = "a", .where = "c:1", .uid = 1500, .password_expires_days = -1},
		{.name = "b", .where = "c:2", .uid = 1500, .password_expires_days = -1},
	};
	struct hull_account lost = {
		.name = "a", .where = "c:1", .uid = -1, .password_expires_days = -1};
	struct accounts_world w;

	(void)state;
	start(&w);
	w.c.users = two;
	w.c.nusers = 2;
	refused(&w, "c:2: uid 1500 of 'b' is that of 'a'");
	start(&w);
	with(&lost.groups, "nowhere");
	w.c.users = &lost;
	w.c.nusers = 1;
	refused(&w, "c:1: there is no group 'nowhere' for user 'a'");
	hull_strv_fini(&lost.groups);
}

static void owners_of_package_files(void **state)
{
	struct hull_file files[] = {
		{.path = "/usr/bin/crontab",
		 .user = "root",
		 .group = "crontab",
		 .mode = S_IFREG | 02755},
		{.path = "/lib/num", .user = "77", .group = "88", .mode = S_IFREG | 0644},
		{.path = "/not/there", .user = "ghost", .group = "ghost", .mode = S_IFREG | 0644},
		{.path = "/other", .user = "77", .group = "88", .mode = S_IFREG | 0644},
	};
	struct hull_package package = {.name = "cron", .files = files, .nfiles = 4};
	struct accounts_world w;
	int node;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", "g crontab 50\n");
	node = tree_put(&w.t, "/usr/bin/crontab", "");
	w.t.v[node].owner = 0;
	w.t.v[node].mode = S_IFREG | 02755;
	tree_link(&w.t, "/lib", "usr/lib");
	node = tree_put(&w.t, "/usr/lib/num", "");
	w.t.v[node].owner = 0;
	tree_put(&w.t, "/other", "");
	w.p.v = &package;
	w.p.n = 1;
	applied(&w);
	assert_int_equal(tree_node(&w.t, "/usr/bin/crontab")->gid, 50);
	assert_int_equal(tree_node(&w.t, "/usr/bin/crontab")->mode, S_IFREG | 02755);
	assert_int_equal(tree_node(&w.t, "/usr/lib/num")->uid, 77);
	assert_int_equal(tree_node(&w.t, "/usr/lib/num")->gid, 88);
	assert_int_equal(tree_node(&w.t, "/other")->uid, 0);
	files[1].group = "gone";
	refused(&w, "cron: /lib/num belongs to the group 'gone', which nothing defines");
}

/* systemd-sysusers makes the same users and groups wherever ids are fixed. */
static void systemd_agrees(void **state)
{
	static const char lines[] = "u root 0 \"Super User\" /root\n"
				    "g nogroup 65534\n"
				    "u nobody 65534:65534 \"Nobody at all\"\n"
				    "g adm 4\nu games 5:adm \"A 'B' C\" /games /bin/sh\n"
				    "m games tape\ng tape 26\nu web 33 - /var/www\n"
				    "m web adm\nm nobody adm\n";
	static const char *const names[] = {"/etc/passwd", "/etc/group"};
	char *dir = tree_temp();
	hull_autofree char *root = hull_asprintf("--root=%s", dir);
	char *argv[] = {(char *)"systemd-sysusers", root, NULL};
	struct accounts_world w;

	(void)state;
	start(&w);
	tree_put(&w.t, "/usr/lib/sysusers.d/a.conf", lines);
	tree_put(&w.t, "/usr/bin/bash", "");
	tree_link(&w.t, "/bin", "usr/bin");
	tree_directory(&w.t, "/etc", 0755);
	tree_write(&w.t, dir);
	if (hull_run_checked(argv, NULL, &w.e) < 0)
		fail_msg("%s", w.e.msg);
	applied(&w);
	for (size_t i = 0; i < 2; i++) {
		hull_autofree char *path = hull_asprintf("%s%s", dir, names[i]);
		hull_autofree char *ours = tree_text(&w.t, names[i]);
		hull_autobuf struct hull_buf theirs = {0};
		const char *at = ours, *word;
		size_t n;

		assert_int_equal(hull_file_read(AT_FDCWD, path, &theirs, &w.e), 0);
		assert_int_equal(theirs.n, strlen(ours));
		for (at = ours; *at; at = word + 1) { /* the order is another */
			hull_autofree char *line = NULL;

			word = strchr(at, '\n');
			n = (size_t)(word - at) + 1;
			line = hull_strndup(at, n);
			if (!strstr(theirs.p, line))
				fail_msg("systemd has no line %s in\n%s", line, theirs.p);
		}
	}
	finish(&w);
	tree_temp_drop(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_always_there),
		cmocka_unit_test(all_kinds_of_lines),
		cmocka_unit_test(etc_replaces_files_of_a_package),
		cmocka_unit_test(files_of_packages_are_extended),
		cmocka_unit_test(ids_do_not_depend_on_other_packages),
		cmocka_unit_test(collisions_are_solved),
		cmocka_unit_test(malformed_lines_are_refused),
		cmocka_unit_test(configured_users),
		cmocka_unit_test(configured_users_that_cannot_be),
		cmocka_unit_test(owners_of_package_files),
		cmocka_unit_test(systemd_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
