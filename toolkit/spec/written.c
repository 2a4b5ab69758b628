// SPDX-License-Identifier: MIT
#include "spec/written.h"

#include <ctype.h>
#include <rpm/rpmmacro.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "spec/section.h"

enum { SOURCE = HULL_WRITTEN_KINDS };

static const struct {
	const char *tag;
	int kind;
} tags[] = {
	{"BuildRequires", HULL_BUILD_REQUIRES},
	{"BuildPreReq", HULL_BUILD_REQUIRES},
	{"BuildConflicts", HULL_BUILD_CONFLICTS},
	{"Provides", HULL_PROVIDES},
	{"Requires", HULL_REQUIRES},
	{"PreReq", HULL_REQUIRES},
	{"Conflicts", HULL_CONFLICTS},
	{"Obsoletes", HULL_OBSOLETES},
	{"Recommends", HULL_RECOMMENDS},
	{"Suggests", HULL_SUGGESTS},
	{"Supplements", HULL_SUPPLEMENTS},
	{"Enhances", HULL_ENHANCES},
	{"Source", SOURCE},
	{"Patch", SOURCE},
};

/* "Tag: value", "Tag(post): value", "Tag12: value": the kind of the tag and its value; -1 for other
 * lines. */
static int split_tag(const char *s, const char **out_value)
{
	size_t n = 0;
	const char *p;

	s += strspn(s, " \t");
	while (isalpha((unsigned char)s[n]))
		n++;
	p = s + n + strspn(s + n, "0123456789");
	if (*p == '(')
		p += strcspn(p, ")") + 1;
	p += strspn(p, " \t");
	if (*p != ':')
		return -1;
	*out_value = p + 1 + strspn(p + 1, " \t");
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (strlen(tags[i].tag) == n && !strncasecmp(tags[i].tag, s, n))
			return tags[i].kind;
	return -1;
}

static void take_source(struct hull_written *w, const char *value, int line, struct hull_arena *a)
{
	struct hull_dep source = {.line = line};
	size_t n = strlen(value);

	while (n && isspace((unsigned char)value[n - 1]))
		n--;
	source.name = hull_arena_strndup(a, value, n);
	if (n)
		hull_deps_add(&w->sources, a, &source);
}

static void take_deps(struct hull_deps *to, const char *value, int line, struct hull_arena *a)
{
	size_t before = to->n;

	/* what librpm has accepted and we cannot read has no line then */
	hull_ignore(hull_deps_parse(value, a, to, NULL));
	for (size_t i = before; i < to->n; i++)
		to->v[i].line = line;
}

/* A line after its expansion, which may be several. */
static void take_lines(struct hull_written *w, char *text, enum hull_section section, int line,
		       struct hull_arena *a)
{
	char *rest = text;
	const char *one;

	while ((one = strsep(&rest, "\n"))) {
		const char *value;
		int kind = split_tag(one, &value);

		if (section == HULL_LIST)
			take_source(w, one + strspn(one, " \t"), line, a);
		else if (kind == SOURCE)
			take_source(w, value, line, a);
		else if (kind >= 0)
			take_deps(&w->deps[kind], value, line, a);
	}
}

/* Only these lines are expanded: a macro may have side effects, and most lines are not ours. */
static bool has_tag(const char *line)
{
	if (line[strspn(line, " \t")] == '#')
		return false;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (strcasestr(line, tags[i].tag))
			return true;
	return false;
}

void hull_written_read(const char *raw, struct hull_arena *a, struct hull_written *out)
{
	hull_autofree char *copy = hull_strdup(raw);
	enum hull_section section = HULL_PREAMBLE;
	char *rest = copy, *text;
	int line = 0;

	*out = (struct hull_written){0};
	while ((text = strsep(&rest, "\n"))) {
		hull_autofree char *expanded = NULL;

		line++;
		if (hull_section_begins(text, strlen(text), &section))
			continue;
		if (section != HULL_LIST && (section != HULL_PREAMBLE || !has_tag(text)))
			continue;
		expanded = rpmExpand(text, NULL);
		if (expanded)
			take_lines(out, expanded, section, line, a);
	}
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void hull_written_locate(const struct hull_deps *written, struct hull_deps *deps)
{
	for (size_t i = 0; i < deps->n; i++)
		for (size_t k = 0; k < written->n && !deps->v[i].line; k++)
			if (same(written->v[k].name, deps->v[i].name) &&
			    same(written->v[k].evr, deps->v[i].evr) &&
			    written->v[k].flags == deps->v[i].flags)
				deps->v[i].line = written->v[k].line;
}

int hull_written_source(const struct hull_written *w, const char *url)
{
	for (size_t i = 0; i < w->sources.n; i++)
		if (!strcmp(w->sources.v[i].name, url))
			return w->sources.v[i].line;
	return 0;
}
