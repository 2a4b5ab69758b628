// SPDX-License-Identifier: MIT
#include "inspect_fixture.h"

#include "binary/hardening.h"
#include "check/mentions.h"
#include "finding/baseline.h"
#include "rpm/version.h"
#include "system/kernelconfig.h"
#include "system/unitsettings.h"
#include "vulnerability/cvss.h"
#include "vulnerability/upstream.h"

/* --- findings --- */

static void rules_are_sorted_and_complete(void **state)
{
	hull_autobuf struct hull_buf doc = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_read(AT_FDCWD, "toolkit/docs/audit.md", &doc, &e), 0);
	for (size_t i = 0; i < hull_nrules; i++) {
		const struct hull_rule *r = &hull_rules[i];
		hull_autofree char *row =
			hull_asprintf("| `%s` | %s |", r->id, hull_severity_name(r->severity));

		assert_true(i == 0 || strcmp(hull_rules[i - 1].id, r->id) < 0);
		assert_ptr_equal(hull_rule_find(r->id), r);
		assert_true(*r->title && *r->remediation);
		if (!strstr(doc.p, row))
			fail_msg("toolkit/docs/audit.md lacks the row %s", row);
	}
	assert_null(hull_rule_find("HULL-"));
	assert_null(hull_rule_find("HULL-ZZZ"));
}

static void findings_are_sorted_once(void **state)
{
	struct hull_findings f = {0};
	hull_autobuf struct hull_buf text = {0};
	hull_autojson json_t *j = NULL;

	(void)state;
	hull_findings_add(&f, "HULL-ELF-PIE", HULL_OBJECT_FILE, "/b", "p", "reason %d", 1);
	hull_findings_add(&f, "HULL-ELF-PIE", HULL_OBJECT_FILE, "/a\xff", "p", "reason");
	hull_findings_add(&f, "HULL-ELF-PIE", HULL_OBJECT_FILE, "/b", "p", "reason 1");
	hull_findings_add(&f, "HULL-MODE-STICKY", HULL_OBJECT_FILE, "/z", NULL, "x")->accepted =
		"fine";
	f.v[3].accepted_by = "baseline";
	hull_findings_add(&f, "HULL-SERVICE-STARTS", HULL_OBJECT_UNIT, "u.service", NULL, "x");
	hull_findings_sort(&f);
	assert_found(&f, "high HULL-MODE-STICKY /z\nmedium HULL-ELF-PIE /a\xff\n"
			 "medium HULL-ELF-PIE /b\ninfo HULL-SERVICE-STARTS u.service\n");
	assert_int_equal(hull_findings_count(&f, HULL_LOW), 2);
	assert_int_equal(hull_findings_count(&f, HULL_HIGH), 0);
	assert_int_equal(hull_findings_count(&f, HULL_INFO), 3);
	hull_findings_text(&f, false, &text);
	assert_non_null(strstr(text.p, "2 findings: 2 medium; 1 for information, 1 accepted\n"));
	assert_null(strstr(text.p, "u.service"));
	text.n = 0;
	hull_findings_text(&f, true, &text);
	assert_non_null(strstr(text.p, "u.service"));
	assert_non_null(strstr(text.p, "/z: fine (baseline)"));
	j = hull_findings_to_json(&f, "image");
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 3);
	assert_int_equal(json_array_size(json_object_get(j, "accepted")), 1);
	/* a name that is not UTF-8 is there all the same */
	assert_non_null(
		json_object_get(json_array_get(json_object_get(j, "findings"), 0), "object"));
	hull_findings_fini(&f);
}

/* --- modes, accounts --- */

static void modes(void **state)
{
	struct audit_box b;
	int node;

	(void)state;
	audit_box_init(&b);
	audit_box_package(&b, "p", "1", "1", NULL);
	tree_put(&b.system.tree, "/etc/passwd",
		 "root:x:0:0::/root:/bin/sh\nme:x:7:8::/:/sbin/nologin\n");
	tree_put(&b.system.tree, "/etc/group", "root:x:0:\nme:x:8:\n");
	node = tree_put_mode(&b.system.tree, "/usr/bin/su", "x", 04755);
	b.system.tree.v[node].owner = 0;
	tree_put_mode(&b.system.tree, "/usr/bin/loose", "x", 04755);
	tree_put_mode(&b.system.tree, "/usr/bin/locking", "x", 02644);
	tree_directory(&b.system.tree, "/tmp", 01777);
	tree_directory(&b.system.tree, "/open", 0777);
	tree_link(&b.system.tree, "/link", "open");
	b.system.tree.v[tree_put(&b.system.tree, "/mine", "x")].uid = 7;
	b.system.tree.v[tree_put(&b.system.tree, "/whose", "x")].gid = 7;
	assert_int_equal(audit_box_check(&b, hull_check_modes), 0);
	assert_found(&b.found, "high HULL-MODE-SETUID /usr/bin/loose\nhigh HULL-MODE-STICKY /open\n"
			       "medium HULL-MODE-OWNER /whose\nlow HULL-MODE-SETUID /usr/bin/su\n");
	audit_box_fini(&b);
}

static void passwords(void **state)
{
	static const struct {
		const char *hash, *found;
	} cases[] = {
		{"*", ""},
		{"!", ""},
		{"!$6$a$b", ""},
		{"!*", ""},
		{"", "critical HULL-ACCOUNT-PASSWORD-EMPTY u\n"},
		{"$6$salt$hash", "medium HULL-ACCOUNT-PASSWORD-SET u\n"},
		{"$y$j9T$salt$hash", "medium HULL-ACCOUNT-PASSWORD-SET u\n"},
		{"$5$salt$hash", "high HULL-ACCOUNT-PASSWORD-WEAK u\n"},
		{"$1$salt$hash", "high HULL-ACCOUNT-PASSWORD-WEAK u\n"},
		{"abJnggxhB/yWI", "high HULL-ACCOUNT-PASSWORD-WEAK u\n"},
		{"x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *shadow = hull_asprintf("u:%s:1::::::\n", cases[i].hash);
		struct audit_box b;
		int node;

		audit_box_init(&b);
		tree_put(&b.system.tree, "/etc/passwd", "u:x:1000:1000::/:/bin/sh\n");
		node = tree_put_mode(&b.system.tree, "/etc/shadow", shadow, 0600);
		assert_int_equal(audit_box_check(&b, hull_check_accounts), 0);
		assert_found(&b.found, cases[i].found);
		/* Debian's group "shadow" may read the file, nobody else */
		b.system.tree.v[node].mode = S_IFREG | 0640;
		b.system.tree.v[node].gid = 42;
		assert_int_equal(audit_box_check(&b, hull_check_accounts), 0);
		assert_found(&b.found, cases[i].found);
		audit_box_fini(&b);
	}
}

/* --- services --- */

static void unit_settings(void **state)
{
	hull_autostrv struct hull_strv list = {0};
	struct hull_unit_settings s;
	struct hull_arena a = {0};
	struct hull_tree t;
	struct hull_unit u;
	struct hull_err e;

	(void)state;
	hull_tree_init(&t);
	tree_put(
		&t, "/usr/lib/systemd/system/a@.service",
		"# c\n[Service]\nExecStart = one \\\n# between\n two\nUser=me\nListen=1\n[Other]\nUser=no\n");
	tree_put(&t, "/usr/lib/systemd/system/service.d/10.conf", "[Service]\nListen=\nListen=2\n");
	tree_put(&t, "/etc/systemd/system/a@x.service.d/20.conf",
		 "[Service]\nUser=\nListen=3\nnonsense\n");
	assert_int_equal(hull_unit_read(&t, &hull_unit_scopes[0], "a@x.service", &a, &u, &e), 0);
	assert_int_equal(hull_unit_settings_read(&t, &u, &a, &s, &e), 0);
	assert_string_equal(hull_unit_setting(&s, "Service", "ExecStart"), "one  two");
	assert_null(hull_unit_setting(&s, "Service", "User"));
	assert_string_equal(hull_unit_setting(&s, "Other", "User"), "no");
	hull_unit_setting_list(&s, "Service", "Listen", &list);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0], "2");
	hull_unit_settings_fini(&s);
	hull_unit_fini(&u);
	hull_arena_fini(&a);
	hull_tree_fini(&t);
}

static void services_that_never_end(void **state)
{
	struct audit_box b;

	(void)state;
	audit_box_init(&b);
	tree_put(&b.system.tree, "/usr/lib/systemd/system/default.target",
		 "[Unit]\nWants=a.service default.target b.service\n");
	tree_put(&b.system.tree, "/usr/lib/systemd/system/a.service",
		 "[Unit]\nRequires=b.service\n[Service]\nExecStart=@/usr/bin/a a0\nUser=a\n");
	tree_put(
		&b.system.tree, "/usr/lib/systemd/system/b.service",
		"[Unit]\nUpholds=a.service missing.service\n[Service]\nExecStart=/x/memcached\nNoNewPrivileges=yes\n");
	tree_link(&b.system.tree, "/etc/systemd/system/c.service", "/dev/null");
	tree_link(&b.system.tree, "/etc/systemd/system/default.target.wants/c.service", "x");
	assert_int_equal(audit_box_check(&b, hull_check_services), 0);
	assert_found(&b.found,
		     "low HULL-SERVICE-PORT b.service 11211/tcp\n"
		     "info HULL-SERVICE-STARTS a.service\ninfo HULL-SERVICE-STARTS b.service\n");
	audit_box_fini(&b);
}

/* --- kernel --- */

static void kernel_expressions(void **state)
{
	static const char text[] = "# Linux/x86 6.12.107 Kernel Configuration\nCONFIG_A=y\n"
				   "CONFIG_B=m\n# CONFIG_C is not set\nCONFIG_N=-1\n";
	static const struct {
		const char *expression;
		bool holds;
	} cases[] = {
		{"A=y", true},
		{"B=y", false},
		{"B=m", true},
		{"C=n", true},
		{"UNKNOWN=n", true},
		{"N=-1", true},
		{"B=y | A=y", true},
		{"A=y & C=n", true},
		{"A=y & C=y", false},
		{"C=y | A=y & B=m", true},
		{"LINUX=6.12.107", true},
		{"LINUX=6.12.108", false},
		{"LINUX=6.6", true},
		{"LINUX=7", false},
		{"", false},
		{"A", false},
	};
	struct hull_kernel_config k;
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_kernel_config_init(text, strlen(text), &k, &e), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (hull_kernel_config_holds(&k, cases[i].expression) != cases[i].holds)
			fail_msg("'%s'", cases[i].expression);
	hull_kernel_config_fini(&k);
	assert_int_equal(hull_kernel_config_init("x", 1, &k, &e), -1);
}

static void sysctl_files(void **state)
{
	struct audit_box b;
	hull_autofree char *all = NULL;

	(void)state;
	audit_box_init(&b);
	b.system.kernel_version = "6.12";
	assert_int_equal(audit_box_check(&b, hull_check_sysctl), 0);
	all = found_text(&b.found);
	assert_non_null(strstr(all, "HULL-SYSCTL kernel.kptr_restrict\n"));
	assert_non_null(strstr(all, "HULL-SYSCTL kernel.dmesg_restrict\n"));
	assert_non_null(strstr(all, "HULL-SYSCTL net.ipv4.conf.all.send_redirects\n"));
	assert_null(strstr(all, "HULL-SYSCTL fs.suid_dumpable\n"));
	/* a pattern, slashes, a later file, a kernel that has the default, a value that is worse */
	tree_put(
		&b.system.tree, "/usr/lib/sysctl.d/10.conf",
		"kernel/kptr_restrict=2\nnet.ipv4.conf.*.send_redirects = 0\nfs.suid_dumpable = 0\n");
	tree_put(&b.system.tree, "/etc/sysctl.d/20.conf", "-fs.suid_dumpable=2\n");
	tree_put(&b.system.tree, "/boot/config-6.12", "CONFIG_SECURITY_DMESG_RESTRICT=y\n");
	assert_int_equal(audit_box_check(&b, hull_check_sysctl), 0);
	free(all);
	all = found_text(&b.found);
	assert_null(strstr(all, "HULL-SYSCTL kernel.kptr_restrict\n"));
	assert_null(strstr(all, "HULL-SYSCTL kernel.dmesg_restrict\n"));
	assert_null(strstr(all, "HULL-SYSCTL net.ipv4.conf.all.send_redirects\n"));
	assert_non_null(strstr(all, "HULL-SYSCTL fs.suid_dumpable\n"));
	b.options.checks = "no/such/directory";
	assert_int_equal(audit_box_check(&b, hull_check_sysctl), -1);
	assert_non_null(strstr(b.e.msg, "no/such/directory/sysctl.checks"));
	/* a container has no parameters of its own */
	b.system.kernel_version = NULL;
	assert_int_equal(audit_box_check(&b, hull_check_sysctl), 0);
	audit_box_fini(&b);
}

/* --- versions --- */

static void versions(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} evr[] = {{"1.0-1", "1.0-2", -1},
		   {"1:1.0-1", "2.0-1", 1},
		   {"0:1.0-1", "1.0-1", 0},
		   {"1.0-5", "1.0", 0},
		   {"1.0~rc1-1", "1.0-1", -1},
		   {"1.10-1", "1.9-1", 1},
		   {"1:", "1:", 0},
		   {"", "", 0}},
	  semver[] = {{"1.0.0", "1.0.0", 0},
		      {"v1.2.3", "1.2.10", -1},
		      {"1.0.0-alpha", "1.0.0", -1},
		      {"1.0.0-alpha", "1.0.0-alpha.1", -1},
		      {"1.0.0-alpha.1", "1.0.0-beta", -1},
		      {"1.0.0-2", "1.0.0-10", -1},
		      {"1.0.0-1", "1.0.0-a", -1},
		      {"1.0", "1.0.0", 0},
		      {"go1.24.4", "1.24.10", -1},
		      {"1.0.0+x", "1.0.0+y", 0},
		      {"0.0.0-20210101000000-abc", "0.0.1", -1}};
	static const struct {
		const char *version, *upstream;
		bool first;
	} upstream[] = {{"1:1.3.dfsg+really1.3.1-1+b2", "1.3.1", true},
			{"1:1.3.dfsg+really1.3.1-1+deb13u1", "1.3.1", false},
			{"3.5.7-1~deb13u1", "3.5.7", true},
			{"1.2.13-2.azl3", "1.2.13", false},
			{"10.0p1", "10.0p1", true},
			{"2.41-12", "2.41", false},
			{"1.0+ds1-1", "1.0", true}};

	(void)state;
	for (size_t i = 0; i < sizeof evr / sizeof *evr; i++)
		assert_int_equal(hull_evr_compare(evr[i].a, evr[i].b), evr[i].order);
	for (size_t i = 0; i < sizeof semver / sizeof *semver; i++) {
		int order = hull_semver_compare(semver[i].a, semver[i].b),
		    other = hull_semver_compare(semver[i].b, semver[i].a);

		if ((order > 0) - (order < 0) != semver[i].order ||
		    (other > 0) - (other < 0) != -semver[i].order)
			fail_msg("%s and %s: %d, %d", semver[i].a, semver[i].b, order, other);
	}
	for (size_t i = 0; i < sizeof upstream / sizeof *upstream; i++) {
		struct hull_arena a = {0};
		bool first;

		assert_string_equal(hull_upstream_version(upstream[i].version, &a, &first),
				    upstream[i].upstream);
		assert_int_equal(first, upstream[i].first);
		hull_arena_fini(&a);
	}
}

/* Examples of the specification and of the National Vulnerability Database, with their scores. */
static void cvss(void **state)
{
	static const struct {
		const char *vector;
		bool known;
		enum hull_severity severity;
	} cases[] = {
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", true, HULL_CRITICAL}, /* 9.8 */
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", true, HULL_CRITICAL}, /* 10.0 */
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", true, HULL_MEDIUM},   /* 6.1 */
		{"CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", true, HULL_HIGH},     /* 7.8 */
		{"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:L", true, HULL_LOW},      /* 3.7 */
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", true, HULL_INFO},     /* 0.0 */
		{"CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", true, HULL_MEDIUM},   /* 4.6 */
		/* on both sides of each limit, without and with a change of scope */
		{"CVSS:3.1/AV:P/AC:L/PR:H/UI:N/S:U/C:N/I:H/A:N", true, HULL_LOW},      /* 3.9 */
		{"CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:L/I:L/A:N", true, HULL_MEDIUM},   /* 4.0 */
		{"CVSS:3.1/AV:L/AC:H/PR:H/UI:N/S:C/C:N/I:L/A:L", true, HULL_LOW},      /* 3.9 */
		{"CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:L", true, HULL_MEDIUM},   /* 4.0 */
		{"CVSS:3.1/AV:L/AC:H/PR:N/UI:N/S:U/C:H/I:L/A:H", true, HULL_MEDIUM},   /* 6.9 */
		{"CVSS:3.1/AV:A/AC:L/PR:L/UI:R/S:U/C:H/I:L/A:H", true, HULL_HIGH},     /* 7.0 */
		{"CVSS:3.1/AV:A/AC:L/PR:H/UI:N/S:C/C:H/I:L/A:N", true, HULL_MEDIUM},   /* 6.9 */
		{"CVSS:3.1/AV:P/AC:L/PR:N/UI:R/S:C/C:N/I:H/A:H", true, HULL_HIGH},     /* 7.0 */
		{"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:L/A:H", true, HULL_HIGH},     /* 8.9 */
		{"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H", true, HULL_CRITICAL}, /* 9.0 */
		{"CVSS:3.1/AV:P/AC:H/PR:H/UI:N/S:U/C:N/I:N/A:L", true, HULL_LOW},      /* 1.6 */
		{"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", false,
		 HULL_INFO},
		{"CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", false, HULL_INFO},
		{"", false, HULL_INFO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum hull_severity severity = HULL_INFO;

		if (hull_cvss_parse(cases[i].vector, &severity) != cases[i].known ||
		    severity != cases[i].severity)
			fail_msg("%s: %d", cases[i].vector, (int)severity);
	}
}

/* --- ELF --- */

/* What this very program is. */
static void hardening_of_a_program(void **state)
{
	struct hull_content c = {.dirfd = AT_FDCWD, .path = "/proc/self/exe"};
	struct hull_elf_hardening h;
	struct hull_arena a = {0};
	struct hull_err e;
	struct stat st;

	(void)state;
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(hull_elf_harden(&c, (uint64_t)st.st_size, &a, &h, &e), 0);
	assert_int_equal(h.kind, HULL_ELF_CODE);
	assert_true(h.program && h.interpreted && h.dynamic && h.has_imports);
	assert_false(h.executable_stack || h.text_relocations);
	assert_true(h.code_bytes > 10000);
	/* cut anywhere it is damaged or none, and nothing is read outside of it */
	for (uint64_t n = 0; n < 4096; n += 7)
		if (hull_elf_harden(&c, n, &a, &h, &e) == 0)
			assert_int_equal(h.kind, HULL_ELF_NONE);
	hull_arena_fini(&a);
}

/* --- the baseline --- */

static void baselines(void **state)
{
	char dir[] = "/tmp/hull-baseline-XXXXXX";
	static const struct {
		const char *text, *error;
	} bad[] = {
		{"[]", "no list 'accepted'"},
		{"{", "1:"},
		{"{\"accepted\": [1]}", "an accepted finding is an object"},
		{"{\"accepted\": [{}]}", "1:15: the entry has no 'id'"},
		{"{\"accepted\": [{\"id\": \"HULL-ELF-PIE\", \"object\": \"*\", \"expires\": \"2030-01-01\"}]}",
		 "no 'justification'"},
		{"{\"accepted\": [{\"id\": \"HULL-ELF-PIE\", \"object\": \"*\", \"justification\": "
		 "\"x\", \"expires\": \"2030-13-01\"}]}",
		 "no date"},
		{"{\"accepted\": [{\"id\": \"HULL-ELF-PIE\", \"object\": \"*\", \"justification\": "
		 "\"x\", \"expires\": \"2029-02-29\"}]}",
		 "no date"},
	};
	static const char good[] =
		"{\"accepted\": [{\"id\": \"HULL-ELF-PIE\", \"object\": \"/usr/*/x\", "
		"\"justification\": \"x\", \"expires\": \"2030-01-01\"}]}";
	const int64_t last_day = 1893456000 + 86399; /* 2030-01-01 23:59:59 */
	struct hull_err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		hull_autofree char *path = write_file(dir, "b.json", bad[i].text);
		struct hull_findings f = {0};

		assert_int_equal(hull_baseline_apply(path, 0, &f, &e), -1);
		if (!strstr(e.msg, bad[i].error) || !strstr(e.msg, "b.json"))
			fail_msg("'%s' lacks '%s'", e.msg, bad[i].error);
		hull_findings_fini(&f);
	}
	for (int day = 0; day < 2; day++) {
		hull_autofree char *path = write_file(dir, "b.json", good);
		struct hull_findings f = {0};

		hull_findings_add(&f, "HULL-ELF-PIE", HULL_OBJECT_FILE, "/usr/a/b/x", NULL, "r");
		hull_findings_add(&f, "HULL-ELF-CET", HULL_OBJECT_FILE, "/usr/a/b/x", NULL, "r");
		assert_int_equal(hull_baseline_apply(path, last_day + day, &f, &e), 0);
		assert_int_equal(f.v[0].accepted != NULL, day == 0);
		assert_null(f.v[1].accepted);
		assert_int_equal(f.n, 2 + day);
		if (day)
			assert_string_equal(f.v[2].rule->id, "HULL-BASELINE-EXPIRED");
		hull_findings_fini(&f);
	}
	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
}

/* Entries for PREFIX0SUFFIX, PREFIX1SUFFIX, ... */
static char *baseline_of(size_t n, const char *prefix, const char *suffix)
{
	hull_autobuf struct hull_buf text = {0};

	hull_buf_adds(&text, "{\"accepted\": [");
	for (size_t i = 0; i < n; i++) {
		hull_buf_addf(&text, "%s\n{\"id\": \"HULL-ELF-PIE\", \"object\": \"", i ? "," : "");
		hull_buf_addf(&text, "%s%zu%s", prefix, i, suffix);
		hull_buf_addf(&text,
			      "\", \"justification\": \"j%zu\", \"expires\": \"2030-01-01\"}", i);
	}
	hull_buf_adds(&text, "]}");
	return hull_buf_steal(&text);
}

/* A hundred thousand entries for as many findings: time grows with their number, not its square. */
static void baselines_of_many(void **state)
{
	enum { N = 100000 };
	static const char first[] =
		"{\"accepted\": [{\"id\": \"HULL-ELF-PIE\", \"object\": \"/f*9\", "
		"\"justification\": \"first\", \"expires\": \"2030-01-01\"},";
	char dir[] = "/tmp/hull-baseline-XXXXXX";
	hull_autofree char *entries = baseline_of(N, "/f", ""),
			   *wild = baseline_of(4097, "/g", "*");
	hull_autofree char *text =
		hull_asprintf("%s%s", first, entries + strlen("{\"accepted\": ["));
	hull_autofree char *path = NULL;
	struct hull_findings f = {0};
	struct hull_err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = write_file(dir, "b.json", text);
	/* the last has no entry, and the last entry no finding */
	for (size_t i = 0; i < N; i++) {
		char object[32];

		snprintf(object, sizeof object, i + 1 < N ? "/f%zu" : "/x%zu", i);
		hull_findings_add(&f, "HULL-ELF-PIE", HULL_OBJECT_FILE, object, NULL, "r");
	}
	assert_int_equal(hull_baseline_apply(path, 0, &f, &e), 0);
	assert_int_equal(f.n, N + 1);
	assert_string_equal(f.v[8].accepted, "j8");
	assert_string_equal(f.v[9].accepted, "first"); /* what stands in front */
	assert_string_equal(f.v[N - 2].accepted, "j99998");
	assert_null(f.v[N - 1].accepted);
	assert_string_equal(f.v[N].rule->id, "HULL-BASELINE-UNUSED");
	assert_non_null(strstr(f.v[N].object, " /f99999"));
	free(write_file(dir, "b.json", wild));
	assert_int_equal(hull_baseline_apply(path, 0, &f, &e), -1);
	assert_non_null(strstr(e.msg, "b.json:4098:"));
	assert_non_null(strstr(e.msg, "more than 4096 entries with a wildcard"));
	hull_findings_fini(&f);
	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
}

/* --- changelogs --- */

static void ids_in_changelogs(void **state)
{
	enum { N = 100000 };
	static const struct hull_change few[] = {
		{3, "new",
		 "- fix CVE-2024-12345 (and CVE-2023-1), RHSA-2024:1234; patch CVE-2022-7.patch"},
		{2, "old", "UBUNTU-CVE-2021-3 x-CVE-2020-9999_1\nCVE-2024-12345, CVE-2024-"},
	};
	static const struct {
		const char *id, *author;
	} cases[] = {
		{"CVE-2024-12345", "new"},
		{"CVE-2024-1234", NULL},
		{"CVE-2024-123456", NULL},
		{"CVE-2023-1", "new"},
		{"RHSA-2024:1234", "new"},
		{"CVE-2022-7", "new"},
		{"CVE-2021-3", "old"},
		{"UBUNTU-CVE-2021-3", "old"},
		{"CVE-2020-9999", "old"},
		{"CVE-2024-", NULL},
		{"fix", NULL},
		{"", NULL},
	};
	struct hull_package p = {.changelog = few, .nchangelog = 2};
	struct hull_change *many = hull_alloc_array(N, sizeof *many);
	struct hull_mentions m = {0};
	struct hull_arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *author = hull_mentions_author(&m, &p, cases[i].id);

		assert_string_equal(author ? author : "-", cases[i].author ? cases[i].author : "-");
	}
	hull_mentions_fini(&m);
	for (size_t i = 0; i < N; i++)
		many[i] = (struct hull_change){1, hull_arena_printf(&a, "%zu", i),
					       hull_arena_printf(&a, "- CVE-2024-%zu.", i)};
	p.changelog = many;
	p.nchangelog = N;
	for (size_t i = 0; i < N; i++)
		assert_string_equal(
			hull_mentions_author(&m, &p, hull_arena_printf(&a, "CVE-2024-%zu", i)),
			many[i].author);
	hull_mentions_fini(&m);
	hull_arena_fini(&a);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_sorted_and_complete),
		cmocka_unit_test(findings_are_sorted_once),
		cmocka_unit_test(modes),
		cmocka_unit_test(passwords),
		cmocka_unit_test(unit_settings),
		cmocka_unit_test(services_that_never_end),
		cmocka_unit_test(kernel_expressions),
		cmocka_unit_test(sysctl_files),
		cmocka_unit_test(versions),
		cmocka_unit_test(cvss),
		cmocka_unit_test(hardening_of_a_program),
		cmocka_unit_test(baselines),
		cmocka_unit_test(baselines_of_many),
		cmocka_unit_test(ids_in_changelogs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
