// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "builder/inputs.h"
#include "builder/stages.h"
#include "store/sealed.h"
#include "store_fixture.h"

static int start(void **state)
{
	(void)state;
	return open_store();
}

static int end(void **state)
{
	(void)state;
	return close_store();
}

/* A digest for tests. */
static const char *digest(int i, char out[HULL_HEX])
{
	char text[16];

	snprintf(text, sizeof text, "%d", i);
	hull_hash_bytes(text, strlen(text), out);
	return out;
}

static void printed(int root, const char *text)
{
	char key[HULL_HEX];
	hull_autojson json_t *j = json_pack("{s:[s]}", "requires", text);
	struct hull_err e;

	ok(hull_sealed_write(&store, HULL_STORE_REQUIRES, digest(root, key), j, &e), &e);
}

static void what_is_generated_settles_or_ends(void **state)
{
	const struct hull_spec spec = {.path = "SPECS/x/x.spec"};
	struct hull_generated g = {0};
	hull_autobuf struct hull_buf many = {0};
	enum hull_generate how;
	struct hull_arena a = {0};
	char key[HULL_HEX], number[16];
	struct hull_err e;

	(void)state;
	ok(hull_generated_next(&store, &spec, digest(0, key), &a, &g, &how, &e), &e);
	assert_int_equal(how, HULL_GENERATE_RUN);
	printed(0, "zlib-devel >= 1.2, pkgconfig(x) (a or b)");
	ok(hull_generated_next(&store, &spec, digest(0, key), &a, &g, &how, &e), &e);
	assert_int_equal(how, HULL_GENERATE_MORE);
	assert_int_equal(g.deps.n, 3);
	/* again what is known, in the root that has it */
	printed(1, "(a or b) zlib-devel >= 1.2");
	ok(hull_generated_next(&store, &spec, digest(1, key), &a, &g, &how, &e), &e);
	assert_int_equal(how, HULL_GENERATE_SETTLED);
	assert_int_equal(g.deps.n, 3);
	printed(2, "(a and");
	assert_int_equal(hull_generated_next(&store, &spec, digest(2, key), &a, &g, &how, &e), -1);
	contains(e.msg, "SPECS/x/x.spec: %generate_buildrequires: '(a and': ");

	g = (struct hull_generated){0};
	for (int i = 0; i <= HULL_GENERATE_ROUNDS; i++) {
		int r;

		snprintf(number, sizeof number, "r%d", i);
		printed(10 + i, number);
		r = hull_generated_next(&store, &spec, digest(10 + i, key), &a, &g, &how, &e);
		assert_int_equal(r, i < HULL_GENERATE_ROUNDS ? 0 : -1);
	}
	contains(e.msg, "%generate_buildrequires asks for something new in each of 10 rounds, "
			"'r10' the last time");

	g = (struct hull_generated){0};
	for (int i = 0; i <= HULL_GENERATE_MOST; i++)
		hull_buf_addf(&many, "x%d ", i);
	printed(50, many.p);
	assert_int_equal(hull_generated_next(&store, &spec, digest(50, key), &a, &g, &how, &e), -1);
	contains(e.msg, "the limit is 10000 requirements");
	hull_arena_fini(&a);
}

static void what_is_printed_is_kept(void **state)
{
	static const struct {
		const char *make, *kept, *error;
	} cases[] = {
		{"printf 'a\\n\\n  b >= 1 \\r\\n(c or d)' >.requires",
		 "[\"a\",\"b >= 1\",\"(c or d)\"]", NULL},
		{": >.requires", "[]", NULL},
		{":", "[]", NULL}, /* not run: its condition does not hold */
		{"ln -s /etc/passwd .requires", NULL, "build/.requires"},
		{"mkfifo .requires", NULL, "which is no plain file"},
		{"printf 'a\\0b' >.requires", NULL, "prints what is no text"},
		{"head -c 1100000 /dev/zero | tr '\\0' a >.requires", NULL,
		 "the limit for such a file is 1.0 MB"},
	};
	char key[HULL_HEX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree char *command = hull_asprintf(
			"rm -rf store/job && mkdir -p store/job/build && cd store/job/build && %s",
			cases[i].make);
		hull_autojson json_t *job = json_pack("{s:s}", "key", digest(100 + (int)i, key)),
				     *j = NULL;
		hull_autobuf struct hull_buf text = {0};
		struct hull_err e;

		sh(command);
		if (cases[i].error) {
			assert_int_equal(hull_generated_keep(&store, "job", job, &e), -1);
			contains(e.msg, cases[i].error);
			assert_false(hull_store_has(&store, HULL_STORE_REQUIRES, key));
			continue;
		}
		ok(hull_generated_keep(&store, "job", job, &e), &e);
		assert_int_equal(hull_sealed_take(&store, HULL_STORE_REQUIRES, key, &j, &e), 1);
		hull_json_text(json_object_get(j, "requires"), false, &text);
		assert_string_equal(text.p, cases[i].kept);
	}
}

static void rpmbuild_is_told(void **state)
{
	static const struct {
		const char *job, *arguments;
	} cases[] = {
		{"{}", ""},
		{"{\"checks\": true, \"inputs\": {}}", ""},
		{"{\"checks\": true, \"inputs\": {\"check\": \"none\"}, \"check_tries\": 3}",
		 "--nocheck|"},
		{"{\"checks\": true, \"inputs\": {\"check\": \"may-fail\"}}",
		 "--define|__spec_check_cmd /bin/bash /hull/stage check 1 0 %{___build_cmd}|"},
		{"{\"checks\": true, \"inputs\": {}, \"check_tries\": 3}",
		 "--define|__spec_check_cmd /bin/bash /hull/stage check 3 1 %{___build_cmd}|"},
		{"{\"inputs\": {}, \"check_tries\": 3}", ""},
		{"{\"generate\": true, \"inputs\": {\"defines\": {\"foo(a:)\": \"x y\"}}}",
		 "--define|foo(a:) x y|--define|__spec_buildrequires_cmd /bin/bash /hull/stage "
		 "requires %{___build_cmd}|"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autojson json_t *job = json_loads(cases[i].job, 0, NULL);
		hull_autostrv struct hull_strv argv = {0};
		hull_autobuf struct hull_buf text = {0};

		assert_non_null(job);
		hull_stage_arguments(job, &argv);
		hull_buf_adds(&text, "");
		for (size_t k = 0; k < argv.n; k++)
			hull_buf_addf(&text, "%s|", argv.v[k]);
		assert_string_equal(text.p, cases[i].arguments);
	}
}

static void how_a_check_went_is_told(void **state)
{
	static const struct {
		const char *inputs, *left, *check;
		int tries, is_tries;
		bool none;
	} cases[] = {
		{"{}", NULL, NULL, 1, 0, true},
		{"{}", NULL, "passed", 1, 1, false},
		{"{\"check\": \"none\"}", "passed 1", "none", 1, 0, false},
		{"{}", "passed 2", "passed", 3, 2, false},
		{"{\"check\": \"may-fail\"}", "passed 3", "passed", 3, 3, false},
		{"{\"check\": \"may-fail\"}", "failed 3", "failed", 3, 3, false},
		/* not run, or a stranger's: not passed */
		{"{\"check\": \"may-fail\"}", NULL, "failed", 3, 1, false},
		{"{\"check\": \"may-fail\"}", "passed", "failed", 3, 1, false},
		{"{\"check\": \"may-fail\"}", "passed 99", "passed", 3, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autojson json_t *job = json_object();
		int64_t tries;
		const char *check;

		sh("rm -rf store/job && mkdir -p store/job/build");
		if (cases[i].left) {
			hull_autofree char *command =
				hull_asprintf("echo '%s' >store/job/build/.check", cases[i].left);

			sh(command);
		}
		json_object_set_new(job, "inputs", json_loads(cases[i].inputs, 0, NULL));
		json_object_set_new(job, "check_tries", json_integer(cases[i].tries));
		if (!cases[i].none)
			json_object_set_new(job, "checks", json_true());
		check = hull_stage_check(&store, "job", job, &tries);
		if (cases[i].check)
			assert_string_equal(check, cases[i].check);
		else
			assert_null(check);
		assert_int_equal(tries, cases[i].is_tries);
	}
}

/* The key of a build with these rules, and why it is due after the first one. */
static void key_of(bool checks, enum hull_check_rule rule, const char *define, char key[HULL_HEX],
		   struct hull_strv *why)
{
	static const struct hull_built_packages none;
	hull_autofree char *path = hull_asprintf("%s/x.spec", dir);
	const char *defines[] = {define};
	struct hull_spec spec = {.name = "x",
				 .path = path,
				 .dir = dir,
				 .checks = checks,
				 .defines = defines,
				 .ndefines = define != NULL};
	struct hull_inputs_request r = {
		.spec = &spec, .arch = "x86_64", .macros = "m", .seed = "s"};
	hull_autojson json_t *usual = NULL, *j = NULL;
	struct hull_build_inputs before, now;
	struct hull_err e;

	ok(hull_file_write(AT_FDCWD, path, "x", 1, 0644, &e), &e);
	spec.ndefines = 0;
	usual = hull_inputs_new(&r, key, &e);
	spec.ndefines = define != NULL;
	r.check = rule;
	j = hull_inputs_new(&r, key, &e);
	assert_true(usual && j);
	before = hull_build_inputs_parse(usual);
	now = hull_build_inputs_parse(j);
	hull_inputs_explain(&store, &before, &none, &now, &none, why);
}

static void keys_tell_checks_and_macros_apart(void **state)
{
	static const struct {
		bool checks;
		enum hull_check_rule rule;
		const char *define, *why;
	} cases[] = {
		{true, HULL_CHECK_PASSES, NULL, NULL},
		{true, HULL_CHECK_NONE, NULL, "its %check is left out"},
		{true, HULL_CHECK_MAY_FAIL, NULL, "its %check may fail"},
		{true, HULL_CHECK_PASSES, "what it is", "macro what is new"},
		{true, HULL_CHECK_PASSES, "what(x) it is", "macro what(x) is new"},
		/* without %check there is one way only */
		{false, HULL_CHECK_NONE, NULL, NULL},
		{false, HULL_CHECK_MAY_FAIL, NULL, NULL},
	};
	hull_autostrv struct hull_strv nothing = {0}, keys = {0};
	char first[HULL_HEX], key[HULL_HEX];

	(void)state;
	key_of(true, HULL_CHECK_PASSES, NULL, first, &nothing);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autostrv struct hull_strv why = {0};

		key_of(cases[i].checks, cases[i].rule, cases[i].define, key, &why);
		assert_int_equal(why.n, cases[i].why != NULL);
		if (!cases[i].why) {
			assert_string_equal(key, first);
			continue;
		}
		assert_string_equal(why.v[0], cases[i].why);
		assert_string_not_equal(key, first);
		assert_false(hull_strv_has(&keys, key));
		hull_strv_add(&keys, key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_generated_settles_or_ends),
		cmocka_unit_test(what_is_printed_is_kept),
		cmocka_unit_test(rpmbuild_is_told),
		cmocka_unit_test(how_a_check_went_is_told),
		cmocka_unit_test(keys_tell_checks_and_macros_apart),
	};

	return cmocka_run_group_tests(tests, start, end);
}
