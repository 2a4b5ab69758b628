// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "rpm/package.h"

static void a_dependency_is_parsed_and_written(void **state)
{
	static const struct {
		const char *text;
		const char *name, *evr;
		unsigned int flags;
		const char *written; /* NULL: as text */
	} cases[] = {
		{"zlib-devel", "zlib-devel", NULL, 0, NULL},
		{"  zlib\t", "zlib", NULL, 0, "zlib"},
		{"gcc >= 14", "gcc", "14", HULL_DEP_GREATER | HULL_DEP_EQUAL, NULL},
		{"gcc>=14", "gcc", "14", HULL_DEP_GREATER | HULL_DEP_EQUAL, "gcc >= 14"},
		{"gcc => 14", "gcc", "14", HULL_DEP_GREATER | HULL_DEP_EQUAL, "gcc >= 14"},
		{"a == 1", "a", "1", HULL_DEP_EQUAL, "a = 1"},
		{"a = 2:1.0~rc1-3^git+1", "a", "2:1.0~rc1-3^git+1", HULL_DEP_EQUAL, NULL},
		{"a < 1", "a", "1", HULL_DEP_LESS, NULL},
		{"a =< 1", "a", "1", HULL_DEP_LESS | HULL_DEP_EQUAL, "a <= 1"},
		{"a > 1_b", "a", "1_b", HULL_DEP_GREATER, NULL},
		{"pkgconfig(libfoo-2.0) >= 1.2", "pkgconfig(libfoo-2.0)", "1.2",
		 HULL_DEP_GREATER | HULL_DEP_EQUAL, NULL},
		{"font(:lang=en)", "font(:lang=en)", NULL, 0, NULL},
		{"libc.so.6(GLIBC_2.34)(64bit)", "libc.so.6(GLIBC_2.34)(64bit)", NULL, 0, NULL},
		{"zlib(x86-64) = 1", "zlib(x86-64)", "1", HULL_DEP_EQUAL, NULL},
		{"/usr/bin/env", "/usr/bin/env", NULL, 0, NULL},
		{"_x", "_x", NULL, 0, NULL},
		{"(a or b)", "(a or b)", NULL, 0, NULL},
		{"(a  >= 1 if\tb)", "(a >= 1 if b)", NULL, 0, "(a >= 1 if b)"},
		{"((a and b) or (c with d < 2))", "((a and b) or (c with d < 2))", NULL, 0, NULL},
	};
	struct hull_arena arena = {0};
	struct hull_dep dep;
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (hull_dep_parse(cases[i].text, &arena, &dep, &e) < 0)
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_string_equal(dep.name, cases[i].name);
		if (cases[i].evr)
			assert_string_equal(dep.evr, cases[i].evr);
		else
			assert_null(dep.evr);
		assert_int_equal(dep.flags, cases[i].flags);
		assert_string_equal(hull_dep_text(&dep, &arena),
				    cases[i].written ? cases[i].written : cases[i].text);
	}
	hull_arena_fini(&arena);
}

static void a_malformed_dependency_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "empty dependency"},
		{" ", "empty dependency"},
		{"-a", "'-a' does not begin like a dependency"},
		{"%{foo}", "'%{foo}' does not begin like a dependency"},
		{"a >=", "dependency 'a' has an operator, but no version"},
		{"a = %{version}", "dependency 'a': '%' in its version"},
		{"a b", "'a b' is not one dependency"},
		{"a, b", "'a, b' is not one dependency"},
		{"(a or", NULL},
		{"(a or b", NULL},
		{"(a or b) c", "'(a or b) c' is not one dependency"},
		{"(a xor b)", NULL},
		{"()", NULL},
	};
	struct hull_arena arena = {0};
	struct hull_dep dep;
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (hull_dep_parse(cases[i].text, &arena, &dep, &e) == 0)
			fail_msg("'%s' was taken", cases[i].text);
		if (cases[i].message)
			assert_string_equal(e.msg, cases[i].message);
	}
	hull_arena_fini(&arena);
}

static void a_list_is_split(void **state)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{"a b c", "a|b|c|"},
		{"a,b, c ,\td", "a|b|c|d|"},
		{"a >= 1 b", "a >= 1|b|"},
		{"a>=1,b", "a >= 1|b|"},
		{"(a or b) c = 1-2 /usr/bin/x", "(a or b)|c = 1-2|/usr/bin/x|"},
		{"", ""},
		{" , ", ""},
	};
	struct hull_arena arena = {0};
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf text = {0};
		struct hull_deps deps = {0};

		hull_buf_adds(&text, "");
		assert_int_equal(hull_deps_parse(cases[i].text, &arena, &deps, &e), 0);
		for (size_t k = 0; k < deps.n; k++)
			hull_buf_addf(&text, "%s|", hull_dep_text(&deps.v[k], &arena));
		assert_string_equal(text.p, cases[i].names);
	}
	hull_arena_fini(&arena);
}

static void names_have_the_epoch_only_if_there_is_one(void **state)
{
	struct hull_package p = {.name = "a", .version = "1", .release = "2", .arch = "noarch"};
	struct hull_arena arena = {0};

	(void)state;
	assert_string_equal(hull_package_evr(&p, &arena), "1-2");
	assert_string_equal(hull_package_nevra(&p, &arena), "a-1-2.noarch");
	p.epoch = 3;
	assert_string_equal(hull_package_evr(&p, &arena), "3:1-2");
	assert_string_equal(hull_package_nevra(&p, &arena), "a-3:1-2.noarch");
	hull_arena_fini(&arena);
}

static void json_keeps_everything(void **state)
{
	static const char *const scriptlets[] = {"%pre", "%post", NULL};
	struct hull_dep requirements[] = {
		{.name = "b", .evr = "1", .flags = HULL_DEP_LESS | HULL_DEP_EQUAL, .line = 7},
		{.name = "odd name", .line = 8},
		{.name = "c"},
	};
	struct hull_file files[] = {
		{.path = "/etc", .mode = S_IFDIR | 0755, .user = "root", .group = "root"},
		{.path = "/etc/\xc3\xa9",
		 .mode = S_IFREG | 04755,
		 .user = "u",
		 .group = "g",
		 .digest = "d",
		 .caps = "cap_net_raw=ep",
		 .flags = HULL_FILE_CONFIG | HULL_FILE_DOC,
		 .size_bytes = 5000000000},
		{.path = "/l",
		 .mode = S_IFLNK | 0777,
		 .user = "root",
		 .group = "root",
		 .link = "x"},
	};
	const struct hull_package p = {
		.name = "a",
		.version = "1",
		.release = "2",
		.arch = "x86_64",
		.epoch = UINT32_MAX,
		.summary = "s",
		.description = "",
		.license = "MIT",
		.source_rpm = "a.src.rpm",
		.deps[HULL_REQUIRES] = {requirements, 3},
		.files = files,
		.nfiles = 3,
		.sha256 = "x",
		.content = "y",
		.file_bytes = 1,
		.installed_bytes = 5000000001,
		.archive_bytes = 3,
		.header_start = 4,
		.header_end = 5,
		.build_time = 6,
		.file_time = 7,
		.scriptlets = scriptlets,
	};
	hull_autojson json_t *j = hull_package_to_json(&p), *again = NULL;
	struct hull_arena arena = {0};
	struct hull_package q;
	struct hull_err e;

	(void)state;
	if (hull_package_from_json(j, "test", &arena, &q, &e) < 0)
		fail_msg("%s", e.msg);
	again = hull_package_to_json(&q);
	assert_true(json_equal(j, again));
	assert_int_equal(q.epoch, UINT32_MAX);
	assert_string_equal(q.description, "");
	assert_null(q.url);
	assert_int_equal(q.deps[HULL_REQUIRES].n, 3);
	assert_int_equal(q.deps[HULL_REQUIRES].v[0].flags, HULL_DEP_LESS | HULL_DEP_EQUAL);
	assert_int_equal(q.deps[HULL_REQUIRES].v[1].line, 8);
	assert_string_equal(q.deps[HULL_REQUIRES].v[1].name, "odd name");
	assert_null(q.deps[HULL_REQUIRES].v[1].evr);
	assert_int_equal(q.nfiles, 3);
	assert_int_equal(q.files[1].size_bytes, 5000000000);
	assert_int_equal(q.files[1].mode, S_IFREG | 04755);
	assert_string_equal(q.files[2].link, "x");
	assert_string_equal(q.scriptlets[1], "%post");
	assert_null(q.scriptlets[2]);
	hull_arena_fini(&arena);
}

static void malformed_json_is_refused(void **state)
{
#define BASE "\"name\":\"a\",\"version\":\"1\",\"release\":\"1\",\"arch\":\"noarch\""
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "test: a package is no object"},
		{"{}", "test: a package without name, version, release or arch"},
		{"{" BASE ",\"url\":1}", "test: \"url\" is no string"},
		{"{" BASE ",\"epoch\":-1}", "test: \"epoch\" is no number in its range"},
		{"{" BASE ",\"epoch\":4294967296}", "test: \"epoch\" is no number in its range"},
		{"{" BASE ",\"file_bytes\":\"1\"}",
		 "test: \"file_bytes\" is no number in its range"},
		{"{" BASE ",\"requires\":{}}", "test: dependencies are no array"},
		{"{" BASE ",\"requires\":[\"a\"]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[]]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[\"a\",\">=\"]]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[\"a\",\"~\",\"1\"]]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[\"a\",\"\",\"1\"]]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[\"a\",0]]}", "test: malformed dependency"},
		{"{" BASE ",\"requires\":[[\"a\",\"=\",\"1\",2,3]]}", "test: malformed dependency"},
		{"{" BASE ",\"files\":1}", "test: \"files\" is no array"},
		{"{" BASE ",\"files\":[{}]}", "test: a file without an absolute path"},
		{"{" BASE ",\"files\":[{\"path\":\"x\"}]}",
		 "test: a file without an absolute path"},
		{"{" BASE ",\"files\":[{\"path\":\"/x\",\"mode\":65536}]}",
		 "test: \"mode\" is no number in its range"},
		{"{" BASE ",\"scriptlets\":[1]}", "test: \"scriptlets\" are no strings"},
		{"{" BASE ",\"scriptlets\":[]}", "test: \"scriptlets\" are no strings"},
	};
	struct hull_arena arena = {0};
	struct hull_package p;
	struct hull_err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autojson json_t *j = json_loads(cases[i].text, 0, NULL);

		assert_non_null(j);
		if (hull_package_from_json(j, "test", &arena, &p, &e) == 0)
			fail_msg("%s was taken", cases[i].text);
		assert_string_equal(e.msg, cases[i].message);
	}
	hull_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dependency_is_parsed_and_written),
		cmocka_unit_test(a_malformed_dependency_is_refused),
		cmocka_unit_test(a_list_is_split),
		cmocka_unit_test(names_have_the_epoch_only_if_there_is_one),
		cmocka_unit_test(json_keeps_everything),
		cmocka_unit_test(malformed_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
