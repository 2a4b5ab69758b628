// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spec/macros.h"

static void definitions_have_a_name_and_a_body(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{"name value", 4},
		{"name\tvalue", 4},
		{"name(a:b) value of it", 9},
		{"name() x", 6},
		{"_a1 x", 3},
		{"name", 0},
		{"", 0},
		{"ab x", 0},
		{"1ab x", 0},
		{"name(a b", 0},
		{"na-me x", 0},
		{" name x", 0},
		{"name(x)value", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (hull_definition_name(cases[i].text) != cases[i].n)
			fail_msg("'%s': %zu", cases[i].text, hull_definition_name(cases[i].text));
}

static void macros_of_rpmautospec_are_found(void **state)
{
	static const struct {
		const char *raw, *names[2];
		int lines[2];
	} cases[] = {
		{"Name: x\nRelease: %autorelease\n", {"autorelease"}, {2}},
		{"Release: %autorelease", {"autorelease"}, {1}},
		{"Release: %{autorelease -b 2}\n%changelog\n%autochangelog\n",
		 {"autorelease", "autochangelog"},
		 {1, 3}},
		{"Release: %{?autorelease}%{!?autorelease:1}\n", {"autorelease"}, {1}},
		{"# %autorelease\nRelease: 1%{?dist}\n", {NULL}, {0}},
		{"Release: 1\n%description\nautorelease\n", {NULL}, {0}},
		{"Release: %autoreleases\nRelease: %my_autorelease\n", {NULL}, {0}},
		{"%define autorelease(e:) 5\nRelease: %autorelease\n", {NULL}, {0}},
		{"%global autorelease 5\nRelease: %autorelease\n%autochangelog",
		 {"autochangelog"},
		 {3}},
		{"", {NULL}, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_autospec used[HULL_AUTOSPEC_MACROS];
		size_t n = hull_autospec_used(cases[i].raw, used);

		for (size_t k = 0; k < n; k++) {
			if (!cases[i].names[k] || strcmp(used[k].name, cases[i].names[k]) != 0 ||
			    used[k].line != cases[i].lines[k])
				fail_msg("'%s': %s in line %d", cases[i].raw, used[k].name,
					 used[k].line);
			assert_true(hull_definition_name(used[k].definition) > 0);
		}
		assert_true(n == HULL_AUTOSPEC_MACROS || !cases[i].names[n]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions_have_a_name_and_a_body),
		cmocka_unit_test(macros_of_rpmautospec_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
