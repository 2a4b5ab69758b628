// SPDX-License-Identifier: MIT
#include "rpm/package.h"

#include <ctype.h>
#include <rpm/rpmds.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct {
	const char *text;
	unsigned int flags;
} operators[] = {
	/* Two characters first: the first that matches is taken. */
	{"<=", HULL_DEP_LESS | HULL_DEP_EQUAL},
	{"=<", HULL_DEP_LESS | HULL_DEP_EQUAL},
	{">=", HULL_DEP_GREATER | HULL_DEP_EQUAL},
	{"=>", HULL_DEP_GREATER | HULL_DEP_EQUAL},
	{"==", HULL_DEP_EQUAL},
	{"<", HULL_DEP_LESS},
	{">", HULL_DEP_GREATER},
	{"=", HULL_DEP_EQUAL},
};

const char *hull_package_evr(const struct hull_package *p, struct hull_arena *a)
{
	if (p->epoch)
		return hull_arena_printf(a, "%u:%s-%s", p->epoch, p->version, p->release);
	return hull_arena_printf(a, "%s-%s", p->version, p->release);
}

const char *hull_package_nevra(const struct hull_package *p, struct hull_arena *a)
{
	return hull_arena_printf(a, "%s-%s.%s", p->name, hull_package_evr(p, a), p->arch);
}

int64_t hull_packages_newest(const struct hull_package *v, size_t n)
{
	int64_t newest = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].build_time > newest)
			newest = v[i].build_time;
	return newest;
}

static int at_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct hull_file *)file)->path);
}

const struct hull_file *hull_package_file(const struct hull_package *p, const char *path)
{
	if (!p->nfiles)
		return NULL;
	return bsearch(path, p->files, p->nfiles, sizeof *p->files, at_path);
}

const char *hull_dep_operator(unsigned int flags)
{
	static const char *const text[] = {"", "<", ">", "<>", "=", "<=", ">=", "<=>"};

	return text[flags & 7];
}

const char *hull_dep_text(const struct hull_dep *d, struct hull_arena *a)
{
	if (!d->evr)
		return hull_arena_strdup(a, d->name);
	return hull_arena_printf(a, "%s %s %s", d->name, hull_dep_operator(d->flags), d->evr);
}

void hull_deps_add(struct hull_deps *d, struct hull_arena *a, const struct hull_dep *dep)
{
	/* The array doubles: it is full whenever n is a power of two. */
	if ((d->n & (d->n - 1)) == 0) {
		struct hull_dep *v = hull_arena_array(a, d->n ? 2 * d->n : 1, sizeof *v);

		if (d->n)
			memcpy(v, d->v, d->n * sizeof *v);
		d->v = v;
	}
	d->v[d->n++] = *dep;
}

static bool is_separator(char c)
{
	return isspace((unsigned char)c) || c == ',';
}

/* The end of a name: blanks and operators inside of parentheses belong to it. */
static const char *name_end(const char *s)
{
	int depth = 0;

	for (; *s; s++) {
		if (*s == '(')
			depth++;
		else if (*s == ')')
			depth--;
		else if (isspace((unsigned char)*s) || (depth <= 0 && strchr(",<>=", *s)))
			break;
	}
	return s;
}

/* A copy in which every run of blanks is one blank. */
static const char *squeezed(const char *s, size_t n, struct hull_arena *a)
{
	char *copy = hull_arena_alloc(a, n + 1);
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		bool blank = isspace((unsigned char)s[i]);

		if (!blank || (m && copy[m - 1] != ' '))
			copy[m++] = blank ? ' ' : s[i];
	}
	return copy;
}

static int parse_rich(const char **s, struct hull_arena *a, struct hull_dep *out,
		      struct hull_err *e)
{
	const char *start = *s;
	char *why = NULL;
	int r = 0;

	if (rpmrichParse(s, &why, NULL, NULL) != RPMRC_OK)
		r = hull_fail(e, HULL_FAILED, "malformed dependency '%s'%s%s", start,
			      why ? ": " : "", why ? why : "");
	else
		out->name = squeezed(start, (size_t)(*s - start), a);
	free(why);
	return r;
}

/* An operator and a version, if *s goes on with one. */
static int parse_evr(const char **s, struct hull_arena *a, struct hull_dep *out, struct hull_err *e)
{
	const char *p = *s;
	size_t n;

	while (isspace((unsigned char)*p))
		p++;
	for (size_t i = 0; i < sizeof operators / sizeof *operators && !out->flags; i++)
		if (hull_starts(p, operators[i].text)) {
			out->flags = operators[i].flags;
			p += strlen(operators[i].text);
		}
	if (!out->flags)
		return 0;
	while (isspace((unsigned char)*p))
		p++;
	for (n = 0; p[n] && !is_separator(p[n]); n++)
		if (!isalnum((unsigned char)p[n]) && !strchr(".-_+~^:", p[n]))
			return hull_fail(e, HULL_FAILED, "dependency '%s': '%c' in its version",
					 out->name, p[n]);
	if (!n)
		return hull_fail(e, HULL_FAILED, "dependency '%s' has an operator, but no version",
				 out->name);
	out->evr = hull_arena_strndup(a, p, n);
	*s = p + n;
	return 0;
}

static int parse_one(const char **s, struct hull_arena *a, struct hull_dep *out, struct hull_err *e)
{
	const char *end;

	*out = (struct hull_dep){0};
	if (**s == '(')
		return parse_rich(s, a, out, e);
	if (!isalnum((unsigned char)**s) && **s != '_' && **s != '/')
		return hull_fail(e, HULL_FAILED, "'%s' does not begin like a dependency", *s);
	end = name_end(*s);
	out->name = hull_arena_strndup(a, *s, (size_t)(end - *s));
	*s = end;
	return parse_evr(s, a, out, e);
}

static void skip_separators(const char **s)
{
	while (is_separator(**s))
		++*s;
}

int hull_dep_parse(const char *text, struct hull_arena *a, struct hull_dep *out, struct hull_err *e)
{
	const char *s = text;

	while (isspace((unsigned char)*s))
		s++;
	if (!*s)
		return hull_fail(e, HULL_FAILED, "empty dependency");
	if (parse_one(&s, a, out, e) < 0)
		return -1;
	while (isspace((unsigned char)*s))
		s++;
	if (*s)
		return hull_fail(e, HULL_FAILED, "'%s' is not one dependency", text);
	return 0;
}

int hull_deps_parse(const char *text, struct hull_arena *a, struct hull_deps *out,
		    struct hull_err *e)
{
	struct hull_dep dep;

	for (skip_separators(&text); *text; skip_separators(&text)) {
		if (parse_one(&text, a, &dep, e) < 0)
			return -1;
		hull_deps_add(out, a, &dep);
	}
	return 0;
}
