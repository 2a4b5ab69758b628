// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "license/license.h"
#include "license/licenseids.h"

static void contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static bool is_free(void *context, const char *id, const char *exception)
{
	hull_strv_addf(context, "%s%s%s", id, exception ? " WITH " : "",
		       exception ? exception : "");
	return !strcmp(id, "MIT") || !strcmp(id, "Zlib");
}

static void license_expressions(void **state)
{
	static const struct {
		const char *text;
		int result; /* with MIT and Zlib allowed */
		const char *error;
	} cases[] = {
		{"MIT", 1, NULL},
		{"mit", 1, NULL},
		{"GPL-2.0-or-later", 0, NULL},
		{"MIT OR GPL-2.0-only", 1, NULL},
		{"MIT AND GPL-2.0-only", 0, NULL},
		{"GPL-2.0-only AND MIT OR Zlib", 1, NULL},
		{"GPL-2.0-only AND (MIT OR Zlib)", 0, NULL},
		{"Zlib OR GPL-2.0-only AND MIT", 1, NULL},
		{"GPL-2.0-only WITH Linux-syscall-note", 0, NULL},
		{"Apache-2.0+", 0, NULL},
		{"LicenseRef-Public-Domain", 0, NULL},
		{"DocumentRef-x:LicenseRef-y.1", 0, NULL},
		{"((MIT))", 1, NULL},
		{"MIT/X11", -1, "column 1: 'MIT/X11' is no license"},
		{"GPLv2+", -1, "column 1"},
		{"", -1, "column 1: a license is missing"},
		{"MIT and Zlib", -1, "column 5: an operator is missing"},
		{"MIT Zlib", -1, "column 5: an operator is missing"},
		{"MIT AND", -1, "column 8: a license is missing"},
		{"AND MIT", -1, "column 1: a license is missing"},
		{"(MIT", -1, "column 1: the parenthesis is not closed"},
		{"MIT)", -1, "column 4: an operator is missing"},
		{"MIT WITH Zlib", -1, "column 10: no exception"},
		{"(MIT OR Zlib) WITH GCC-exception-3.1", -1, "column 15: an operator"},
		{"LicenseRef-", -1, "column 1"},
		{"LicenseRef-a_b", -1, "column 1"},
		{"MIT OR OR Zlib", -1, "column 8: a license is missing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autostrv struct hull_strv asked = {0};
		struct hull_err e = {.msg = ""};
		int r = hull_license_evaluate(cases[i].text, is_free, &asked, &e);

		if (r != cases[i].result)
			fail_msg("\"%s\": %d, not %d: %s", cases[i].text, r, cases[i].result,
				 e.msg);
		if (r < 0)
			contains(e.msg, cases[i].error);
	}
}

static void licenses_are_asked_for_in_order(void **state)
{
	hull_autostrv struct hull_strv asked = {0};
	hull_autobuf struct hull_buf deep = {0};
	struct hull_err e;

	(void)state;
	assert_int_equal(
		hull_license_evaluate("mit OR gpl-3.0-or-later with x", is_free, &asked, &e), -1);
	hull_strv_fini(&asked);
	asked = (struct hull_strv){0};
	assert_int_equal(hull_license_evaluate("mit OR gpl-3.0-or-later WITH gcc-exception-3.1 "
					       "AND LGPL-2.1+",
					       is_free, &asked, &e),
			 1);
	assert_int_equal(asked.n, 3);
	assert_string_equal(asked.v[0], "MIT");
	assert_string_equal(asked.v[1], "GPL-3.0-or-later WITH GCC-exception-3.1");
	assert_string_equal(asked.v[2], "LGPL-2.1+");
	for (int i = 0; i < 100000; i++)
		hull_buf_addc(&deep, '(');
	assert_int_equal(hull_license_evaluate(deep.p, NULL, NULL, &e), -1);
	contains(e.msg, "too deeply");
	for (size_t i = 1; i < hull_license_nids; i++)
		assert_true(strcasecmp(hull_license_ids[i - 1], hull_license_ids[i]) < 0);
	for (size_t i = 1; i < hull_license_nexceptions; i++)
		assert_true(strcasecmp(hull_license_exceptions[i - 1], hull_license_exceptions[i]) <
			    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(license_expressions),
		cmocka_unit_test(licenses_are_asked_for_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
