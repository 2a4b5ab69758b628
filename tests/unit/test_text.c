// SPDX-License-Identifier: MIT
#include "text/json.h"
#include "text/patterns.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "temp_fixture.h"
#include "text/percent.h"
#include "text/printable.h"
#include "text/utf16.h"
#include "base/utf8.h"

static void json_errors_name_the_place(void **state)
{
	char *dir = temp_dir();
	hull_autofree char *path = hull_asprintf("%s/x.json", dir);
	struct hull_err e;

	(void)state;
	assert_int_equal(hull_file_write(AT_FDCWD, path, "{\n \"a\": oops}", 13, 0644, &e), 0);
	assert_null(hull_json_read(AT_FDCWD, path, &e));
	assert_non_null(strstr(e.msg, "x.json:2:"));
	drop_dir(dir);
}

static void percent(void **state)
{
	static const struct {
		const char *plain, *text, *encoded;
	} encode[] = {
		{"", "", ""},
		{"", "Az09-._~", "Az09-._~"},
		{"", "a b/c", "a%20b%2Fc"},
		{"/", "a b/c", "a%20b/c"},
		{"/+@", "+@:", "+@%3A"},
		{"", "\xc3\xa4\x7f\x01", "%C3%A4%7F%01"},
		{"\xc3", "\xc3", "%C3"}, /* only ASCII stays */
		{"", "100%", "100%25"},
	};
	static const struct {
		const char *text, *decoded;
	} decode[] = {
		{"", ""},	{"a%20b%2fc", "a b/c"}, {"%C3%a4", "\xc3\xa4"}, {"%2525", "%25"},
		{"%", "%"},	{"%4", "%4"},		{"%4g", "%4g"},		{"%g4", "%g4"},
		{"%%41", "%A"}, {"a%00b", "a%00b"},	{"%-1", "%-1"},		{"a+b", "a+b"},
	};
	hull_autobuf struct hull_buf nul = {0}, part = {0};

	(void)state;
	for (size_t i = 0; i < sizeof encode / sizeof *encode; i++) {
		hull_autobuf struct hull_buf b = {0}, back = {0};

		hull_buf_adds(&b, "");
		hull_buf_adds(&back, "");
		hull_percent_encode(&b, encode[i].text, strlen(encode[i].text), encode[i].plain);
		assert_string_equal(b.p, encode[i].encoded);
		hull_percent_decode(&back, b.p, b.n);
		assert_string_equal(back.p, encode[i].text);
	}
	for (size_t i = 0; i < sizeof decode / sizeof *decode; i++) {
		size_t n = strlen(decode[i].text);
		hull_autofree char *exact = n ? memcpy(hull_alloc(n), decode[i].text, n) : NULL;
		hull_autobuf struct hull_buf b = {0};

		hull_buf_adds(&b, "");
		hull_percent_decode(&b, exact, n); /* without a NUL behind it */
		assert_string_equal(b.p, decode[i].decoded);
	}
	hull_percent_decode(&part, "a%41", 3);
	assert_string_equal(part.p, "a%4");
	hull_percent_encode(&nul, "a\0b", 3, "");
	assert_string_equal(nul.p, "a%00b");
}

static void utf8(void **state)
{
	static const struct {
		const char *bytes;
		size_t n; /* 0: none */
		uint32_t c;
	} cases[] = {
		{"a", 1, 'a'},
		{"", 1, 0},
		{"\x7f", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xdf\xbf", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xed\x9f\xbf", 3, 0xd7ff},
		{"\xee\x80\x80", 3, 0xe000},
		{"\xef\xbf\xbf", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"\x80", 0, 0}, /* begins in the middle */
		{"\xbf", 0, 0},
		{"\xc0\x80", 0, 0}, /* overlong */
		{"\xc1\xbf", 0, 0},
		{"\xe0\x9f\xbf", 0, 0},
		{"\xf0\x8f\xbf\xbf", 0, 0},
		{"\xed\xa0\x80", 0, 0}, /* surrogates */
		{"\xed\xbf\xbf", 0, 0},
		{"\xf4\x90\x80\x80", 0, 0}, /* too large */
		{"\xf5\x80\x80\x80", 0, 0},
		{"\xff", 0, 0},
		{"\xc3", 0, 0}, /* cut off */
		{"\xe2\x82", 0, 0},
		{"\xf0\x9f\x98", 0, 0},
		{"\xe2\x28\xa1", 0, 0}, /* not continued */
		{"\xf0\x9f\x98\x41", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t length = strlen(cases[i].bytes) + 1;
		hull_autofree char *exact = memcpy(hull_alloc(length), cases[i].bytes, length);
		uint32_t c = UINT32_MAX;
		char back[HULL_UTF8_MAX];

		if (hull_utf8_get(exact, &c) != cases[i].n)
			fail_msg("case %zu: length", i);
		assert_int_equal(hull_utf8_is_valid(exact), cases[i].n > 0);
		if (!cases[i].n)
			continue;
		assert_int_equal(c, cases[i].c);
		assert_int_equal(hull_utf8_put(back, c), cases[i].n);
		assert_memory_equal(back, exact, cases[i].n);
	}
	assert_true(hull_utf8_is_valid("z\xc3\xbcg \xf0\x9f\x98\x80"));
	assert_false(hull_utf8_is_valid("z\xc3\xbcg \xf0\x9f\x98"));
}

static void utf16(void **state)
{
	static const uint16_t halves[] = {'a', 0xd83d, 'b', 0xde00, 0xd83d};
	struct hull_arena a = {0};
	uint16_t units[4];

	(void)state;
	assert_int_equal(hull_utf16_from_utf8("a\xc3\xbc\xf0\x9f\x98\x80", units, 4), 4);
	assert_int_equal(units[1], 0xfc);
	assert_int_equal(units[2], 0xd83d);
	assert_int_equal(units[3], 0xde00);
	assert_string_equal(hull_utf16_to_utf8(units, 4, &a), "a\xc3\xbc\xf0\x9f\x98\x80");
	assert_int_equal(hull_utf16_from_utf8("a\xc3\xbc\xf0\x9f\x98\x80", units, 3), -1);
	assert_int_equal(hull_utf16_from_utf8("\xed\xa0\xbd", units, 4), -1);
	assert_string_equal(hull_utf16_to_utf8(halves, 5, &a),
			    "a" HULL_UTF8_REPLACEMENT
			    "b" HULL_UTF8_REPLACEMENT HULL_UTF8_REPLACEMENT);
	hull_arena_fini(&a);
}

static void printable(void **state)
{
	static const char *const cases[][2] = {
		{"plain", "plain"},
		{"z\xc3\xbcg", "z\xc3\xbcg"},
		{"a\nb\x1b[", "a\\nb\\x1b["},
		{"z\xc3\xbc\x7f", "z\xc3\xbc\\x7f"},
		{"z\xc3\xbc\xff", "z\xc3\xbc\\xff"},
	};
	struct hull_arena a = {0};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(hull_printable(cases[i][0], &a), cases[i][1]);
	hull_arena_fini(&a);
}

/* The same text in pieces of any size. */
static void printable_output(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
	} cases[] = {
#define CASE(in, out) {in, sizeof in - 1, out}
		CASE("", ""),
		CASE("a line\n\tanother\n", "a line\n\tanother\n"),
		CASE("10%\r20%\r100%\r\nend\r\r\n\nx", "10%\n20%\n100%\nend\n\nx"),
		CASE("\033]0;owned\a\033[2J\033[1;31mred\b\v\f\x7f\016",
		     "\\x1b]0;owned\\x07\\x1b[2J\\x1b[1;31mred\\x08\\x0b\\x0c\\x7f\\x0e"),
		CASE("a\0b", "a\\x00b"),
		CASE("\303\244 \342\202\254 \360\237\230\200",
		     "\303\244 \342\202\254 \360\237\230\200"),
		/* controls of 8 bits, as UTF-8 and not */
		CASE("\302\2332J\2332J", "\\u009b2J\\x9b2J"),
		CASE("ab\342\200\256cd\342\201\246\342\200\250", "ab\\u202ecd\\u2066\\u2028"),
		/* what is no UTF-8: cut off, too long, a surrogate, beyond the end */
		CASE("\342\202x\303", "\\xe2\\x82x\\xc3"),
		CASE("\300\257\355\240\200", "\\xc0\\xaf\\xed\\xa0\\x80"),
		CASE("\364\220\200\200\377", "\\xf4\\x90\\x80\\x80\\xff"),
		CASE("\360\237\342\202\254", "\\xf0\\x9f\342\202\254"),
		CASE("\360\237\230", "\\xf0\\x9f\\x98"),
		CASE("\r\303\244\n\r", "\n\303\244\n\n"),
#undef CASE
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece <= cases[i].n + 1; piece++) {
			hull_autobuf struct hull_buf out = {0};
			struct hull_printable_flow f = {0};

			hull_buf_adds(&out, "");
			for (size_t at = 0; at < cases[i].n; at += piece) {
				size_t n = cases[i].n - at < piece ? cases[i].n - at : piece;

				hull_printable_add(&f, cases[i].in + at, n, &out);
			}
			hull_printable_end(&f, &out);
			assert_string_equal(out.p, cases[i].out);
		}
}

static void patterns(void **state)
{
	enum { N = 100000 };
	static const char *const list[] = {"ab*", "abc", "a?c", "x[12]", "abc",
					   "ab*", "\\*", "*",	"lib/*"};
	static const struct {
		const char *text, *first; /* all match the last but one */
		size_t n;
	} cases[] = {{"abc", "ab*", 4},	 {"ab", "ab*", 2},    {"adc", "a?c", 2},
		     {"x1", "x[12]", 2}, {"x3", "*", 1},      {"*", "\\*", 2},
		     {"", "*", 1},	 {"lib/a/b", "*", 2}, {"x[12]", "*", 1}};
	hull_autopatterns struct hull_patterns p = {0}, many = {0};
	hull_autostrv struct hull_strv names = {0};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		assert_int_equal(hull_patterns_add(&p, list[i]), i < 4	  ? i
								 : i == 4 ? 1
								 : i == 5 ? 0
									  : i - 2);
	assert_int_equal(p.n, 7);
	assert_int_equal(p.nwild, 6);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t at = 0, place, n = 0;

		assert_string_equal(hull_patterns_first(&p, cases[i].text), cases[i].first);
		while (hull_patterns_next(&p, cases[i].text, &at, &place))
			n++;
		assert_int_equal(n, cases[i].n);
	}
	assert_null(hull_patterns_first(&many, "x"));
	for (size_t i = 0; i < N; i++) {
		hull_strv_addf(&names, "%zu", i);
		assert_int_equal(hull_patterns_add(&many, names.v[i]), i);
	}
	for (size_t i = 0; i < N; i++)
		assert_ptr_equal(hull_patterns_first(&many, names.v[i]), names.v[i]);
	assert_null(hull_patterns_first(&many, "100000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percent),
		cmocka_unit_test(utf8),
		cmocka_unit_test(utf16),
		cmocka_unit_test(printable),
		cmocka_unit_test(printable_output),
		cmocka_unit_test(json_errors_name_the_place),
		cmocka_unit_test(patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
