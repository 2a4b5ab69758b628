// SPDX-License-Identifier: MIT
#include "sbom/requirement.h"

#include <stdlib.h>
#include <string.h>

struct provide {
	const char *name, *evr;
	size_t package;
};

struct search {
	const struct hull_system *system;
	struct provide *provides; /* in order of name, package */
	size_t nprovides;
	struct hull_needs *out;
	size_t from;
};

static int by_name(const void *a, const void *b)
{
	const struct provide *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->package > y->package) - (x->package < y->package);
}

static void collect_provides(struct search *s)
{
	const struct hull_system *system = s->system;
	size_t n = 0;

	for (size_t i = 0; i < system->npackages; i++)
		n += system->packages[i].deps[HULL_PROVIDES].n;
	s->provides = hull_alloc((n + 1) * sizeof *s->provides);
	for (size_t i = 0; i < system->npackages; i++) {
		const struct hull_deps *d = &system->packages[i].deps[HULL_PROVIDES];

		for (size_t k = 0; k < d->n; k++)
			s->provides[s->nprovides++] =
				(struct provide){d->v[k].name, d->v[k].evr, i};
	}
	qsort(s->provides, s->nprovides, sizeof *s->provides, by_name);
}

static void add(struct search *s, size_t to, const char *text)
{
	struct hull_needs *o = s->out;

	if (to == s->from)
		return;
	o->v = hull_grow(o->v, &o->cap, o->n, sizeof *o->v);
	o->v[o->n++] = (struct hull_need){s->from, to, text};
}

/* The owner of a file, a link to it followed in the directories above only. */
static bool add_owner(struct search *s, const char *path, const char *text)
{
	int node = *path == '/' ? hull_tree_find(&s->system->tree, path) : HULL_NO_NODE;
	int owner = node == HULL_NO_NODE ? -1 : s->system->tree.v[node].owner;

	if (owner < 0 || (size_t)owner >= s->system->npackages)
		return false;
	add(s, (size_t)owner, text);
	return true;
}

/* "1.0-2" is that of "1.0-2" and, as a requirement of any release, of "1.0". */
static bool is_version(const char *provided, const char *wanted)
{
	size_t n = strlen(wanted);

	return provided && !strncmp(provided, wanted, n) && (!provided[n] || provided[n] == '-');
}

static void add_name(struct search *s, const char *name, const char *version, const char *text)
{
	const struct provide *p = s->provides, *end = p + s->nprovides, *first;
	size_t low = 0, high = s->nprovides;
	bool exact = false;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(p[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	first = p + low;
	if (first == end || strcmp(first->name, name) != 0) {
		add_owner(s, name, text);
		return;
	}
	for (p = first; p < end && !strcmp(p->name, name); p++) {
		if (p->package == s->from) /* it needs nobody else for this */
			return;
		exact |= version && is_version(p->evr, version);
	}
	for (p = first; p < end && !strcmp(p->name, name); p++)
		if (!exact || is_version(p->evr, version))
			add(s, p->package, text);
}

static bool is_word(const char *word, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !strncmp(*list, word, n))
			return true;
	return false;
}

/* The next name of a rich dependency. Parentheses of a name ("libc.so.6()(64bit)") belong to it. */
static size_t rich_word(const char *s)
{
	size_t n = 0;
	int depth = 0;

	for (; s[n] && s[n] != ' '; n++) {
		depth += s[n] == '(';
		depth -= s[n] == ')';
		if (depth < 0)
			break;
	}
	return n;
}

static void add_rich(struct search *s, const char *rich)
{
	static const char *const conditions[] = {"if", "unless", "without", NULL};
	static const char *const operators[] = {"and", "or", "with", "else", NULL};
	static const char *const relations[] = {"<", "<=", "=", ">=", ">", NULL};
	bool condition = false, version = false;

	for (const char *p = rich; *p;) {
		size_t n;

		if (*p == '(' || *p == ')' || *p == ' ') {
			p++;
			continue;
		}
		n = rich_word(p);
		if (is_word(p, n, conditions)) {
			condition = true;
		} else if (is_word(p, n, operators)) {
			condition = false;
		} else if (is_word(p, n, relations)) {
			version = true;
		} else {
			if (!condition && !version) {
				const char *name = hull_arena_strndup(&s->out->arena, p, n);

				add_name(s, name, NULL, rich);
			}
			version = false;
		}
		p += n;
	}
}

static void add_package(struct search *s)
{
	const struct hull_deps *d = &s->system->packages[s->from].deps[HULL_REQUIRES];

	for (size_t i = 0; i < d->n; i++) {
		const struct hull_dep *dep = &d->v[i];

		if (hull_starts(dep->name, "rpmlib("))
			continue;
		if (*dep->name == '(')
			add_rich(s, dep->name);
		else
			add_name(s, dep->name, dep->flags == HULL_DEP_EQUAL ? dep->evr : NULL,
				 hull_dep_text(dep, &s->out->arena));
	}
}

struct numbered {
	struct hull_need need;
	size_t number; /* keeps the order of those that are the same */
};

static int by_packages(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->need.from != y->need.from)
		return x->need.from < y->need.from ? -1 : 1;
	if (x->need.to != y->need.to)
		return x->need.to < y->need.to ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static void sort(struct hull_needs *o)
{
	hull_autofree struct numbered *v = hull_alloc((o->n + 1) * sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		v[i] = (struct numbered){o->v[i], i};
	qsort(v, o->n, sizeof *v, by_packages);
	for (size_t i = 0; i < o->n; i++)
		if (i == 0 || v[i].need.from != v[i - 1].need.from ||
		    v[i].need.to != v[i - 1].need.to)
			o->v[n++] = v[i].need;
	o->n = n;
}

void hull_needs_init(struct hull_needs *out, const struct hull_system *s)
{
	struct search search = {.system = s, .out = out};

	*out = (struct hull_needs){0};
	collect_provides(&search);
	for (search.from = 0; search.from < s->npackages; search.from++)
		add_package(&search);
	sort(out);
	free(search.provides);
}

bool hull_needs_has(const struct hull_needs *n, size_t from, size_t to)
{
	size_t low = 0, high = n->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct hull_need *v = &n->v[middle];

		if (v->from == from && v->to == to)
			return true;
		if (v->from < from || (v->from == from && v->to < to))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

void hull_needs_fini(struct hull_needs *n)
{
	free(n->v);
	hull_arena_fini(&n->arena);
	*n = (struct hull_needs){0};
}
