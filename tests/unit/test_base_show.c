// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/str.h"
#include "base/utf8.h"

/* What of a name is shown, and of a text of several lines if that is another. */
static void what_others_wrote(void **state)
{
	static const struct {
		const char *in, *name, *lines;
	} cases[] = {
		{"", "", NULL},
		{"plain name-1.0~rc1^2+b", "plain name-1.0~rc1^2+b", NULL},
		{"z\303\274g \342\202\254 \360\237\230\200",
		 "z\303\274g \342\202\254 \360\237\230\200", NULL},
		{"a\nhull: b", "a\\nhull: b", "a\nhull: b"},
		{"a\tb", "a\\x09b", "a\tb"},
		{"10%\r20%", "10%\\x0d20%", NULL},
		{"\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m", NULL},
		{"\033]0;title\a", "\\x1b]0;title\\x07", NULL},
		{"\033]8;;http://x\033\\y", "\\x1b]8;;http://x\\x1b\\y", NULL},
		{"a\b\bb\v\f\016\017\177", "a\\x08\\x08b\\x0b\\x0c\\x0e\\x0f\\x7f", NULL},
		{"\001\037", "\\x01\\x1f", NULL},
		/* controls of 8 bits: as UTF-8 and as bytes */
		{"\302\200\302\233\302\237\302\240", "\\u0080\\u009b\\u009f\302\240", NULL},
		{"\2332J", "\\x9b2J", NULL},
		/* U+061c, 200e, 200f, 2028-202e, 2066-2069 */
		{"\330\234\342\200\216\342\200\217", "\\u061c\\u200e\\u200f", NULL},
		{"\342\200\250\342\200\251\342\200\252\342\200\256", "\\u2028\\u2029\\u202a\\u202e",
		 NULL},
		{"\342\201\246\342\201\251\342\201\245", "\\u2066\\u2069\342\201\245", NULL},
		/* no UTF-8: alone, cut off, too long, a surrogate, beyond the end */
		{"z\303\274\377", "z\303\274\\xff", NULL},
		{"\342\202x\303", "\\xe2\\x82x\\xc3", NULL},
		{"\300\257\355\240\200", "\\xc0\\xaf\\xed\\xa0\\x80", NULL},
		{"\364\220\200\200", "\\xf4\\x90\\x80\\x80", NULL},
		/* what is shown once stays as it is */
		{"\\x1b\\n\\u202e", "\\x1b\\n\\u202e", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf name = {0}, lines = {0};

		hull_buf_showf(&name, "%s", cases[i].in);
		assert_string_equal(name.p, cases[i].name);
		hull_buf_showf(&lines, "%-s", cases[i].in);
		assert_string_equal(lines.p, cases[i].lines ? cases[i].lines : cases[i].name);
	}
}

static void formats(void **state)
{
	hull_autobuf struct hull_buf b = {0};

	(void)state;
#define SAME(...)                                                                                  \
	do {                                                                                       \
		char want[256];                                                                    \
		b.n = 0;                                                                           \
		snprintf(want, sizeof want, __VA_ARGS__);                                          \
		hull_buf_showf(&b, __VA_ARGS__);                                                   \
		assert_string_equal(b.p, want);                                                    \
	} while (0)
	SAME("plain\n");
	SAME("%d %i %u 100%% %c|", -7, 8, 9U, 'x');
	SAME("%5d|%-5d|%05d|%+d|% d|%.3d", 42, 42, 42, 42, 42, 42);
	SAME("%x %X %#x %o %08x", 0xbeefU, 0xbeefU, 0xbeefU, 0755U, 1U);
	SAME("%ld %lu %lld %llu %zu", -1L, ~0UL, -1LL, ~0ULL, (size_t)-1);
	SAME("%lld %llx %jd", INT64_MIN + 0LL, ~0ULL, (intmax_t)INT64_MAX);
	SAME("%f %.1f %10.2f|%*.*f|%g %e", 1.5, 2.25, 3.125, 9, 3, 1e9, 1e20, 12345.678);
	SAME("%10s|%-10s|%.3s|%10.3s|%-10.3s|", "abcde", "abcde", "abcde", "abcde", "abcde");
	SAME("%*s|%-*s|%*s|%.*s|", 8, "abc", 8, "abc", -8, "abc", 2, "abc");
	SAME("%s %s %d %s", "a", "", 3, "b");
#undef SAME
	b.n = 0;
	hull_buf_showf(&b, "%6s|%-6s|%c|%.2s|%-.*s", "\n", "\n", '\033', "\n\033x", 3, "a\nbcd");
	assert_string_equal(b.p, "    \\n|\\n    |\\x1b|\\n\\x1b|a\nb");
}

/* Precision counts bytes of what came in: what lies behind it is not read. */
static void precision_ends_a_text(void **state)
{
	static const char bytes[3] = {'a', '\303', '\n'};
	hull_autobuf struct hull_buf b = {0};

	(void)state;
	hull_buf_showf(&b, "%.*s %.*s", (int)sizeof bytes, bytes, 2, "\303\274\303\274");
	assert_string_equal(b.p, "a\\xc3\\n \303\274");
}

static void errors_are_shown(void **state)
{
	struct hull_err e;
	char large[20000];

	(void)state;
	hull_fail(&e, HULL_FAILED, "%s: no", "a\nhull: all is well\033[2J");
	hull_wrap(&e, "%s: ", "\342\200\256x\r");
	assert_string_equal(e.msg, "\\u202ex\\x0d: a\\nhull: all is well\\x1b[2J: no");
	hull_fail(&e, HULL_FAILED, "two:\n%-s", "a\nb\033");
	assert_string_equal(e.msg, "two:\na\nb\\x1b");
	errno = ENOENT;
	hull_fail_errno(&e, "%s", "\a");
	assert_string_equal(e.msg, "\\x07: No such file or directory");
	memset(large, '\033', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	hull_fail(&e, HULL_FAILED, "%s", large);
	assert_int_equal(strlen(e.msg), 4 * (sizeof large - 1));
	assert_string_equal(e.msg + 4 * (sizeof large - 2), "\\x1b");
}

static void quotes(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"\n\n", ""},
		{"one\n", ": one"},
		{"one\033\n\ntwo\n", "\n  | one\\x1b\n  | \n  | two"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf b = {0};

		hull_buf_quote(&b, cases[i][0]);
		assert_string_equal(b.p, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_wrote),
		cmocka_unit_test(formats),
		cmocka_unit_test(precision_ends_a_text),
		cmocka_unit_test(errors_are_shown),
		cmocka_unit_test(quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
