// SPDX-License-Identifier: MIT
/* Words in files, and those that tell a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "reproduce/day.h"
#include "rpm/search.h"

/* A text that comes in pieces. */
struct pieces {
	const char *text;
	size_t n, piece_bytes;
};

static ssize_t read_piece(void *ctx, void *to, size_t n, struct hull_err *e)
{
	struct pieces *p = ctx;

	(void)e;
	if (n > p->piece_bytes)
		n = p->piece_bytes;
	if (n > p->n)
		n = p->n;
	memcpy(to, p->text, n);
	p->text += n;
	p->n -= n;
	return (ssize_t)n;
}

static int found(const char *text, size_t n, size_t piece_bytes, const char *const *words,
		 size_t nwords)
{
	struct pieces p = {text, n, piece_bytes};
	struct hull_err e;

	return hull_search(read_piece, &p, words, nwords, &e);
}

static void test_search(void **state)
{
	static const char *const words[] = {"2026-11-30", "Mon Nov 30 ??:??:?? 2026", "built"};
	static const struct {
		const char *text;
		int word; /* 3: none */
	} cases[] = {
		{"", 3},
		{"2026-11-30", 0},
		{"on 2026-11-30.", 0},
		{"12026-11-30", 3},
		{"v2026-11-30, 2026-11-30", 0},
		{"2026-11-3", 3},
		{"Mon Nov 30 06:59:42 2026\n", 1},
		{"Mon Nov 30 06:59:42 2025\n", 3},
		{"Mon Nov 30 06:5", 3},
		{"Mon Nov 30 xx:xx:xx 2026, Mon Nov 30 11:11:11 2026", 1},
		{"rebuilt", 3},
		{"rebuilt, built", 2},
		{"2026-11-2026-11-30", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t piece = 1; piece < 60; piece++)
			for (size_t before = 0; before < 200; before += 33) {
				hull_autofree char *text =
					hull_asprintf("%*s%s", (int)before, "", cases[i].text);

				assert_int_equal(found(text, strlen(text), piece, words, 3),
						 cases[i].word);
			}
}

static void test_day(void **state)
{
	static const char *const texts[] = {
		"2026-11-03T06:59:42Z",
		"20261103065942",
		"2026/11/03",
		"Nov  3 2026 06:59:42",
		"Tue Nov  3 06:59:42 2026",
		"Tue Nov  3 06:59:42 UTC 2026",
		"Tue, 03 Nov 2026",
		"November 03, 2026",
		"3.11.2026, that is 03.11.2026",
		"11/03/2026",
		"03-Nov-2026",
	};
	static const char *const others[] = {"2026-11-04", "Tue Nov  3 06:59:42 2020", "Nov  3",
					     "2026"};
	const char *words[HULL_DAY_WORDS];
	struct hull_arena a = {0};

	(void)state;
	hull_day_words(1793689182, &a, words); /* 2026-11-03 06:59:42 */
	for (size_t i = 0; i < HULL_DAY_WORDS; i++)
		assert_true(strlen(words[i]) <= HULL_SEARCH_BYTES);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (found(texts[i], strlen(texts[i]), 100, words, HULL_DAY_WORDS) == HULL_DAY_WORDS)
			fail_msg("not found: %s", texts[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (found(others[i], strlen(others[i]), 100, words, HULL_DAY_WORDS) <
		    HULL_DAY_WORDS)
			fail_msg("found: %s", others[i]);
	hull_arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
