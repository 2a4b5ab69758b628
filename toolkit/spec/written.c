// SPDX-License-Identifier: MIT
#include "spec/written.h"

#include <ctype.h>
#include <rpm/rpmmacro.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- sections and words --- */

/* Words that follow a '%' without being macros; a section has its kind. */
static const struct {
	const char *name;
	int kind; /* enum hull_section, or -1 */
} words[] = {
	{"package", HULL_PREAMBLE},
	{"description", HULL_PROSE},
	{"prep", HULL_SCRIPT},
	{"generate_buildrequires", HULL_SCRIPT},
	{"conf", HULL_SCRIPT},
	{"build", HULL_SCRIPT},
	{"install", HULL_SCRIPT},
	{"check", HULL_SCRIPT},
	{"clean", HULL_SCRIPT},
	{"pre", HULL_SCRIPT},
	{"post", HULL_SCRIPT},
	{"preun", HULL_SCRIPT},
	{"postun", HULL_SCRIPT},
	{"pretrans", HULL_SCRIPT},
	{"posttrans", HULL_SCRIPT},
	{"preuntrans", HULL_SCRIPT},
	{"postuntrans", HULL_SCRIPT},
	{"verifyscript", HULL_SCRIPT},
	{"trigger", HULL_SCRIPT},
	{"triggerin", HULL_SCRIPT},
	{"triggerprein", HULL_SCRIPT},
	{"triggerun", HULL_SCRIPT},
	{"triggerpostun", HULL_SCRIPT},
	{"filetriggerin", HULL_SCRIPT},
	{"filetriggerun", HULL_SCRIPT},
	{"filetriggerpostun", HULL_SCRIPT},
	{"transfiletriggerin", HULL_SCRIPT},
	{"transfiletriggerun", HULL_SCRIPT},
	{"transfiletriggerpostun", HULL_SCRIPT},
	{"files", HULL_FILES},
	{"sepolicy", HULL_FILES},
	{"sourcelist", HULL_LIST},
	{"patchlist", HULL_LIST},
	{"changelog", HULL_CHANGELOG},
	{"if", -1},
	{"ifarch", -1},
	{"ifnarch", -1},
	{"ifos", -1},
	{"ifnos", -1},
	{"elif", -1},
	{"elifarch", -1},
	{"elifos", -1},
	{"else", -1},
	{"endif", -1},
	{"include", -1},
	{"setup", -1},
	{"patch", -1},
	/* marks in %files */
	{"artifact", -1},
	{"attr", -1},
	{"caps", -1},
	{"config", -1},
	{"defattr", -1},
	{"defverify", -1},
	{"dev", -1},
	{"dir", -1},
	{"doc", -1},
	{"docdir", -1},
	{"exclude", -1},
	{"ghost", -1},
	{"lang", -1},
	{"license", -1},
	{"missingok", -1},
	{"policy", -1},
	{"pubkey", -1},
	{"readme", -1},
	{"verify", -1},
};

size_t hull_macro_name(const char *s)
{
	size_t n = 0;

	if (isdigit((unsigned char)*s))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

static bool is_word(const char *word, const char *s, size_t n)
{
	return strlen(word) == n && !memcmp(word, s, n);
}

const char *hull_directive(size_t i)
{
	return i < sizeof words / sizeof *words ? words[i].name : NULL;
}

bool hull_is_directive(const char *name, size_t n)
{
	size_t letters = n;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(words[i].name, name, n))
			return true;
	while (letters && isdigit((unsigned char)name[letters - 1]))
		letters--;
	return is_word("patch", name, letters);
}

bool hull_section_begins(const char *s, size_t n, enum hull_section *out)
{
	size_t name;

	if (n < 2 || *s != '%')
		return false;
	name = hull_macro_name(s + 1);
	if (name + 1 < n && !isspace((unsigned char)s[name + 1]))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].kind >= 0 && is_word(words[i].name, s + 1, name)) {
			*out = (enum hull_section)words[i].kind;
			if (*out == HULL_SCRIPT && memmem(s, n, "<lua>", 5))
				*out = HULL_LUA;
			return true;
		}
	return false;
}

/* --- tags --- */

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
