// SPDX-License-Identifier: MIT
#include "system/kernelconfig.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "system/confdir.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct hull_kernel_symbol *)a)->name,
		      ((const struct hull_kernel_symbol *)b)->name);
}

/* "# Linux/x86 6.12.107 Kernel Configuration" */
static void take_comment(const char *line, struct hull_kernel_config *k)
{
	const char *at = line + 1, *word;
	size_t n;

	if (*k->version || !hull_word(&at, &word, &n) || !hull_starts(word, "Linux/") ||
	    !hull_word(&at, &word, &n))
		return;
	k->version = hull_arena_strndup(&k->arena, word, n);
}

int hull_kernel_config_init(const char *text, size_t n, struct hull_kernel_config *out,
			    struct hull_err *e)
{
	struct hull_lines lines;
	const char *line, *equals;

	*out = (struct hull_kernel_config){.version = ""};
	hull_lines_init(&lines, text, n);
	while ((line = hull_lines_next(&lines))) {
		if (*line == '#')
			take_comment(line, out);
		equals = strchr(line, '=');
		if (!hull_starts(line, "CONFIG_") || !equals)
			continue;
		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		out->v[out->n++] = (struct hull_kernel_symbol){
			hull_arena_strndup(&out->arena, line + 7, (size_t)(equals - line - 7)),
			hull_arena_strdup(&out->arena, equals + 1)};
	}
	hull_lines_fini(&lines);
	if (!out->n) {
		hull_kernel_config_fini(out);
		return hull_fail(e, HULL_FAILED, "not a kernel configuration: no line CONFIG_...=");
	}
	qsort(out->v, out->n, sizeof *out->v, by_name);
	return 0;
}

void hull_kernel_config_fini(struct hull_kernel_config *k)
{
	hull_arena_fini(&k->arena);
	free(k->v);
	*k = (struct hull_kernel_config){0};
}

const char *hull_kernel_config_value(const struct hull_kernel_config *k, const char *symbol)
{
	struct hull_kernel_symbol key = {symbol, NULL};
	const struct hull_kernel_symbol *found =
		k->n ? bsearch(&key, k->v, k->n, sizeof *k->v, by_name) : NULL;

	return found ? found->value : "n";
}

/* Numbers of a version, compared one by one. */
static bool is_newer(const char *have, const char *least)
{
	for (int i = 0; i < 3; i++) {
		char *a, *b;
		unsigned long x = strtoul(have, &a, 10), y = strtoul(least, &b, 10);

		if (x != y)
			return x > y;
		have = *a == '.' ? a + 1 : "";
		least = *b == '.' ? b + 1 : "";
	}
	return true;
}

static bool term_holds(const struct hull_kernel_config *k, const char *term, size_t n)
{
	hull_autofree char *symbol = NULL, *value = NULL;
	const char *equals;

	while (n && strchr(" \t", *term))
		term++, n--;
	while (n && strchr(" \t", term[n - 1]))
		n--;
	equals = memchr(term, '=', n);
	if (!equals)
		return false;
	symbol = hull_strndup(term, (size_t)(equals - term));
	value = hull_strndup(equals + 1, n - (size_t)(equals + 1 - term));
	if (!strcmp(symbol, "LINUX"))
		return is_newer(k->version, value);
	return !strcmp(hull_kernel_config_value(k, symbol), value);
}

static bool all_hold(const struct hull_kernel_config *k, const char *text, size_t n)
{
	for (const char *end = text + n;; text++) {
		size_t length = (size_t)(end - text);
		const char *ampersand = memchr(text, '&', length);

		if (!term_holds(k, text, ampersand ? (size_t)(ampersand - text) : length))
			return false;
		if (!ampersand)
			return true;
		text = ampersand;
	}
}

bool hull_kernel_config_holds(const struct hull_kernel_config *k, const char *expression)
{
	for (;; expression++) {
		size_t n = strcspn(expression, "|");

		if (all_hold(k, expression, n))
			return true;
		expression += n;
		if (!*expression)
			return false;
	}
}
