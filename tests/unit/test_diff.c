// SPDX-License-Identifier: MIT
#include "diff/compare.h"

#include "inspect/made.h"
#include "text/printable.h"
#include "tree/capability.h"
#include "tree_fixture.h"

/* Two systems in memory. */
struct image_pair {
	struct hull_system x, y;
	struct hull_side old, now;
};

static void pair_init(struct image_pair *p)
{
	*p = (struct image_pair){0};
	hull_tree_init(&p->x.tree);
	hull_tree_init(&p->y.tree);
	p->old = (struct hull_side){.path = "old", .system = &p->x};
	p->now = (struct hull_side){.path = "new", .system = &p->y};
}

static void pair_fini(struct image_pair *p)
{
	hull_tree_fini(&p->x.tree);
	hull_tree_fini(&p->y.tree);
}

static void compare(struct image_pair *p, bool thorough, struct hull_comparison *out)
{
	const struct hull_compare_options o = {.thorough = thorough, .threads = 2};
	struct hull_err e;

	if (hull_compare(&p->old, &p->now, &o, out, &e) < 0)
		fail_msg("%s", e.msg);
}

static const struct hull_file_difference *find(const struct hull_comparison *c, const char *path)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (!strcmp(c->files[i].path, path))
			return &c->files[i];
	return NULL;
}

static void names_in_the_order_of_a_walk(void **state)
{
	/* what sorts otherwise as whole strings: '-' and '.' come before '/' */
	static const char *const shared[] = {"/a/b/c", "/a-b", "/a.b", "/a/b.c", "/a/b-c", "/ab"};
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	pair_init(&p);
	for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
		tree_put(&p.x.tree, shared[i], "x");
		tree_put(&p.y.tree, shared[i], "x");
	}
	tree_put(&p.y.tree, "/a/b/new", "x");
	tree_put(&p.x.tree, "/a-b.old", "x");
	compare(&p, false, &c);
	assert_int_equal(c.nfiles, 2);
	assert_int_equal(find(&c, "/a/b/new")->kind, HULL_ADDED);
	assert_int_equal(find(&c, "/a-b.old")->kind, HULL_REMOVED);
	hull_comparison_fini(&c);
	pair_fini(&p);
}

static void aspects_of_files(void **state)
{
	static const uint8_t caps[] = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0,
				       0, 0, 0, 0, 0, 0,    0, 0, 0, 0};
	struct hull_comparison c;
	struct image_pair p;
	int node;

	(void)state;
	pair_init(&p);
	tree_put(&p.x.tree, "/content", "one");
	tree_put(&p.y.tree, "/content", "two");
	tree_put_mode(&p.x.tree, "/mode", "x", 0644);
	tree_put_mode(&p.y.tree, "/mode", "x", 04644);
	tree_link(&p.x.tree, "/link", "a");
	tree_link(&p.y.tree, "/link", "b");
	tree_directory(&p.x.tree, "/type", 0755);
	tree_put(&p.x.tree, "/type/below", "x");
	tree_put(&p.y.tree, "/type", "x");
	tree_put(&p.x.tree, "/owner", "x");
	node = tree_put(&p.y.tree, "/owner", "x");
	p.y.tree.v[node].gid = 7;
	tree_put(&p.x.tree, "/caps", "x");
	node = tree_put(&p.y.tree, "/caps", "x");
	hull_tree_set_xattr(&p.y.tree, node, "security.capability", caps, sizeof caps);
	tree_put(&p.x.tree, "/xattr", "x");
	node = tree_put(&p.y.tree, "/xattr", "x");
	hull_tree_set_xattr(&p.y.tree, node, "user.a", "b", 1);
	compare(&p, false, &c);
	assert_int_equal(find(&c, "/content")->aspects, HULL_ASPECT_CONTENT);
	assert_int_equal(find(&c, "/mode")->aspects, HULL_ASPECT_MODE);
	assert_true(find(&c, "/mode")->privilege);
	assert_int_equal(find(&c, "/link")->aspects, HULL_ASPECT_TARGET);
	assert_true(find(&c, "/type")->aspects & HULL_ASPECT_TYPE);
	assert_int_equal(find(&c, "/type/below")->kind, HULL_REMOVED);
	assert_int_equal(find(&c, "/owner")->aspects, HULL_ASPECT_OWNER);
	assert_false(find(&c, "/owner")->privilege);
	assert_int_equal(find(&c, "/caps")->aspects, HULL_ASPECT_CAPABILITIES);
	assert_true(find(&c, "/caps")->privilege);
	assert_string_equal(find(&c, "/caps")->now.capabilities, "cap_net_raw=ep");
	assert_int_equal(find(&c, "/xattr")->aspects, HULL_ASPECT_ATTRIBUTES);
	assert_int_equal(c.nfiles, 8);
	hull_comparison_fini(&c);
	pair_fini(&p);
}

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* The digest of a package is trusted for what has its size, unless it may have been changed. */
static void digests_of_packages_are_trusted(void **state)
{
	struct hull_file files[] = {
		{.path = "/config",
		 .mode = S_IFREG | 0644,
		 .digest = DIGEST,
		 .size_bytes = 3,
		 .flags = HULL_FILE_CONFIG},
		{.path = "/plain", .mode = S_IFREG | 0644, .digest = DIGEST, .size_bytes = 3},
		{.path = "/resized", .mode = S_IFREG | 0644, .digest = DIGEST, .size_bytes = 9},
	};
	struct hull_package package = {.name = "p",
				       .version = "1",
				       .release = "1",
				       .arch = "noarch",
				       .files = files,
				       .nfiles = 3};
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	pair_init(&p);
	for (size_t i = 0; i < 3; i++) {
		p.x.tree.v[tree_put(&p.x.tree, files[i].path, "one")].owner = 0;
		p.y.tree.v[tree_put(&p.y.tree, files[i].path, "two")].owner = 0;
	}
	p.x.packages = p.y.packages = &package;
	p.x.npackages = p.y.npackages = 1;
	compare(&p, false, &c);
	assert_null(find(&c, "/plain"));
	assert_non_null(find(&c, "/config"));
	assert_non_null(find(&c, "/resized"));
	assert_string_equal(find(&c, "/config")->package, "p");
	assert_int_equal(c.npackages, 0);
	hull_comparison_fini(&c);
	compare(&p, true, &c);
	assert_non_null(find(&c, "/plain"));
	hull_comparison_fini(&c);
	pair_fini(&p);
}

/* --- packages --- */

static void cves_of_new_entries(void **state)
{
	static const struct hull_change old_log[] = {{1, "A - 1-1", "- CVE-2019-0001"}};
	static const struct hull_change new_log[] = {
		{3, "A - 1-3", "- cve-2026-12345, CVE-2026-9999; CVE-2026-12; XCVE-20266-1234"},
		{2, "A - 1-2", "- CVE-2025-1111 CVE-2026-9999"},
		{1, "A - 1-1", "- CVE-2019-0001"}};
	static const char *const want[] = {"CVE-2025-1111", "CVE-2026-9999", "CVE-2026-12345"};
	struct hull_package x = {.name = "p",
				 .version = "1",
				 .release = "1",
				 .arch = "noarch",
				 .changelog = old_log,
				 .nchangelog = 1};
	struct hull_package y = {.name = "p",
				 .version = "1",
				 .release = "3",
				 .arch = "noarch",
				 .changelog = new_log,
				 .nchangelog = 3};
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	pair_init(&p);
	p.x.packages = &x;
	p.y.packages = &y;
	p.x.npackages = p.y.npackages = 1;
	compare(&p, false, &c);
	assert_int_equal(c.npackages, 1);
	assert_int_equal(c.packages[0].kind, HULL_CHANGED);
	assert_int_equal(c.packages[0].nlog, 2);
	assert_false(c.packages[0].reverted);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(c.packages[0].cves[i], want[i]);
	assert_null(c.packages[0].cves[3]);
	hull_comparison_fini(&c);
	pair_fini(&p);
}

/* Changelogs of a hundred thousand entries, and as many packages that have the same. */
static void changelogs_of_many(void **state)
{
	enum { N = 100000 };
	static const struct hull_change same[] = {{2, "A", "- CVE-2026-0001"}};
	struct hull_change *log = hull_alloc_array(N + 1, sizeof *log);
	struct hull_package *v = hull_alloc_array(2 * N, sizeof *v), *w = v + N;
	hull_autobuf struct hull_buf text = {0};
	struct hull_arena a = {0};
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	pair_init(&p);
	for (size_t i = 0; i <= N; i++)
		log[i] = (struct hull_change){1, "A", hull_arena_printf(&a, "- CVE-2025-%06zu", i)};
	for (size_t i = 0; i < N; i++) {
		v[i] = w[i] = (struct hull_package){.name = hull_arena_printf(&a, "p%06zu", i),
						    .version = "1",
						    .release = "1",
						    .arch = "noarch"};
		w[i].release = "2";
		w[i].changelog = same;
		w[i].nchangelog = 1;
	}
	v[0].changelog = log + 1;
	w[0].changelog = log;
	v[0].nchangelog = N;
	w[0].nchangelog = N + 1;
	p.x.packages = v;
	p.y.packages = w;
	p.x.npackages = p.y.npackages = N;
	compare(&p, false, &c);
	assert_int_equal(c.npackages, N);
	assert_int_equal(c.packages[0].nlog, 1);
	assert_string_equal(c.packages[0].cves[0], "CVE-2025-000000");
	assert_false(c.packages[1].log_told);
	for (size_t i = 2; i < N; i++)
		assert_true(c.packages[i].log_told);
	hull_compare_text(&c, false, &text);
	assert_non_null(strstr(text.p, "CVE ids in these changelogs: 2\n"));
	hull_comparison_fini(&c);
	pair_fini(&p);
	hull_arena_fini(&a);
	free(log);
	free(v);
}

/* Several packages of one name, as kernels are. */
static void packages_of_one_name(void **state)
{
	struct hull_locked x[] = {{.name = "k", .evr = "1-1", .arch = "a", .sha256 = DIGEST},
				  {.name = "k", .evr = "2-1", .arch = "a", .sha256 = DIGEST}};
	struct hull_locked y[] = {{.name = "j", .evr = "1-1", .arch = "a", .sha256 = DIGEST},
				  {.name = "k", .evr = "2-1", .arch = "a", .sha256 = "other"},
				  {.name = "k", .evr = "3-1", .arch = "a", .sha256 = DIGEST}};
	struct hull_lock old = {.v = x, .n = 2}, now = {.v = y, .n = 3};
	struct hull_side a = {.path = "a.json", .lock = &old}, b = {.path = "b.json", .lock = &now};
	const struct hull_compare_options o = {.threads = 1};
	static const enum hull_difference want[] = {HULL_ADDED, HULL_REMOVED, HULL_REBUILT,
						    HULL_ADDED};
	hull_autobuf struct hull_buf text = {0};
	struct hull_comparison c;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_compare(&a, &b, &o, &c, &e), 0);
	assert_int_equal(c.npackages, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c.packages[i].kind, want[i]);
	assert_false(c.with_files);
	hull_compare_text(&c, true, &text);
	assert_non_null(strstr(text.p, "= k 2-1, another build"));
	hull_comparison_fini(&c);
}

/* --- settings --- */

static const char *setting(const struct hull_setting_differences *d, const char *name)
{
	static char text[256];

	for (size_t i = 0; i < d->n; i++) {
		if (strcmp(d->v[i].name, name) != 0)
			continue;
		snprintf(text, sizeof text, "%s>%s", d->v[i].old ? d->v[i].old : "-",
			 d->v[i].now ? d->v[i].now : "-");
		return text;
	}
	return "";
}

static void settings(void **state)
{
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	pair_init(&p);
	tree_put(&p.x.tree, "/usr/lib/systemd/system/a.service", "[Unit]\n");
	tree_put(&p.y.tree, "/usr/lib/systemd/system/a.service", "[Unit]\n");
	tree_put(&p.x.tree, "/usr/lib/systemd/system/b.service", "[Unit]\n");
	tree_put(&p.y.tree, "/usr/lib/systemd/system/b.service", "[Unit]\n");
	tree_put(&p.y.tree, "/usr/lib/systemd/system/plain.service", "[Unit]\n");
	tree_link(&p.x.tree, "/etc/systemd/system/multi-user.target.wants/a.service", "x");
	tree_link(&p.y.tree, "/etc/systemd/system/b.service", "/dev/null");
	tree_link(&p.y.tree, "/etc/systemd/system/getty.target.wants/getty@tty1.service", "x");
	tree_put(&p.x.tree, "/usr/lib/os-release", "ID=a\nNAME=\"x y\"\n");
	tree_put(&p.y.tree, "/usr/lib/os-release", "ID=a\nNAME=z\n");
	p.x.command_line = "quiet a=1 dm=\"x y\" b=2";
	p.y.command_line = "a=2 dm=\"x z\" b=2  c";
	compare(&p, false, &c);
	assert_string_equal(setting(&c.units, "a.service"), "enabled>disabled");
	assert_string_equal(setting(&c.units, "b.service"), "disabled>masked");
	assert_string_equal(setting(&c.units, "getty@tty1.service"), "->enabled");
	assert_string_equal(setting(&c.units, "plain.service"), "");
	assert_int_equal(c.units.n, 3);
	assert_string_equal(setting(&c.os_release, "NAME"), "x y>z");
	assert_int_equal(c.os_release.n, 1);
	assert_string_equal(setting(&c.command_line, "quiet"), ">-");
	assert_string_equal(setting(&c.command_line, "a"), "1>2");
	assert_string_equal(setting(&c.command_line, "dm"), "\"x y\">\"x z\"");
	assert_string_equal(setting(&c.command_line, "c"), "->");
	assert_int_equal(c.command_line.n, 4);
	hull_comparison_fini(&c);
	pair_fini(&p);
}

/* --- texts --- */

static void names_from_strangers(void **state)
{
	struct hull_arena a = {0};
	hull_autobuf struct hull_buf text = {0}, markdown = {0};
	hull_autojson json_t *json = NULL;
	struct hull_comparison c;
	struct image_pair p;

	(void)state;
	assert_string_equal(hull_printable("/plain/ä", &a), "/plain/ä");
	assert_string_equal(hull_printable("a\033[2Jb\n", &a), "a\\x1b[2Jb\\n");
	assert_string_equal(hull_printable("\xff\x7f", &a), "\\xff\\x7f");
	hull_arena_fini(&a);
	pair_init(&p);
	tree_put(&p.y.tree, "/\033]0;x|<b>@me", "x");
	tree_put(&p.y.tree, "/\xff", "x");
	compare(&p, false, &c);
	hull_compare_text(&c, true, &text);
	assert_null(strchr(text.p, '\033'));
	hull_compare_markdown(&c, true, &markdown);
	assert_non_null(strstr(markdown.p, "\\|&lt;b>&#64;me"));
	json = hull_compare_to_json(&c);
	assert_int_equal(json_array_size(json_object_get(json, "files")), 2);
	hull_comparison_fini(&c);
	pair_fini(&p);
}

static void capabilities_as_text(void **state)
{
	static const char *const texts[] = {"cap_net_raw=ep", "cap_chown,cap_sys_admin=p",
					    "cap_checkpoint_restore=ei"};
	uint8_t v3[24] = {1, 0, 0, 3, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 232, 3};
	uint8_t bytes[HULL_CAPABILITY_BYTES], again[HULL_CAPABILITY_BYTES];
	struct hull_arena a = {0};
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(hull_capability_encode(texts[i], bytes, &e), 0);
		assert_int_equal(hull_capability_encode(
					 hull_capability_text(bytes, sizeof bytes, &a), again, &e),
				 0);
		assert_memory_equal(bytes, again, sizeof bytes);
	}
	assert_string_equal(hull_capability_text(v3, sizeof v3, &a), "cap_net_raw=ep rootid=1000");
	assert_string_equal(hull_capability_text(bytes, 19, &a), "malformed");
	assert_string_equal(hull_capability_text(bytes, 0, &a), "malformed");
	hull_arena_fini(&a);
}

/* --- what the image writer makes --- */

static uint8_t flags(const struct hull_made_map *m, const struct hull_tree *t, const char *path)
{
	int node = hull_tree_find(t, path);

	if (node < 0)
		fail_msg("no %s", path);
	return m->v[node];
}

static void what_the_writer_makes(void **state)
{
	struct hull_made_map m;
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	tree_put(&t, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nk:x:5:5::/home/k:/bin/sh\n");
	tree_put(&t, "/etc/group", "root:x:0:\n");
	tree_put(&t, "/etc/foreign", "x");
	tree_put(&t, "/home/k/.ssh/authorized_keys", "key");
	tree_put(&t, "/home/k/other", "x");
	tree_put(&t, "/opt/app/x", "x");
	tree_link(&t, "/etc/systemd/system/a.target.wants/b.service", "/usr/b.service");
	tree_put(&t, "/etc/systemd/system/c.service", "x");
	tree_put(&t, "/usr/lib/tmpfiles.d/t.conf", "d /var/made 0700 root root\nZ /srv 0700\n");
	tree_directory(&t, "/var/made", 0700);
	tree_put(&t, "/srv/a/b", "x");
	t.v[tree_put(&t, "/usr/lib/libz.so.1.3", "x")].owner = 0;
	tree_link(&t, "/usr/lib/libz.so.1", "libz.so.1.3");
	tree_link(&t, "/usr/lib/libq.so.1", "libq.so.2");
	assert_int_equal(hull_made_map_init(&m, &t, &e), 0);
	assert_true(flags(&m, &t, "/etc/passwd") & HULL_MADE_CONTENT);
	assert_int_equal(flags(&m, &t, "/etc/foreign"), 0);
	assert_true(flags(&m, &t, "/home/k/.ssh/authorized_keys") & HULL_MADE);
	assert_int_equal(flags(&m, &t, "/home/k/other"), 0);
	assert_int_equal(flags(&m, &t, "/opt/app/x"), 0);
	assert_int_equal(flags(&m, &t, "/opt"), 0);
	assert_true(flags(&m, &t, "/etc/systemd/system/a.target.wants/b.service") & HULL_MADE);
	assert_true(flags(&m, &t, "/etc/systemd/system/a.target.wants") & HULL_MADE);
	assert_int_equal(flags(&m, &t, "/etc/systemd/system/c.service"), 0);
	assert_true(flags(&m, &t, "/var/made") & HULL_MADE);
	assert_int_equal(flags(&m, &t, "/srv/a/b"), HULL_MADE_MODE);
	assert_true(flags(&m, &t, "/usr/lib/libz.so.1") & HULL_MADE);
	assert_int_equal(flags(&m, &t, "/usr/lib/libq.so.1"), 0);
	hull_made_map_fini(&m);
	hull_tree_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_the_order_of_a_walk),
		cmocka_unit_test(aspects_of_files),
		cmocka_unit_test(digests_of_packages_are_trusted),
		cmocka_unit_test(cves_of_new_entries),
		cmocka_unit_test(packages_of_one_name),
		cmocka_unit_test(changelogs_of_many),
		cmocka_unit_test(settings),
		cmocka_unit_test(names_from_strangers),
		cmocka_unit_test(capabilities_as_text),
		cmocka_unit_test(what_the_writer_makes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
