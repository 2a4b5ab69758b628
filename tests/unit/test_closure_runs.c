// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "closure/runs.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define RUN "{\"package\": \"a-1-1.noarch\", \"scriptlet\": \"%post\", \"status\": 0}"
#define BY  "\"package\": \"a-1-1.noarch\", \"scriptlet\": \"%post\", "
#define FILE_A                                                                                     \
	"{\"path\": \"/a\", " BY "\"kind\": \"added\", \"type\": \"file\", \"mode\": \"0644\", "   \
	"\"sha256\": \"" SHA "\"}"
#define GONE_B "{\"path\": \"/b\", " BY "\"kind\": \"removed\"}"
#define LINK_C                                                                                     \
	"{\"path\": \"/c\", " BY                                                                   \
	"\"kind\": \"changed\", \"type\": \"symlink\", \"target\": \"x\", "                        \
	"\"uid\": 7}"

static struct hull_runs parse(const char *runs, const char *changes, struct hull_arena *a,
			      struct hull_err *e)
{
	hull_autofree char *text =
		hull_asprintf("{\"runs\": [%s], \"changes\": [%s]}", runs, changes);
	hull_autojson json_t *j = json_loads(text, 0, NULL);
	struct hull_runs r = {0};

	assert_non_null(j);
	*e = (struct hull_err){.msg = ""};
	hull_ignore(hull_runs_from_json(j, a, &r, e));
	return r;
}

static void test_round_trip(void **state)
{
	struct hull_arena a = {0};
	struct hull_err e;
	struct hull_runs r = parse(RUN, FILE_A ", " GONE_B ", " LINK_C, &a, &e), again;
	hull_autojson json_t *j = NULL;

	(void)state;
	assert_string_equal(e.msg, "");
	assert_int_equal(r.nchanges, 3);
	assert_int_equal(r.changes[0].mode, 0644);
	assert_int_equal(r.changes[2].uid, 7);
	assert_int_equal(r.changes[2].gid, -1);
	assert_ptr_equal(hull_runs_find(&r, "/c"), &r.changes[2]);
	assert_null(hull_runs_find(&r, "/d"));
	j = hull_runs_to_json(&r);
	assert_int_equal(hull_runs_from_json(j, &a, &again, &e), 0);
	assert_null(hull_runs_difference(&r, &again, &a));
	assert_int_equal(hull_runs_from_json(NULL, &a, &again, &e), 0);
	assert_false(again.ran);
	assert_null(hull_runs_to_json(&again));
	hull_arena_fini(&a);
}

static void test_malformed(void **state)
{
	static const char *const changes[] = {
		"7",
		"{}",
		"{\"path\": \"a\"}",
		"{\"path\": \"/a\"}",
		"{\"path\": \"/a\", " BY "\"kind\": \"moved\"}",
		"{\"path\": \"/a\", " BY "\"kind\": \"added\"}",
		"{\"path\": \"/a\", " BY "\"kind\": \"added\", \"type\": \"device\"}",
		"{\"path\": \"/a\", " BY "\"kind\": \"added\", \"type\": \"file\"}",
		"{\"path\": \"/a\", " BY
		"\"kind\": \"added\", \"type\": \"file\", \"sha256\": \"x\"}",
		"{\"path\": \"/a\", " BY "\"kind\": \"added\", \"type\": \"symlink\"}",
		"{\"path\": \"/a\", " BY
		"\"kind\": \"added\", \"type\": \"directory\", \"mode\": \"9\"}",
		"{\"path\": \"/a\", " BY
		"\"kind\": \"added\", \"type\": \"directory\", \"mode\": \"77777\"}",
		"{\"path\": \"/a\", " BY
		"\"kind\": \"added\", \"type\": \"directory\", \"uid\": -2}",
		"{\"path\": \"/a\", " BY
		"\"kind\": \"added\", \"type\": \"directory\", \"gid\": 4294967295}",
		GONE_B ", " FILE_A,
		FILE_A ", " FILE_A,
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct hull_arena a = {0};
		struct hull_err e;

		parse(RUN, changes[i], &a, &e);
		if (!*e.msg)
			print_error("%s\n", changes[i]);
		assert_string_not_equal(e.msg, "");
		hull_arena_fini(&a);
	}
}

static void test_difference(void **state)
{
	static const struct {
		const char *runs, *changes, *want;
	} cases[] = {
		{RUN, FILE_A ", " LINK_C, NULL},
		{RUN, FILE_A, "/c (%post of a-1-1.noarch): changed in one and not in the other"},
		{RUN, FILE_A ", " GONE_B ", " LINK_C,
		 "/b (%post of a-1-1.noarch): changed in one and not in the other"},
		{RUN ", " RUN, FILE_A ", " LINK_C,
		 "%post of a-1-1.noarch: ran in one only, or ended otherwise"},
		{RUN,
		 FILE_A ", {\"path\": \"/c\", " BY "\"kind\": \"changed\", \"type\": \"symlink\", "
			"\"target\": \"y\", \"uid\": 7}",
		 "/c (%post of a-1-1.noarch): another target"},
		{RUN,
		 FILE_A ", {\"path\": \"/c\", " BY "\"kind\": \"changed\", \"type\": \"symlink\", "
			"\"target\": \"x\"}",
		 "/c (%post of a-1-1.noarch): another owner"},
	};
	struct hull_arena a = {0};
	struct hull_err e;
	struct hull_runs before = parse(RUN, FILE_A ", " LINK_C, &a, &e);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_runs now = parse(cases[i].runs, cases[i].changes, &a, &e);
		const char *got;

		assert_string_equal(e.msg, "");
		got = hull_runs_difference(&before, &now, &a);
		if (cases[i].want)
			assert_string_equal(got ? got : "", cases[i].want);
		else
			assert_null(got);
	}
	hull_arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
