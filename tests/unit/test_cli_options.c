// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "cli/command.h"

/* What main.c has. */
const struct hull_command *const hull_commands[] = {NULL};

struct opts {
	bool flag;
	const char *string;
	struct hull_strv list, choice;
	uint64_t count;
};

static const struct hull_option table[] = {
	{HULL_OPT_FLAG, "flag", 'f', offsetof(struct opts, flag), NULL, "a flag"},
	{HULL_OPT_STRING, "string", 's', offsetof(struct opts, string), "TEXT", "a string"},
	{HULL_OPT_LIST, "list", 0, offsetof(struct opts, list), "X", "a list"},
	{HULL_OPT_CHOICE, "choice", 0, offsetof(struct opts, choice), "[=X]", "some or all"},
	{HULL_OPT_COUNT, "count", 'c', offsetof(struct opts, count), "N", "a number"},
	{HULL_OPT_HELP, "help", 'h', 0, NULL, "help"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void options_are_parsed(void **state)
{
	const char *argv[] = {"x",	"-f", "one",  "--string=text", "--list", "a",
			      "--list", "b",  "-c12", "--choice",      "two",	 "--choice=c",
			      "--",	"-z", NULL};
	struct opts o = {0};
	hull_autostrv struct hull_strv rest = {0}, given = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(
		hull_options_parse((char *const *)argv, table, &o, NULL, NULL, &rest, &given, &e),
		0);
	assert_true(o.flag);
	assert_string_equal(o.string, "text");
	assert_int_equal(o.list.n, 2);
	assert_int_equal(o.count, 12);
	assert_int_equal(o.choice.n, 2);
	assert_string_equal(o.choice.v[0], "");
	assert_string_equal(o.choice.v[1], "c");
	assert_int_equal(rest.n, 3);
	assert_string_equal(rest.v[2], "-z");
	hull_strv_fini(&o.list);
	hull_strv_fini(&o.choice);
}

static void options_are_refused(void **state)
{
	static const struct {
		const char *arg, *text;
	} cases[] = {
		{"--flg", "unknown option '--flg'; did you mean --flag?"},
		{"--string", "--string needs a value: TEXT"},
		{"--flag=1", "--flag takes no value"},
		{"--choice=", "--choice: nothing behind '='"},
		{"--count=many", "--count: 'many' is not a number"},
		{"-x", "unknown option '-x'"},
		{"-fx", "unknown option '-fx'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *argv[] = {"x", cases[i].arg, NULL};
		hull_autostrv struct hull_strv rest = {0}, given = {0};
		struct opts o = {0};
		struct hull_err e;

		assert_int_equal(hull_options_parse((char *const *)argv, table, &o, NULL, NULL,
						    &rest, &given, &e),
				 -1);
		assert_int_equal(e.code, HULL_USAGE);
		assert_string_equal(e.msg, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_parsed),
		cmocka_unit_test(options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
