// SPDX-License-Identifier: MIT
#include "debian_fixture.h"
#include "temp_fixture.h"

#include <string.h>

#include "debian/outdated.h"
#include "store/store.h"

/* What is newer in a made-up archive, whose indexes apt fetches. */

static char *dir;
static struct hull_store store;

static int set_up(void **state)
{
	hull_autofree char *path = NULL;
	struct hull_err e;

	(void)state;
	dir = temp_dir();
	path = hull_asprintf("%s/store", dir);
	debian_archive_start(dir);
	return hull_store_open(&store, path, &e);
}

static int tear_down(void **state)
{
	(void)state;
	debian_archive_end(dir);
	hull_store_close(&store);
	drop_dir(dir);
	return 0;
}

/* --- suites --- */

static char *mirrors(const char *const *names)
{
	hull_autobuf struct hull_buf b = {0};

	for (; *names; names++)
		hull_buf_addf(&b, "%s/%s ", dir, *names);
	return hull_buf_steal(&b);
}

static void test_suites(void **state)
{
	static const char *const all[] = {"main", "security", NULL}, *const few[] = {"main", NULL};
	hull_autofree char *both = mirrors(all), *one = mirrors(few);
	struct hull_debian_suites s = {0};
	struct hull_err e;

	(void)state;
	debian_archive(dir, "A sign main trixie; A sign main trixie-updates; A sign main testing;"
			    "A sign security trixie-security");
	if (hull_debian_suites_add(&s, &store, both, "trixie", &e) < 0 ||
	    hull_debian_suites_add_optional(&s, &store, both, "testing", &e) < 0 ||
	    hull_debian_suites_add_optional(&s, &store, both, "unstable", &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(s.n, 4);
	assert_string_equal(s.v[2].name, "trixie-security");
	assert_string_equal(s.v[2].release, "trixie");
	assert_true(hull_ends(s.v[2].base, "/security/"));
	assert_true(s.v[2].security && !s.v[0].security && !s.v[1].security);
	assert_true(s.v[3].optional && !s.v[0].optional);
	assert_int_equal(s.missing.n, 1);
	assert_string_equal(s.missing.v[0], "unstable, which no archive has");
	hull_debian_suites_fini(&s);

	if (hull_debian_suites_add(&s, &store, one, "trixie", &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.missing.v[0], "trixie-security, which no archive has");
	hull_debian_suites_fini(&s);

	/* no answer is not the answer that there are no fixes */
	assert_int_equal(hull_debian_suites_add(&s, &store, "http://127.0.0.1:9/", "trixie", &e),
			 -1);
	assert_non_null(strstr(e.msg, "HULL_DEBIAN_MIRROR"));
	hull_debian_suites_fini(&s);
	one = (free(one), hull_asprintf("%s/main http://127.0.0.1:9/", dir));
	assert_int_equal(hull_debian_suites_add(&s, &store, one, "trixie", &e), -1);
	assert_non_null(strstr(e.msg, "whether there are fixes"));
	hull_debian_suites_fini(&s);
}

/* --- comparing --- */

static const char archive[] =
	"A source main trixie cur 1.0-1 cur_1.0.orig.tar.gz cur_1.0-1.debian.tar.xz;"
	"A source main trixie sec 1.0-1 sec_1.0.orig.tar.gz sec_1.0-1.debian.tar.xz;"
	"A source security trixie-security sec 1.0-1+deb13u1 sec_1.0.orig.tar.gz "
	"sec_1.0-1+deb13u1.debian.tar.xz;"
	"A source main trixie pat 1:1.0-1 pat_1.0.orig.tar.gz pat_1.0-1.debian.tar.xz;"
	"A source security trixie-security pat 1:1.0-1+deb13u1 pat_1.0.orig.tar.gz "
	"pat_1.0-1+deb13u1.debian.tar.xz;"
	"A source main trixie upd 1.0-2+deb13u2 upd_1.0.orig.tar.gz upd_1.0-2+deb13u2.debian.tar.xz;"
	"A source main trixie rev 1.0-2 rev_1.0.orig.tar.gz rev_1.0-2.debian.tar.xz;"
	"A source security trixie-security rev 1.0-2 rev_1.0.orig.tar.gz rev_1.0-2.debian.tar.xz;"
	"A source main trixie new 1.0-1 new_1.0.orig.tar.gz;"
	"A source security trixie-security new 2.0-1~deb13u1 new_2.0.orig.tar.gz;"
	"A source main trixie gon 2.0-1 gon_2.0.orig.tar.gz gon_2.0-1.debian.tar.xz;"
	"A source main trixie ahead 1.0-1 ahead_1.0.orig.tar.gz ahead_1.0-1.debian.tar.xz;"
	"A source main trixie dif 1.0-1 dif_1.0.orig.tar.gz;"
	"A source main trixie tes 2.0-1 tes_2.0.orig.tar.gz;"
	"A source main testing tes 3.0-1 tes_3.0.orig.tar.gz;"
	"A source main unstable tes 4.0-1 tes_4.0.orig.tar.gz;"
	"A source main trixie old 1.0-1 old_1.0.orig.tar.gz;"
	"A source main trixie old 1.1-1 old_1.1.orig.tar.gz;"
	"A deb main trixie lib-dev 1.1-1;"
	"A deb main trixie tool 1:1.0-1; A deb security trixie-security tool 1:1.0-1+deb13u1;"
	"A deb main trixie same 1.0-1;"
	"A sign main trixie; A sign main testing; A sign main unstable;"
	"A sign security trixie-security;";

static const struct {
	const char *package; /* that a spec of this name has files of */
	const char *files[3];
	const char *expected;
} cases[] = {
	{"ahead", {"ahead_9.0.orig.tar.gz"}, "gone 1.0-1 trixie not listed"},
	{"cur", {"cur_1.0.orig.tar.gz", "cur_1.0-1.debian.tar.xz"}, "current 1.0-1 trixie"},
	{"dif", {"dif_1.0.orig.tar.gz"}, "differs 1.0-1 trixie"},
	{"gon", {"gon_1.0.orig.tar.gz"}, "newer 2.0-1 trixie not listed"},
	{"lib-dev", {"lib-dev_1.0-1_all.deb"}, "newer 1.1-1 trixie not listed"},
	{"los", {"los_1.0.orig.tar.gz"}, "gone - - not listed"},
	{"new", {"new_2.0.orig.tar.gz"}, "current 2.0-1~deb13u1 trixie-security"},
	{"old", {"old_1.0.orig.tar.gz"}, "newer 1.1-1 trixie"},
	{"pat", {"pat_1.0.orig.tar.gz"}, "patched 1:1.0-1+deb13u1 trixie-security security"},
	{"rev", {"rev_1.0.orig.tar.gz"}, "current 1.0-2 trixie-security"},
	{"sec",
	 {"sec_1.0.orig.tar.gz", "sec_1.0-1.debian.tar.xz"},
	 "newer 1.0-1+deb13u1 trixie-security security"},
	{"tes", {"tes_3.0.orig.tar.gz"}, "current 3.0-1 testing unstable has 4.0-1"},
	{"upd", {"upd_1.0.orig.tar.gz"}, "patched 1.0-2+deb13u2 trixie"},
};

static void pin(struct hull_debian_pins *p, const char *name, const char *const files[3])
{
	struct hull_spec_source sources[3] = {0};
	struct hull_spec spec = {.name = name, .sources = sources};
	char urls[3][128], digests[3][HULL_HEX];

	for (; spec.nsources < 3 && files[spec.nsources]; spec.nsources++) {
		const char *file = files[spec.nsources];
		char *digest = digests[spec.nsources];

		snprintf(urls[spec.nsources], sizeof urls[0], "debian:pool/main/%s", file);
		hull_hash_bytes(file, strlen(file), digest);
		if (!strcmp(name, "dif"))
			digest[0] = digest[0] == '0' ? '1' : '0';
		sources[spec.nsources] = (struct hull_spec_source){
			.url = urls[spec.nsources], .file = file, .sha256 = digest};
	}
	hull_debian_pins_add_spec(p, &spec);
}

static char *describe(const struct hull_pin_result *r)
{
	static const char *const states[] = {"current", "newer", "patched", "gone", "differs"};

	return hull_asprintf("%s %s %s%s%s%s%s%s%s", states[r->state], r->newest ? r->newest : "-",
			     r->suite ? r->suite : "-", r->security ? " security" : "",
			     r->listed ? "" : " not listed", r->elsewhere ? " " : "",
			     r->elsewhere ? r->elsewhere_suite : "", r->elsewhere ? " has " : "",
			     r->elsewhere ? r->elsewhere : "");
}

static void add_suites(struct hull_outdated *o)
{
	static const char *const names[] = {"main", "security", NULL};
	hull_autofree char *given = mirrors(names);
	struct hull_err e;

	if (hull_debian_suites_add(&o->suites, &store, given, "trixie", &e) < 0 ||
	    hull_debian_suites_add_optional(&o->suites, &store, given, "testing", &e) < 0 ||
	    hull_debian_suites_add_optional(&o->suites, &store, given, "unstable", &e) < 0)
		fail_msg("%s", e.msg);
}

static char *native_arch(void)
{
	const char *argv[] = {"dpkg", "--print-architecture", NULL};
	struct hull_buf out = {0};
	struct hull_err e;

	assert_int_equal(hull_run_checked((char *const *)argv, &out, &e), 0);
	out.p[out.n - 1] = '\0';
	return hull_buf_steal(&out);
}

static void test_find(void **state)
{
	hull_autofree char *arch = native_arch();
	hull_autobuf struct hull_buf text = {0};
	struct hull_outdated o = {0};
	struct hull_err e;

	(void)state;
	debian_archive(dir, archive);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		pin(&o.pins, cases[i].package, cases[i].files);
	o.seed = "0123456789abcdef";
	hull_debian_pins_add_seed(&o.pins, "tool", "1:1.0-1", arch, NULL);
	hull_debian_pins_add_seed(&o.pins, "same", "1.0-1", arch, "00");
	add_suites(&o);
	if (hull_outdated_find(&o, &store, arch, NULL, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(o.n, sizeof cases / sizeof *cases + 2);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *is = describe(&o.v[i]);

		assert_string_equal(o.v[i].pin->package, cases[i].package);
		if (strcmp(is, cases[i].expected) != 0)
			fail_msg("%s: %s", cases[i].package, is);
	}
	hull_autofree char *same = describe(&o.v[o.n - 2]), *tool = describe(&o.v[o.n - 1]);

	assert_string_equal(same, "differs 1.0-1 trixie");
	assert_string_equal(tool, "newer 1:1.0-1+deb13u1 trixie-security security");
	assert_int_equal(hull_outdated_count(&o), 11);
	hull_outdated_text(&o, false, &text);
	assert_non_null(
		strstr(text.p, "not compared: suite trixie-updates, which no archive has\n"));
	assert_non_null(strstr(text.p,
			       "specs: 13 packages, 6 with something newer, 2 of them for "
			       "security, 2 in none of the suites, 1 with another digest\n"));
	assert_non_null(strstr(text.p,
			       "seed: 2 packages, 1 with something newer, 1 of them for security, "
			       "1 with another digest\n"));
	assert_null(strstr(text.p, "current"));
	hull_outdated_fini(&o);
}

/* Who can answer for the archive cannot hold back fixes: signatures and dates count. */
static void test_refused(void **state)
{
	static const struct {
		const char *change, *expected;
		bool allow_expired;
	} refused[] = {
		{"A sign security trixie-security -1", "is expired", false},
		{"A sign main trixie -1", "is expired", false},
		{"echo >>security/dists/trixie-security/main/source/Sources", "Sources", true},
		{"sed -i 's/^Codename.*/Codename: sid/' main/dists/trixie/InRelease", "trixie",
		 true},
		{"mv gpg other; A sign main trixie; rm -r gpg; mv other gpg", "trixie", true},
		{"rm main/dists/trixie/main/source/Sources", "Sources", true},
	};
	hull_autofree char *arch = native_arch();

	(void)state;
	debian_archive(dir, archive);
	debian_archive(dir, "mkdir kept; mv main security kept");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct hull_outdated o = {.allow_expired = refused[i].allow_expired};
		struct hull_err e;

		debian_archive(dir, "rm -rf main security; cp -r kept/main kept/security .");
		debian_archive(dir, refused[i].change);
		pin(&o.pins, "cur", cases[1].files);
		add_suites(&o);
		if (hull_outdated_find(&o, &store, arch, NULL, &e) == 0)
			fail_msg("%s: taken", refused[i].change);
		if (!strstr(e.msg, refused[i].expected))
			fail_msg("%s: %s", refused[i].change, e.msg);
		hull_outdated_fini(&o);
	}
}

static void test_expired(void **state)
{
	hull_autofree char *arch = native_arch();
	struct hull_err e;

	(void)state;
	debian_archive(dir, archive);
	debian_archive(dir, "A sign main testing -3");
	for (int allow = 0; allow < 2; allow++) {
		struct hull_outdated o = {.allow_expired = allow != 0};
		hull_autofree char *is = NULL;

		pin(&o.pins, "tes", cases[11].files);
		add_suites(&o);
		if (hull_outdated_find(&o, &store, arch, NULL, &e) < 0)
			fail_msg("%s", e.msg);
		is = describe(&o.v[0]);
		assert_string_equal(is,
				    allow ? cases[11].expected : "newer 4.0-1 unstable not listed");
		assert_int_equal(
			hull_strv_has(&o.suites.missing, "testing, whose index has expired"),
			!allow);
		hull_outdated_fini(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_suites, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_find, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_expired, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
