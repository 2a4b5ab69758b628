// SPDX-License-Identifier: MIT
#include "license/license.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "license/licenseids.h"

enum { MAX_DEPTH = 64 };

struct license_parser {
	const char *text, *at;
	hull_license_rule rule;
	void *context;
	unsigned int depth;
	struct hull_err *e;
};

static int fail(const struct license_parser *p, const char *at, const char *what)
{
	return hull_fail(p->e, HULL_FAILED, "column %zu: %s", (size_t)(at - p->text) + 1, what);
}

static void skip(struct license_parser *p)
{
	p->at += strspn(p->at, " \t\n");
}

static size_t word_length(const char *s)
{
	return strcspn(s, " \t\n()");
}

/* Takes a word if it is the next one. */
static bool take(struct license_parser *p, const char *word)
{
	size_t n = strlen(word);

	skip(p);
	if (word_length(p->at) != n || strncmp(p->at, word, n) != 0)
		return false;
	p->at += n;
	return true;
}

static int compare(const void *key, const void *item)
{
	return strcasecmp(key, *(const char *const *)item);
}

static const char *listed(const char *const *v, size_t n, const char *id)
{
	const char *const *found = bsearch(id, v, n, sizeof *v, compare);

	return found ? *found : NULL;
}

static bool is_name(const char *s)
{
	return *s && !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789.-")];
}

/* "LicenseRef-x", "DocumentRef-d:LicenseRef-x". */
static bool is_reference(char *id)
{
	char *colon = strchr(id, ':');
	bool document = true;

	if (colon) {
		*colon = '\0';
		document = hull_starts(id, "DocumentRef-") && is_name(id + 12);
		*colon = ':';
		id = colon + 1;
	}
	return document && hull_starts(id, "LicenseRef-") && is_name(id + 11);
}

static bool is_operator(const char *word)
{
	return !strcmp(word, "AND") || !strcmp(word, "OR") || !strcmp(word, "WITH");
}

static const char *const no_exception = "";

/* What follows WITH, as the list spells it; no_exception if nothing does, NULL with e set. */
static const char *parse_exception(struct license_parser *p)
{
	hull_autofree char *word = NULL;
	const char *start, *found;

	if (!take(p, "WITH"))
		return no_exception;
	skip(p);
	start = p->at;
	word = hull_strndup(start, word_length(start));
	found = listed(hull_license_exceptions, hull_license_nexceptions, word);
	if (!found)
		fail(p, start, "no exception of the SPDX list follows WITH");
	p->at += strlen(word);
	return found;
}

static int parse_license(struct license_parser *p)
{
	const char *start = p->at, *exception, *id;
	hull_autofree char *word = hull_strndup(start, word_length(start));
	hull_autofree char *plus = NULL; /* an id with the operator */
	size_t n = strlen(word);

	if (!n || is_operator(word))
		return fail(p, start, "a license is missing");
	p->at += n;
	id = is_reference(word) ? word : listed(hull_license_ids, hull_license_nids, word);
	if (!id && word[n - 1] == '+') {
		word[n - 1] = '\0';
		id = listed(hull_license_ids, hull_license_nids, word);
		if (id) {
			plus = hull_asprintf("%s+", id);
			id = plus;
		}
		word[n - 1] = '+';
	}
	if (!id)
		return hull_fail(p->e, HULL_FAILED,
				 "column %zu: '%s' is no license of the SPDX list",
				 (size_t)(start - p->text) + 1, word);
	exception = parse_exception(p);
	if (!exception)
		return -1;
	return !p->rule || p->rule(p->context, id, *exception ? exception : NULL);
}

static int parse_or(struct license_parser *p);

static int parse_group(struct license_parser *p)
{
	const char *start;
	int r;

	skip(p);
	if (*p->at != '(')
		return parse_license(p);
	start = p->at++;
	if (++p->depth > MAX_DEPTH)
		return fail(p, start, "parentheses are nested too deeply");
	r = parse_or(p);
	if (r < 0)
		return -1;
	skip(p);
	if (*p->at != ')')
		return fail(p, start, "the parenthesis is not closed");
	p->at++;
	p->depth--;
	return r;
}

static int parse_and(struct license_parser *p)
{
	int r = parse_group(p);

	while (r >= 0 && take(p, "AND")) {
		int next = parse_group(p);

		r = next < 0 ? -1 : r && next;
	}
	return r;
}

static int parse_or(struct license_parser *p)
{
	int r = parse_and(p);

	while (r >= 0 && take(p, "OR")) {
		int next = parse_and(p);

		r = next < 0 ? -1 : r || next;
	}
	return r;
}

int hull_license_evaluate(const char *expression, hull_license_rule rule, void *context,
			  struct hull_err *e)
{
	struct license_parser p = {
		.text = expression, .at = expression, .rule = rule, .context = context, .e = e};
	int r = parse_or(&p);

	if (r < 0)
		return -1;
	skip(&p);
	if (*p.at)
		return fail(&p, p.at, "an operator is missing");
	return r;
}
