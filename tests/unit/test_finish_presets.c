// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "base/process.h"
#include "finish/finish.h"
#include "system/preset.h"
#include "system/unitfile.h"

#define UNITS	"/usr/lib/systemd/system/"
#define PRESETS "/usr/lib/systemd/system-preset/"
#define CONFIG	"/etc/systemd/system/"

static void unit(struct hull_tree *t, const char *name, const char *install)
{
	hull_autofree char *path = hull_asprintf(UNITS "%s", name);
	hull_autofree char *text = hull_asprintf(
		"# x\n[Unit]\nDescription=x\nWantedBy=no.target\n\n[Install]\n%s\n", install);

	tree_put(t, path, text);
}

static void enabled(const struct hull_tree *t, const char *link, const char *name)
{
	hull_autofree char *path = hull_asprintf(CONFIG "%s", link);
	hull_autofree char *target = hull_asprintf(UNITS "%s", name);

	assert_tree_target(t, path, target);
}

static void applied(struct hull_tree *t, const struct hull_image_config *c)
{
	struct hull_err e;

	if (hull_presets_apply(c, t, &e) < 0)
		fail_msg("%s", e.msg);
}

static void refused(struct hull_tree *t, const struct hull_image_config *c, const char *words)
{
	struct hull_err e;

	assert_int_equal(hull_presets_apply(c, t, &e), -1);
	if (!strstr(e.msg, words))
		fail_msg("'%s' lacks '%s'", e.msg, words);
	hull_tree_fini(t);
}

/* A tree that has one of everything; systemctl is asked the same. */
static void many_units(struct hull_tree *t)
{
	hull_tree_init(t);
	unit(t, "plain.service", "WantedBy=multi-user.target \\\n  # c\n  graphical.target");
	unit(t, "required.socket", "RequiredBy=sockets.target");
	unit(t, "off.service", "WantedBy=multi-user.target\nAlso=off.socket");
	unit(t, "off.socket", "WantedBy=sockets.target");
	unit(t, "static.service", "");
	unit(t, "alias.service", "Alias=other.service dbus-%n\nWantedBy=");
	unit(t, "also.service", "WantedBy=a.target\nAlso=helper.service absent.service");
	unit(t, "helper.service", "WantedBy=b.target");
	unit(t, "getty@.service",
	     "WantedBy=getty.target\nDefaultInstance=tty1\nAlias=autovt@.service");
	unit(t, "inst@.service", "WantedBy=inst-%i.target %p.target");
	unit(t, "bare@.service", "WantedBy=multi-user.target other@.service");
	unit(t, "reset.service", "WantedBy=a.target\nWantedBy=\nWantedBy=b.target");
	unit(t, "dropped.service", "WantedBy=a.target");
	tree_put(t, UNITS "dropped.service.d/10.conf", "[Install]\nWantedBy=c.target\n");
	tree_put(t, "/etc/systemd/system/dropped.service.d/20.conf",
		 "[Install]\nRequiredBy=d.target\n");
	unit(t, "masked.service", "WantedBy=multi-user.target");
	tree_link(t, CONFIG "masked.service", "/dev/null");
	unit(t, "early.service", "WantedBy=multi-user.target");
	tree_link(t, CONFIG "old.target.wants/early.service", UNITS "early.service");
	unit(t, "removed.service", "WantedBy=multi-user.target");
	tree_link(t, CONFIG "multi-user.target.wants/removed.service", UNITS "removed.service");
	tree_link(t, CONFIG "gone.target.wants/removed.service", UNITS "removed.service");
	tree_link(t, CONFIG "removed-alias.service", UNITS "removed.service");
	tree_link(t, UNITS "runlevel.target", "real.target");
	unit(t, "real.target", "Alias=default.target");
	tree_put(t, UNITS "not-a-unit", "[Install]\nWantedBy=x.target\n");
	tree_put(t, PRESETS "90-b.preset",
		 "# x\nenable off.service\ndisable removed.*\nenable inst@.service one two\n");
	tree_put(t, PRESETS "10-a.preset", "disable off.service\n");
	tree_put(t, PRESETS "50-c.preset", "disable plain.service\ndisable *\n");
	tree_put(t, "/etc/systemd/system-preset/50-c.preset", "\n;x\ndisable early*\n");
	tree_directory(t, "/etc/systemd/user", 0755);
	tree_put(t, "/usr/lib/systemd/user/agent.socket", "[Install]\nWantedBy=sockets.target\n");
	tree_put(t, "/usr/lib/systemd/user/quiet.service", "[Install]\nWantedBy=a.target\n");
	tree_put(t, "/usr/lib/systemd/user-preset/1.preset", "disable quiet.service\n");
}

static void presets(void **state)
{
	struct hull_image_config c = {0};
	struct hull_tree t;

	(void)state;
	many_units(&t);
	applied(&t, &c);
	enabled(&t, "multi-user.target.wants/plain.service", "plain.service");
	enabled(&t, "graphical.target.wants/plain.service", "plain.service");
	enabled(&t, "sockets.target.requires/required.socket", "required.socket");
	assert_tree_lacks(&t, CONFIG "multi-user.target.wants/off.service");
	enabled(&t, "sockets.target.wants/off.socket", "off.socket");
	enabled(&t, "other.service", "alias.service");
	enabled(&t, "dbus-alias.service", "alias.service");
	enabled(&t, "b.target.wants/helper.service", "helper.service");
	enabled(&t, "getty.target.wants/getty@tty1.service", "getty@.service");
	enabled(&t, "autovt@.service", "getty@.service");
	enabled(&t, "inst-one.target.wants/inst@one.service", "inst@.service");
	enabled(&t, "inst.target.wants/inst@two.service", "inst@.service");
	enabled(&t, "other@.service.wants/bare@.service", "bare@.service");
	assert_tree_lacks(&t, CONFIG "multi-user.target.wants/bare@.service");
	assert_tree_lacks(&t, CONFIG "a.target.wants/reset.service");
	enabled(&t, "c.target.wants/dropped.service", "dropped.service");
	enabled(&t, "d.target.requires/dropped.service", "dropped.service");
	assert_tree_lacks(&t, CONFIG "multi-user.target.wants/masked.service");
	assert_tree_lacks(&t, CONFIG "old.target.wants");
	assert_tree_lacks(&t, CONFIG "removed-alias.service");
	assert_tree_lacks(&t, CONFIG "multi-user.target.wants/removed.service");
	enabled(&t, "default.target", "real.target");
	assert_tree_target(&t, "/etc/systemd/user/sockets.target.wants/agent.socket",
			   "/usr/lib/systemd/user/agent.socket");
	assert_tree_lacks(&t, "/etc/systemd/user/a.target.wants");
	hull_tree_fini(&t);
}

/* Every link below a directory of the host as "path -> target" lines, sorted. */
static void list_links(const char *dir, const char *below, struct hull_strv *out)
{
	hull_autofree char *path = hull_asprintf("%s%s", dir, below);
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;

	assert_int_equal(hull_dir_list(AT_FDCWD, path, &names, &e), 0);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *name = hull_asprintf("%s/%s", below, names.v[i]);
		hull_autofree char *full = hull_asprintf("%s%s", dir, name);
		char target[256];
		ssize_t n = readlink(full, target, sizeof target);
		struct stat st;

		assert_int_equal(lstat(full, &st), 0);
		if (n > 0)
			hull_strv_addf(out, "%s -> %.*s", name, (int)n, target);
		else if (S_ISDIR(st.st_mode))
			list_links(dir, name, out);
	}
}

static void list_tree_links(const struct hull_tree *t, const char *below, struct hull_strv *out)
{
	int top = hull_tree_find(t, below);
	struct hull_arena a = {0};

	for (int i = top; i >= 0; i = hull_tree_next(t, i, top))
		if (S_ISLNK(t->v[i].mode))
			hull_strv_addf(out, "%s -> %s", hull_tree_path(t, i, &a), t->v[i].target);
	hull_arena_fini(&a);
}

static void systemctl_agrees(void **state)
{
	char *dir = tree_temp();
	hull_autofree char *root = hull_asprintf("--root=%s", dir);
	char *system_argv[] = {(char *)"systemctl", root, (char *)"preset-all", NULL};
	char *user_argv[] = {(char *)"systemctl", root, (char *)"--global", (char *)"preset-all",
			     NULL};
	hull_autostrv struct hull_strv ours = {0}, theirs = {0};
	hull_autofree char *lines = NULL;
	struct hull_image_config c = {0};
	hull_autobuf struct hull_buf said = {0};
	struct hull_tree t;
	struct hull_err e;

	(void)state;
	many_units(&t);
	tree_write(&t, dir);
	if (hull_run_checked(system_argv, &said, &e) < 0 ||
	    hull_run_checked(user_argv, &said, &e) < 0)
		fail_msg("%s", e.msg);
	applied(&t, &c);
	list_links(dir, "/etc/systemd", &theirs);
	list_tree_links(&t, "/etc/systemd", &ours);
	hull_strv_sort(&ours);
	hull_strv_sort(&theirs);
	for (size_t i = 0; i < ours.n; i++)
		if (!hull_strv_has(&theirs, ours.v[i]))
			fail_msg("systemctl has no %s", ours.v[i]);
	for (size_t i = 0; i < theirs.n; i++)
		if (!hull_strv_has(&ours, theirs.v[i]))
			fail_msg("hull has no %s", theirs.v[i]);
	assert_true(ours.n > 15);
	hull_tree_fini(&t);
	tree_temp_drop(dir);
}

static void upheld_by(void **state)
{
	struct hull_image_config c = {0};
	struct hull_tree t;

	(void)state;
	hull_tree_init(&t);
	unit(&t, "a.service", "UpheldBy=multi-user.target");
	applied(&t, &c);
	enabled(&t, "multi-user.target.upholds/a.service", "a.service");
	hull_tree_fini(&t);
}

static void services_of_the_configuration(void **state)
{
	struct hull_service services[] = {
		{"plain.service", "r", "c:1", false},	{"off.service", "r", "c:2", true},
		{"helper.service", "r", "c:3", false},	{"static.service", "r", "c:4", false},
		{"inst@six.service", "r", "c:5", true}, {"runlevel.target", "r", "c:6", false},
	};
	struct hull_image_config c = {.services = services, .nservices = 6};
	struct hull_tree t;

	(void)state;
	many_units(&t);
	applied(&t, &c);
	assert_tree_lacks(&t, CONFIG "multi-user.target.wants/plain.service");
	enabled(&t, "multi-user.target.wants/off.service", "off.service");
	enabled(&t, "a.target.wants/also.service", "also.service");
	assert_tree_lacks(&t, CONFIG "b.target.wants/helper.service");
	assert_tree_target(&t, CONFIG "static.service", "/dev/null");
	enabled(&t, "inst-six.target.wants/inst@six.service", "inst@.service");
	enabled(&t, "inst-one.target.wants/inst@one.service", "inst@.service");
	assert_tree_lacks(&t, CONFIG "default.target");
	hull_tree_fini(&t);
}

static void services_that_cannot_be(void **state)
{
	static const struct {
		const char *unit, *words;
		bool enable;
	} cases[] = {
		{"plane.service",
		 "c:1: there is no unit 'plane.service' in the image; near names: "
		 "plain.service",
		 true},
		{"sshd", "there is no unit 'sshd'", false},
		{"none@x.service", "there is no unit", true},
		{"masked.service", "is masked", true},
		{"static.service", "started by other units", true},
		{"local.service", "cannot be masked", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_service s = {cases[i].unit, "r", "c:1", cases[i].enable};
		struct hull_image_config c = {.services = &s, .nservices = 1};
		struct hull_tree t;

		many_units(&t);
		tree_put(&t, CONFIG "local.service", "[Unit]\n");
		refused(&t, &c, cases[i].words);
	}
}

static void units_that_cannot_be(void **state)
{
	static const struct {
		const char *install, *words;
	} cases[] = {
		{"WantedBy=nonsense", UNITS "a.service: 'nonsense' in [Install] is not a unit"},
		{"Alias=b.socket", "'b.socket' cannot be an alias of 'a.service'"},
		{"Alias=b@.service", "cannot be an alias"},
		{"Alias=taken.service", "is to be the name of two units"},
		{"Also=nonsense", "'nonsense' in Also= is not a unit"},
		{"WantedBy=x-%H.target", "known on the running system only"},
		{"WantedBy=x-%Q.target", "unknown specifier"},
		{"WantedBy", "a.service:7: 'WantedBy' has no '='"},
	};
	struct hull_image_config c = {0};
	struct hull_tree t;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_tree_init(&t);
		unit(&t, "a.service", cases[i].install);
		unit(&t, "z.service", "Alias=taken.service");
		refused(&t, &c, cases[i].words);
	}
	hull_tree_init(&t);
	tree_put(&t, PRESETS "1.preset", "enable x\nswitch y\n");
	refused(&t, &c, PRESETS "1.preset:2: 'switch' is neither");
	hull_tree_init(&t);
	tree_put(&t, PRESETS "1.preset", "disable x@.service one\n");
	refused(&t, &c, "takes instances");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets),
		cmocka_unit_test(systemctl_agrees),
		cmocka_unit_test(upheld_by),
		cmocka_unit_test(services_of_the_configuration),
		cmocka_unit_test(services_that_cannot_be),
		cmocka_unit_test(units_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
