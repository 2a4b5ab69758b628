// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "debian/debianversion.h"
#include "debian/pinned.h"

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static const struct {
	const char *a, *b;
	int expected;
} versions[] = {
	{"1.0", "1.0", 0},
	{"1.0-1", "1.0-2", -1},
	{"1.0-9", "1.0-10", -1},
	{"1.0-1", "1.0-1+deb13u1", -1},
	{"1.0-1+deb13u9", "1.0-1+deb13u10", -1},
	{"3.5.7-1~deb13u2", "3.5.7-1", -1},
	{"3.5.7-1~deb13u2", "3.5.7-1~deb13u3", -1},
	{"2.9.0-1~deb13u1", "2.8.3-1", 1},
	{"1.0~rc1-1", "1.0-1", -1},
	{"1.0~~", "1.0~", -1},
	{"1.0~~a", "1.0~", -1},
	{"1.0", "1.0a", -1},
	{"1.0a", "1.0+", -1},
	{"1.0.", "1.0+", 1},
	{"1:0.9-1", "1.0-1", 1},
	{"0:1.0-1", "1.0-1", 0},
	{"1:1.0", "2:0.1", -1},
	{"10:1", "9:2", 1},
	{"1.0", "1.0-0", 0},
	{"1.0-1-1", "1.0-1-2", -1},
	{"1.001", "1.1", 0},
	{"1.00000000000000000000001", "1.00000000000000000000002", -1},
	{"99999999999999999999999", "100000000000000000000000", -1},
	{"1.3.dfsg+really1.3.1-1+b1", "1.3.dfsg+really1.3.1-1", 1},
	{"2.41-12+deb13u4", "2.41-12+deb13u5", -1},
	{"5.2.37-2+b10", "5.2.37-2+b9", 1},
	{"a", "1", 1},
	{"1.2-a", "1.2-1", 1},
	{"", "1", -1},
};

static void test_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		const char *a = versions[i].a, *b = versions[i].b;

		if (sign(hull_debian_version_compare(a, b)) != versions[i].expected ||
		    sign(hull_debian_version_compare(b, a)) != -versions[i].expected)
			fail_msg("'%s' and '%s'", a, b);
	}
}

/* The table says what dpkg says. It warns about versions that do not start with a digit. */
static void test_versions_of_dpkg(void **state)
{
	static const char *const relation[] = {"lt", "eq", "gt"};

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		const char *argv[] = {"dpkg",	     "--compare-versions",
				      versions[i].a, relation[versions[i].expected + 1],
				      versions[i].b, NULL};
		hull_autobuf struct hull_buf out = {0};
		struct hull_err e;

		if (*versions[i].a && hull_run_checked((char *const *)argv, &out, &e) < 0)
			fail_msg("dpkg: '%s' and '%s': %s", versions[i].a, versions[i].b, e.msg);
	}
}

static void test_version_parts(void **state)
{
	static const struct {
		const char *version, *upstream, *file;
		bool update;
	} cases[] = {
		{"1:1.3.dfsg+really1.3.1-1+deb13u1", "1.3.dfsg+really1.3.1",
		 "1.3.dfsg+really1.3.1-1+deb13u1", true},
		{"3.5.7-1~deb13u2", "3.5.7", "3.5.7-1~deb13u2", true},
		{"1.0-2-1", "1.0-2", "1.0-2-1", false},
		{"2.41", "2.41", "2.41", false},
		{"2.41-12", "2.41", "2.41-12", false},
		{"257.13-1~deb13u1", "257.13", "257.13-1~deb13u1", false},
		{"257.13-1~deb13u12", "257.13", "257.13-1~deb13u12", true},
		{"2.41-12+deb13", "2.41", "2.41-12+deb13", false},
		{"2.41-12deb13u1", "2.41", "2.41-12deb13u1", false},
		{"1.0+deb13u1", "1.0+deb13u1", "1.0+deb13u1", false},
		{"a:1-1", "a:1", "a:1-1", false},
		{"", "", "", false},
	};
	struct hull_arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *v = cases[i].version;

		assert_string_equal(hull_debian_version_upstream(v, &a), cases[i].upstream);
		assert_string_equal(hull_debian_version_without_epoch(v), cases[i].file);
		assert_int_equal(hull_debian_version_is_update(v), cases[i].update);
	}
	hull_arena_fini(&a);
}

/* "source glibc 2.41-12 2" of what is pinned: kind, package, version, number of files. */
static void describe(const struct hull_debian_pins *p, struct hull_buf *out)
{
	static const char *const kinds[] = {"source", "upstream", "binary"};

	hull_buf_adds(out, "");
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_debian_pin *pin = &p->v[i];

		hull_buf_addf(out, "%s %s %s %zu", kinds[pin->kind], pin->package, pin->version,
			      pin->nfiles);
		for (size_t k = 0; k < pin->specs.n; k++)
			hull_buf_addf(out, " %s", pin->specs.v[k]);
		hull_buf_adds(out, "\n");
	}
}

static void add_spec(struct hull_debian_pins *p, const char *name, const char *const *files)
{
	struct hull_spec_source sources[8] = {0};
	struct hull_spec spec = {.name = name, .sources = sources};
	char urls[8][256];

	for (; *files; files++) {
		struct hull_spec_source *s = &sources[spec.nsources];

		snprintf(urls[spec.nsources], sizeof urls[0], "%s", *files);
		s->url = urls[spec.nsources++];
		s->file = hull_basename(s->url);
		s->sha256 = "00";
		s->local = !strchr(s->url, ':');
	}
	hull_debian_pins_add_spec(p, &spec);
}

static void test_pins(void **state)
{
	static const char *const glibc[] = {
		"debian:pool/main/g/glibc/glibc_2.41.orig.tar.xz",
		"debian:pool/main/g/glibc/glibc_2.41-12+deb13u4.debian.tar.xz", "nsswitch.conf",
		NULL};
	static const char *const headers[] = {"debian:pool/main/l/linux/linux_6.12.orig.tar.xz",
					      "key:module/certificate.pem", NULL};
	static const char *const kernel[] = {"debian:pool/main/l/linux/linux_6.12.orig.tar.xz",
					     "https://localhost/x.tar.gz", NULL};
	static const char *const parts[] = {"debian:pool/main/n/n/n_1.orig-part.tar.gz",
					    "debian:pool/main/n/n/n_1.orig.tar.gz",
					    "debian:pool/main/n/n/n_2-1.debian.tar.xz",
					    "debian:pool/main/m/m/m_3.tar.xz",
					    "debian:pool/main/m/m/m-dev_1:3~x_all.deb",
					    "debian:pool/main/m/m/noversion.tar.gz",
					    "debian:pool/main/m/m/_1.tar.gz",
					    NULL};
	hull_autobuf struct hull_buf text = {0};
	struct hull_debian_pins p = {0};

	(void)state;
	add_spec(&p, "glibc", glibc);
	add_spec(&p, "headers", headers);
	add_spec(&p, "kernel", kernel);
	add_spec(&p, "n", parts);
	describe(&p, &text);
	assert_string_equal(text.p, "source glibc 2.41-12+deb13u4 2 glibc\n"
				    "upstream linux 6.12 1 headers kernel\n"
				    "upstream n 1 2 n\n"
				    "source n 2-1 1 n\n"
				    "source m 3 1 n\n"
				    "binary m-dev 1:3~x 1 n\n");
	assert_int_equal(p.nlocal, 1);
	assert_int_equal(p.others.n, 4);
	assert_string_equal(p.others.v[0], "headers: key:module/certificate.pem");
	hull_debian_pins_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_versions_of_dpkg),
		cmocka_unit_test(test_version_parts),
		cmocka_unit_test(test_pins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
