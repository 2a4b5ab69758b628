// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rpm/header.h>
#include <rpm/rpmds.h>
#include <rpm/rpmtag.h>
#include <rpm/rpmtd.h>

#include "scriptlet/emptied.h"
#include "scriptlet/fate.h"
#include "scriptlet/fires.h"

static const char *const sh[] = {"/bin/sh", NULL}, *const lua[] = {"<lua>", NULL},
			 *const ldconfig[] = {"/sbin/ldconfig", NULL},
			 *const perl[] = {"/usr/bin/perl", NULL};

static void test_fates(void **state)
{
	static const struct {
		const char *const *program;
		const char *body;
		enum hull_effect want;
		const char *need; /* the first: kind, name and number as text */
	} cases[] = {
		{sh, "", HULL_EFFECT_NOTHING, NULL},
		{sh, "\n  # only words\n\t\n", HULL_EFFECT_NOTHING, NULL},
		{sh, ":", HULL_EFFECT_NOTHING, NULL},
		{sh, "exit 0\n", HULL_EFFECT_NOTHING, NULL},
		{sh, "exit 1\n", HULL_EFFECT_RUNS, NULL},
		{sh, "test -x /bin/x && true || :\n", HULL_EFFECT_NOTHING, NULL},
		{ldconfig, "", HULL_EFFECT_DONE, NULL},
		{ldconfig, "x", HULL_EFFECT_RUNS, NULL},
		{perl, "", HULL_EFFECT_RUNS, NULL},
		{sh, "/usr/sbin/ldconfig\n", HULL_EFFECT_DONE, NULL},
		{sh, "/opt/bin/ldconfig\n", HULL_EFFECT_RUNS, NULL},
		{sh, "/usr/bin/x/ldconfig\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig -r /x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig; rm x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig & \n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig | sh\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig >/etc/x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig >/dev/null2\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig > /dev/null 2>&1 || :\n", HULL_EFFECT_DONE, NULL},
		{sh, "ldconfig &>/dev/null\n", HULL_EFFECT_DONE, NULL},
		{sh, "echo x >&2\n", HULL_EFFECT_NOTHING, NULL},
		{sh, "echo `rm x`\n", HULL_EFFECT_RUNS, NULL},
		{sh, "echo \"$(rm x)\"\n", HULL_EFFECT_RUNS, NULL},
		{sh, "echo \"a $1 ${1} b\"\n", HULL_EFFECT_NOTHING, NULL},
		{sh, "echo $10\n", HULL_EFFECT_RUNS, NULL},
		{sh, "echo $x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "PATH=/x ldconfig\n", HULL_EFFECT_RUNS, NULL},
		{sh, "ldconfig() { rm x; }\nldconfig\n", HULL_EFFECT_RUNS, NULL},
		{sh, "for i in a b; do ldconfig; done\n", HULL_EFFECT_RUNS, NULL},
		{sh, "echo 'a\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemctl preset a.service\n", HULL_EFFECT_DONE, NULL},
		{sh, "systemctl --no-reload preset a@.service b.timer >/dev/null 2>&1 || :\n",
		 HULL_EFFECT_DONE, NULL},
		{sh, "systemctl preset --global a.service\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemctl --root=/x preset a.service\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemctl enable a.service\n", HULL_EFFECT_RUNS, NULL},
		{sh, "if test -d \"/run/systemd/system\"; then\n systemctl daemon-reload || :\nfi",
		 HULL_EFFECT_NOTHING, NULL},
		{sh,
		 "if [ $1 -eq 1 ] && [ -x \"/usr/lib/systemd/systemd-update-helper\" ]; then\n"
		 "    # Initial\n"
		 "    /usr/lib/systemd/systemd-update-helper install-system-units a.service || :\n"
		 "fi\n",
		 HULL_EFFECT_DONE, NULL},
		{sh, "/usr/lib/systemd/systemd-update-helper install-user-units a.service\n",
		 HULL_EFFECT_RUNS, NULL},
		{sh, "/usr/lib/systemd/systemd-update-helper remove-system-units a.service\n",
		 HULL_EFFECT_RUNS, NULL},
		{sh, "systemd-sysusers a.conf || :\n", HULL_EFFECT_DONE, NULL},
		{sh, "systemd-sysusers --root=/x a.conf || :\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemd-sysusers - <<E\nu a\nE\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemd-sysusers --replace=/usr/lib/sysusers.d/a.conf - <<E || :\nu a\nE\n",
		 HULL_EFFECT_DONE, "2 /usr/lib/sysusers.d/a.conf -1"},
		{sh, "systemd-sysusers --replace=/a - <<E || :\nu $(rm x)\nE\n", HULL_EFFECT_RUNS,
		 NULL},
		{sh, "sh <<E\nrm x\nE\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemd-tmpfiles --create a.conf || :\n", HULL_EFFECT_DONE, NULL},
		{sh, "systemd-tmpfiles --create --remove a.conf || :\n", HULL_EFFECT_RUNS, NULL},
		{sh, "systemd-hwdb update >/dev/null 2>&1 || :\n", HULL_EFFECT_DONE, NULL},
		{sh, "journalctl --update-catalog >/dev/null 2>&1 || :\n", HULL_EFFECT_DONE, NULL},
		{sh, "udevadm control --reload >/dev/null 2>&1 || :\n", HULL_EFFECT_NOTHING, NULL},
		{sh, "/sbin/depmod -a 6.1\n", HULL_EFFECT_DONE, NULL},
		{sh, "groupadd -f -g '11' -r 'x' || :\n", HULL_EFFECT_DONE, "1 x 11"},
		{sh, "useradd -r -u 7 -g 'x' -d '/' -s '/sbin/nologin' -c 'An X' 'x'\n",
		 HULL_EFFECT_DONE, "0 x 7"},
		{sh, "useradd -m x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "useradd -u x x\n", HULL_EFFECT_RUNS, NULL},
		{sh, "useradd -r x y\n", HULL_EFFECT_RUNS, NULL},
		{lua, "-- nothing\n", HULL_EFFECT_NOTHING, NULL},
		{lua, "--[[ x ]] os.remove('/x')\n", HULL_EFFECT_RUNS, NULL},
		{lua, "-- x\nassert(rpm.execute(\"systemd-sysusers\"))\n", HULL_EFFECT_DONE, NULL},
		{lua, "rpm.execute(\"journalctl\", \"--update-catalog\");\n", HULL_EFFECT_DONE,
		 NULL},
		{lua, "assert(rpm.execute(\"rm\", \"x\"))\n", HULL_EFFECT_RUNS, NULL},
		{lua, "assert(rpm.execute(\"systemd-sysusers\")) os.remove(\"x\")\n",
		 HULL_EFFECT_RUNS, NULL},
		{lua, "rpm.execute(\"systemd-sysusers\"))\n", HULL_EFFECT_RUNS, NULL},
		{lua, "rpm.execute(\"systemd-sysusers\", x)\n", HULL_EFFECT_RUNS, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct hull_scriptlet s = {.kind = HULL_POST,
						 .name = "%post",
						 .program = cases[i].program,
						 .body = cases[i].body};
		struct hull_arena a = {0};
		struct hull_needs needs;
		enum hull_effect got = hull_scriptlet_fate(&s, &a, &needs);

		if (got != cases[i].want)
			print_error("%s: %s\n", cases[i].program[0], cases[i].body);
		assert_int_equal(got, cases[i].want);
		if (cases[i].need)
			assert_string_equal(hull_arena_printf(&a, "%d %s %lld", needs.v[0].kind,
							      needs.v[0].what,
							      (long long)needs.v[0].id),
					    cases[i].need);
		hull_arena_fini(&a);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		enum hull_scriptlet_kind kind;
		unsigned int when;
		enum hull_effect want;
	} cases[] = {
		{HULL_PRETRANS, 0, HULL_EFFECT_RUNS},
		{HULL_PRE, 0, HULL_EFFECT_RUNS},
		{HULL_POST, 0, HULL_EFFECT_RUNS},
		{HULL_POSTTRANS, 0, HULL_EFFECT_RUNS},
		{HULL_PREUN, 0, HULL_EFFECT_NEVER},
		{HULL_POSTUN, 0, HULL_EFFECT_NEVER},
		{HULL_PREUNTRANS, 0, HULL_EFFECT_NEVER},
		{HULL_POSTUNTRANS, 0, HULL_EFFECT_NEVER},
		{HULL_VERIFYSCRIPT, 0, HULL_EFFECT_NEVER},
		{HULL_TRIGGER, HULL_TRIGGER_IN, HULL_EFFECT_RUNS},
		{HULL_TRIGGER, HULL_TRIGGER_PREIN, HULL_EFFECT_RUNS},
		{HULL_TRIGGER, HULL_TRIGGER_UN | HULL_TRIGGER_POSTUN, HULL_EFFECT_NEVER},
		{HULL_FILETRIGGER, HULL_TRIGGER_IN, HULL_EFFECT_RUNS},
		{HULL_TRANSFILETRIGGER, HULL_TRIGGER_POSTUN, HULL_EFFECT_NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct hull_scriptlet s = {.kind = cases[i].kind,
						 .when = cases[i].when,
						 .name = "%x",
						 .program = sh,
						 .body = "rm x"};
		struct hull_arena a = {0};
		struct hull_needs needs;

		assert_int_equal(hull_scriptlet_fate(&s, &a, &needs), cases[i].want);
		hull_arena_fini(&a);
	}
}

static void test_expanded(void **state)
{
	const struct hull_scriptlet s = {
		.kind = HULL_POST, .name = "%post", .program = sh, .body = ":", .expanded = true};
	struct hull_arena a = {0};
	struct hull_needs needs;

	(void)state;
	assert_int_equal(hull_scriptlet_fate(&s, &a, &needs), HULL_EFFECT_RUNS);
	hull_arena_fini(&a);
}

static void test_fires(void **state)
{
	static struct hull_file files[] = {{.path = "/usr/lib/a", .mode = 0100644},
					   {.path = "/var/x", .flags = HULL_FILE_GHOST}};
	static const struct hull_package p = {.name = "zlib",
					      .version = "1.3",
					      .release = "2",
					      .epoch = 1,
					      .files = files,
					      .nfiles = 2};
	static const struct {
		enum hull_scriptlet_kind kind;
		const char *on, *evr;
		unsigned int flags;
		bool want;
	} cases[] = {
		{HULL_TRIGGER, "zlib", NULL, 0, true},
		{HULL_TRIGGER, "zli", NULL, 0, false},
		{HULL_TRIGGER, "zlib", "1:1.3", HULL_DEP_EQUAL, true},
		{HULL_TRIGGER, "zlib", "1.3", HULL_DEP_EQUAL, false},
		{HULL_TRIGGER, "zlib", "1:1.3-3", HULL_DEP_LESS, true},
		{HULL_TRIGGER, "zlib", "1:1.3-2", HULL_DEP_LESS, false},
		{HULL_TRIGGER, "zlib", "1:1.2", HULL_DEP_GREATER | HULL_DEP_EQUAL, true},
		{HULL_FILETRIGGER, "/usr/lib", NULL, 0, true},
		{HULL_TRANSFILETRIGGER, "/usr/lib/a", NULL, 0, true},
		{HULL_FILETRIGGER, "/usr/lib/b", NULL, 0, false},
		{HULL_FILETRIGGER, "/var", NULL, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_dep d = {
			.name = cases[i].on, .evr = cases[i].evr, .flags = cases[i].flags};
		const struct hull_scriptlet s = {.kind = cases[i].kind, .on = {&d, 1}};

		if (hull_trigger_fires(&s, &p, 1) != cases[i].want)
			print_error("case %zu\n", i);
		assert_int_equal(hull_trigger_fires(&s, &p, 1), cases[i].want);
	}
}

static void require(Header h, const char *name, uint32_t flags)
{
	headerPutString(h, RPMTAG_REQUIRENAME, name);
	headerPutString(h, RPMTAG_REQUIREVERSION, "");
	headerPutUint32(h, RPMTAG_REQUIREFLAGS, &flags, 1);
}

static void test_empty_ones_are_dropped(void **state)
{
	static const char *const kept[] = {"/bin/sh", "/bin/sh", "libc.so.6"};
	Header h = headerNew();
	struct rpmtd_s names;
	size_t n = 0;

	(void)state;
	headerPutString(h, RPMTAG_PREINPROG, "/bin/sh");
	headerPutString(h, RPMTAG_PREIN, "# nothing\n");
	headerPutString(h, RPMTAG_POSTINPROG, "<lua>");
	headerPutString(h, RPMTAG_PREUNPROG, "/bin/sh");
	headerPutString(h, RPMTAG_PREUN, "rm x");
	require(h, "/bin/sh", RPMSENSE_INTERP | RPMSENSE_SCRIPT_PRE);
	require(h, "/bin/sh", RPMSENSE_INTERP | RPMSENSE_SCRIPT_PREUN);
	require(h, "/bin/sh", RPMSENSE_SCRIPT_PRE); /* "Requires(pre): /bin/sh" */
	require(h, "libc.so.6", RPMSENSE_FIND_REQUIRES);
	require(h, "rpmlib(BuiltinLuaScripts)", RPMSENSE_RPMLIB);
	assert_int_equal(hull_scriptlets_empty_drop(h), 2);
	assert_false(headerIsEntry(h, RPMTAG_PREIN));
	assert_false(headerIsEntry(h, RPMTAG_PREINPROG));
	assert_false(headerIsEntry(h, RPMTAG_POSTINPROG));
	assert_string_equal(headerGetString(h, RPMTAG_PREUN), "rm x");
	assert_int_equal(headerGet(h, RPMTAG_REQUIRENAME, &names, HEADERGET_MINMEM), 1);
	assert_int_equal(rpmtdCount(&names), 3);
	while (rpmtdNext(&names) >= 0)
		assert_string_equal(rpmtdGetString(&names), kept[n++]);
	rpmtdFreeData(&names);
	assert_int_equal(hull_scriptlets_empty_drop(h), 0);
	headerFree(h);
}

/* A family of triggers whose lists do not go together. */
static void test_malformed_triggers(void **state)
{
	static const struct {
		const char *name, *version;
		uint32_t index;
		bool sense;
		const char *want;
	} cases[] = {
		{"zlib", "", 0, true, ""},
		{"zlib", "", 1, true, "x: a %trigger refers to script 1 of 1"},
		{"zlib", "", 0, false, "x: malformed list of %trigger"},
		{"zlib", NULL, 0, true, "x: malformed list of %trigger"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t sense = RPMSENSE_TRIGGERIN;
		struct hull_scriptlets all = {0};
		struct hull_arena a = {0};
		struct hull_err e = {.msg = ""};
		Header h = headerNew();

		headerPutString(h, RPMTAG_TRIGGERSCRIPTS, "rm x");
		headerPutString(h, RPMTAG_TRIGGERNAME, cases[i].name);
		headerPutUint32(h, RPMTAG_TRIGGERINDEX, &cases[i].index, 1);
		if (cases[i].version)
			headerPutString(h, RPMTAG_TRIGGERVERSION, cases[i].version);
		if (cases[i].sense)
			headerPutUint32(h, RPMTAG_TRIGGERFLAGS, &sense, 1);
		hull_ignore(hull_scriptlets_of(h, "x", &a, &all, &e));
		assert_string_equal(e.msg, cases[i].want);
		if (!*cases[i].want) {
			assert_int_equal(all.n, 1);
			assert_string_equal(all.v[0].name, "%triggerin");
			assert_string_equal(all.v[0].program[0], "/bin/sh");
		}
		headerFree(h);
		hull_arena_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_expanded),
		cmocka_unit_test(test_fires),
		cmocka_unit_test(test_empty_ones_are_dropped),
		cmocka_unit_test(test_malformed_triggers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
