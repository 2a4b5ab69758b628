// SPDX-License-Identifier: MIT
#include "image_fixture.h"

#include "payload/selection.h"
#include "tree/capability.h"

enum { TIME = 1650000000 };

/* The tree of a lock; a message if there is none. */
static bool make(const struct rpm_box *b, const struct locked *l, struct hull_payload_options o,
		 struct hull_packages *p, struct hull_tree *t, struct hull_err *e)
{
	int r;

	o.time = TIME;
	hull_tree_init(t);
	if (hull_packages_open(&b->store, &l->lock, p, e) < 0)
		return false;
	r = hull_payload_add(p, &o, t, e);
	return r == 0;
}

static int find(const struct hull_tree *t, const char *path)
{
	int node = hull_tree_find(t, path);

	if (node == HULL_NO_NODE)
		fail_msg("%s is missing", path);
	return node;
}

static void check_node(const struct hull_tree *t, const char *path, mode_t mode, uint64_t size,
		       int64_t mtime, int owner)
{
	const struct hull_node *n = &t->v[find(t, path)];

	if (n->mode != mode || n->size_bytes != size || n->mtime != mtime || n->owner != owner)
		fail_msg("%s: mode 0%o, %llu bytes, time %lld, owner %d", path, n->mode,
			 (unsigned long long)n->size_bytes, (long long)n->mtime, n->owner);
}

static void check_text(const struct hull_tree *t, const char *path, const char *want)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_err e;

	if (hull_tree_read(t, find(t, path), &text, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(text.p, want);
}

static void packages_become_a_tree(void **state)
{
	static const uint8_t caps[] = {1, 0, 0, 2, 0, 0x30, 0, 0, 0, 0,
				       0, 0, 0, 0, 0, 0,    0, 0, 0, 0};
	const struct hull_xattr *x;
	struct hull_packages p;
	struct locked l = {0};
	struct hull_tree t;
	struct hull_err e;
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	if (!make(&b, &l, (struct hull_payload_options){0}, &p, &t, &e))
		fail_msg("%s", e.msg);
	check_node(&t, "/usr/bin/tool", S_IFREG | 04755, 12, 1600000000, 0);
	check_text(&t, "/usr/bin/tool", "#!/bin/true\n");
	x = t.v[find(&t, "/usr/bin/tool")].xattrs;
	assert_non_null(x);
	assert_string_equal(x->name, "security.capability");
	assert_int_equal(x->size, sizeof caps);
	assert_memory_equal(x->value, caps, sizeof caps);
	check_node(&t, "/etc/payload", S_IFDIR | 02750, 0, 1600000000, 0);
	check_node(&t, "/etc/payload/secret", S_IFREG, 0, 1600000000, 0);
	check_text(&t, "/etc/payload/payload.conf", "conf\n");
	check_text(&t, "/usr/lib/é with blank", "umlaut\n");
	check_node(&t, "/usr/lib", S_IFDIR | 0755, 0, 1600000000, 0);
	check_node(&t, "/lib", S_IFLNK | 0777, 0, 1600000000, 0);
	assert_string_equal(t.v[find(&t, "/lib")].target, "usr/lib");
	check_node(&t, "/usr/lib/zeros", S_IFREG | 0644, 300000, 1600000000, 0);
	/* made while it was built, which is later */
	check_node(&t, "/dev/payload", S_IFCHR | 0600, 0, TIME, 0);
	assert_int_equal(t.v[find(&t, "/dev/payload")].major, 5);
	assert_int_equal(t.v[find(&t, "/dev/payload")].minor, 1);
	check_node(&t, "/opt/other/file", S_IFREG | 0644, 6, 1600000000, 1);
	/* made for what is in it */
	assert_int_equal(t.v[find(&t, "/usr/bin")].mode, S_IFDIR | 0755);
	assert_int_equal(t.v[find(&t, "/usr/bin")].owner, -1);
	assert_int_equal(hull_tree_find(&t, "/var/log/payload.log"), HULL_NO_NODE);
	/* three names, one file */
	assert_int_equal(find(&t, "/opt/c-third"), t.v[find(&t, "/usr/lib/a-first")].inode);
	assert_int_equal(find(&t, "/opt/c-third"), t.v[find(&t, "/usr/lib/b-second")].inode);
	assert_int_equal(find(&t, "/usr/lib/nothing"), t.v[find(&t, "/usr/lib/nothing")].inode);
	check_text(&t, "/usr/lib/b-second", "one\n");
	hull_packages_fini(&p);
	hull_tree_fini(&t);
	locked_fini(&l);
	box_fini(&b);
}

static void documents_and_translations_are_left_out(void **state)
{
	static const struct {
		const char *path;
		bool without_docs, none, german, brazilian;
	} cases[] = {
		{"/usr/share/doc/payload/README", false, true, true, true},
		{"/usr/share/doc/payload/COPYING", true, true, true, true},
		{"/usr/share/man/man1/tool.1", false, true, true, true},
		{"/usr/lib/help.de", true, false, true, false},
		{"/usr/share/locale/de/LC_MESSAGES/payload.mo", true, false, true, false},
		{"/usr/share/locale/pt/LC_MESSAGES/payload.mo", true, false, false, true},
		{"/usr/share/locale/pt_BR/LC_MESSAGES/payload.mo", true, false, false, true},
		{"/usr/bin/tool", true, true, true, true},
	};
	struct locked l = {0};
	struct rpm_box b;

	(void)state;
	box_init(&b);
	locked_build(&l, &b);
	for (int k = 0; k < 4; k++) {
		static const struct hull_payload_options options[] = {{.no_docs = true},
								      {.locales = ""},
								      {.locales = "de"},
								      {.locales = "en:pt_BR"}};
		struct hull_packages p;
		struct hull_tree t;
		struct hull_err e;

		if (!make(&b, &l, options[k], &p, &t, &e))
			fail_msg("%s", e.msg);
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			bool want = k == 0   ? cases[i].without_docs
				    : k == 1 ? cases[i].none
				    : k == 2 ? cases[i].german
					     : cases[i].brazilian;

			if ((hull_tree_find(&t, cases[i].path) != HULL_NO_NODE) != want)
				fail_msg("%d: %s", k, cases[i].path);
		}
		hull_packages_fini(&p);
		hull_tree_fini(&t);
	}
	locked_fini(&l);
	box_fini(&b);
}

static void a_selection_knows_languages(void **state)
{
	static const struct {
		struct hull_file f;
		const char *locales;
		bool want;
	} cases[] = {
		{{.path = "/x", .lang = "de|fr"}, "fr", true},
		{{.path = "/x", .lang = "de"}, "d", false},
		{{.path = "/x", .lang = "d"}, "de", false},
		{{.path = "/x", .lang = "sr"}, "sr@latin", true},
		{{.path = "/x", .lang = "sr@latin"}, "sr", false},
		{{.path = "/x"}, "", true},
		{{.path = "/usr/share/locale/locale.alias", .mode = S_IFREG}, "", true},
		{{.path = "/usr/share/locale/de", .mode = S_IFDIR}, "", false},
		{{.path = "/usr/share/locale", .mode = S_IFDIR}, "", true},
		{{.path = "/usr/share/locale/de", .mode = S_IFDIR}, NULL, true},
		{{.path = "/x", .flags = HULL_FILE_GHOST}, NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(hull_file_selected(&cases[i].f, false, cases[i].locales),
				 cases[i].want);
}

static void capabilities_are_encoded(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{"cap_net_raw=ep", "0100000200200000000000000000000000000000"},
		{"cap_net_raw+p", "0000000200200000000000000000000000000000"},
		{"cap_chown,cap_bpf=eip", "0100000201000000010000008000000080000000"},
		{"cap_chown=i", "0000000200000000010000000000000000000000"},
		{"=ep", "01000002ffffffff00000000ff01000000000000"},
		{"cap_nothing=ep", NULL},
		{"cap_chown=ep cap_bpf=p", NULL},
		{"", "0000000200000000000000000000000000000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t value[HULL_CAPABILITY_BYTES];
		char hex[2 * sizeof value + 1];
		struct hull_err e;
		int r = hull_capability_encode(cases[i].text, value, &e);

		assert_int_equal(r, cases[i].hex ? 0 : -1);
		for (size_t k = 0; k < sizeof value; k++)
			snprintf(hex + 2 * k, 3, "%02x", value[k]);
		if (cases[i].hex)
			assert_string_equal(hex, cases[i].hex);
	}
}

#define FILE(dir, base, data)                                                                      \
	{                                                                                          \
		dir, base, S_IFREG | 0644, data, NULL, 0                                           \
	}
#define LINK(dir, base, to)                                                                        \
	{                                                                                          \
		dir, base, S_IFLNK | 0777, NULL, to, 0                                             \
	}
#define DIRECTORY(dir, base, mode)                                                                 \
	{                                                                                          \
		dir, base, S_IFDIR | (mode), NULL, NULL, 0                                         \
	}
#define HAS_FILE(name, data)                                                                       \
	{                                                                                          \
		name, S_IFREG | 0644, data, 0, 0                                                   \
	}
#define HAS_LINK(name, to)                                                                         \
	{                                                                                          \
		name, S_IFLNK | 0777, to, 0, 0                                                     \
	}
#define HAS_DIRECTORY(name, mode)                                                                  \
	{                                                                                          \
		name, S_IFDIR | (mode), NULL, 0, 0                                                 \
	}

static const struct craft file_x = {
	.name = "x", .files = {FILE("/", "a", "x")}, .entries = {HAS_FILE("./a", "x")}};

static void conflicts_name_both(void **state)
{
	static const struct {
		struct craft a, b;
		const char *want; /* NULL: none */
	} cases[] = {
		{file_x,
		 {.name = "y", .files = {FILE("/", "a", "x")}, .entries = {HAS_FILE("./a", "x")}},
		 NULL},
		{file_x,
		 {.name = "y", .files = {FILE("/", "a", "y")}, .entries = {HAS_FILE("./a", "y")}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different content"},
		{file_x,
		 {.name = "y",
		  .files = {{"/", "a", S_IFREG | 0600, "x", NULL, 0}},
		  .entries = {{"./a", S_IFREG | 0600, "x", 0, 0}}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different mode"},
		{file_x,
		 {.name = "y",
		  .user = "bin",
		  .files = {FILE("/", "a", "x")},
		  .entries = {HAS_FILE("./a", "x")}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different owner"},
		{file_x,
		 {.name = "y",
		  .files = {DIRECTORY("/", "a", 0755)},
		  .entries = {HAS_DIRECTORY("./a", 0755)}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different type"},
		{{.name = "x", .files = {LINK("/", "a", "b")}, .entries = {HAS_LINK("./a", "b")}},
		 {.name = "y", .files = {LINK("/", "a", "c")}, .entries = {HAS_LINK("./a", "c")}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different target"},
		{{.name = "x",
		  .files = {DIRECTORY("/", "a", 0755)},
		  .entries = {HAS_DIRECTORY("./a", 0755)}},
		 {.name = "y",
		  .files = {DIRECTORY("/", "a", 0700)},
		  .entries = {HAS_DIRECTORY("./a", 0700)}},
		 "x-1-1.noarch and y-1-1.noarch both have /a, with different mode"},
		{{.name = "x",
		  .files = {DIRECTORY("/", "a", 0700)},
		  .entries = {HAS_DIRECTORY("./a", 0700)}},
		 {.name = "y",
		  .files = {DIRECTORY("/", "a", 0700)},
		  .entries = {HAS_DIRECTORY("./a", 0700)}},
		 NULL},
		{file_x,
		 {.name = "y",
		  .files = {FILE("/a/", "b", "y")},
		  .entries = {HAS_FILE("./a/b", "y")}},
		 "y-1-1.noarch and x-1-1.noarch: /a/b: /a is not a directory"},
		{{.name = "y",
		  .files = {FILE("/a/", "b", "y")},
		  .entries = {HAS_FILE("./a/b", "y")}},
		 file_x,
		 "x-1-1.noarch has /a, which is no directory there, and y-1-1.noarch has files in it"},
		/* /lib/a is /usr/lib/a, in whatever order they come */
		{{.name = "x",
		  .files = {FILE("/lib/", "a", "x")},
		  .entries = {HAS_FILE("./lib/a", "x")}},
		 {.name = "y",
		  .files = {LINK("/", "lib", "usr/lib"), FILE("/usr/lib/", "a", "x")},
		  .entries = {HAS_LINK("./lib", "usr/lib"), HAS_FILE("./usr/lib/a", "x")}},
		 NULL},
		{{.name = "x",
		  .files = {FILE("/lib/", "a", "x")},
		  .entries = {HAS_FILE("./lib/a", "x")}},
		 {.name = "y",
		  .files = {LINK("/", "lib", "usr/lib"), FILE("/usr/lib/", "a", "y")},
		  .entries = {HAS_LINK("./lib", "usr/lib"), HAS_FILE("./usr/lib/a", "y")}},
		 "x-1-1.noarch and y-1-1.noarch both have /usr/lib/a, with different content"},
		{{.name = "x",
		  .scriptlet = "rm x",
		  .files = {FILE("/", "a", "x")},
		  .entries = {HAS_FILE("./a", "x")}},
		 {.name = "y",
		  .scriptlet = "rm x",
		  .files = {FILE("/", "a", "y")},
		  .entries = {HAS_FILE("./a", "y")}},
		 "packages have scriptlets, which an image is made without: "
		 "x-1-1.noarch (%post), y-1-1.noarch (%post) (--scriptlets=sandbox runs them)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_packages p;
		struct locked l = {0};
		struct hull_tree t;
		struct hull_err e = {.msg = ""};
		struct rpm_box b;

		box_init(&b);
		locked_craft(&l, &b, &cases[i].a);
		locked_craft(&l, &b, &cases[i].b);
		make(&b, &l, (struct hull_payload_options){0}, &p, &t, &e);
		assert_string_equal(e.msg, cases[i].want ? cases[i].want : "");
		hull_packages_fini(&p);
		hull_tree_fini(&t);
		locked_fini(&l);
		box_fini(&b);
	}
}

/* Opening a lock of one package after something was done to the store. */
static void check_refused(const struct craft *c, const char *damage, const char *name,
			  const char *want)
{
	hull_autofree char *command = NULL, *text = NULL;
	struct hull_packages p;
	struct locked l = {0};
	struct hull_err e;
	struct rpm_box b;

	box_init(&b);
	locked_craft(&l, &b, c);
	command = hull_asprintf("cd %s/store; f=rpms/%s.rpm; %s", b.dir, l.v[0].sha256, damage);
	text = shell(command);
	if (name)
		l.v[0].name = name;
	assert_int_equal(hull_packages_open(&b.store, &l.lock, &p, &e), -1);
	if (!strstr(e.msg, want))
		fail_msg("'%s' is not in '%s'", want, e.msg);
	assert_int_equal(p.n, 0);
	locked_fini(&l);
	box_fini(&b);
}

static void damaged_packages_are_refused(void **state)
{
	static const struct craft dots = {.files = {FILE("/a/../", "b", "x")},
					  .entries = {HAS_FILE("./a/../b", "x")}};

	(void)state;
	check_refused(&file_x, "truncate -s -3 $f", NULL, "is truncated: ");
	check_refused(&file_x, "echo >> $f", NULL, "is altered: ");
	check_refused(&file_x, "truncate -s -3 $f; rm headers/*", NULL, "altered: its payload");
	check_refused(&file_x, "printf x | dd of=$f bs=1 seek=700 conv=notrunc; rm headers/*", NULL,
		      "altered: its header has SHA-256");
	check_refused(&file_x, "rm $f", NULL, "No such file or directory");
	check_refused(&file_x, "true", "other", "other-1-1.noarch: the RPM with SHA-256");
	check_refused(&dots, "true", NULL, "is no path that a package may have");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_become_a_tree),
		cmocka_unit_test(documents_and_translations_are_left_out),
		cmocka_unit_test(a_selection_knows_languages),
		cmocka_unit_test(capabilities_are_encoded),
		cmocka_unit_test(conflicts_name_both),
		cmocka_unit_test(damaged_packages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
