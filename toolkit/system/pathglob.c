// SPDX-License-Identifier: MIT
#include "system/pathglob.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "system/confdir.h"

enum { MAX_STEPS = 1 << 20 };

struct found_paths {
	int *v;
	size_t n, cap;
	size_t steps; /* patterns without braces, and nodes gone through */
};

static void add(struct found_paths *f, int node)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i] == node)
			return;
	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	f->v[f->n++] = node;
}

/* What of the pattern is left, below a directory. */
static void match(const struct hull_tree *t, int directory, const char *pattern,
		  struct found_paths *f)
{
	hull_autofree char *name = NULL;
	size_t n;

	pattern += strspn(pattern, "/");
	n = strcspn(pattern, "/");
	if (n == 0) {
		add(f, directory);
		return;
	}
	name = hull_strndup(pattern, n);
	pattern += n;
	for (int i = t->v[directory].first_child; i >= 0; i = t->v[i].next_sibling) {
		int below = i;

		if (++f->steps > MAX_STEPS)
			return;
		if (fnmatch(name, t->v[i].name, FNM_PERIOD) != 0)
			continue;
		if (!pattern[strspn(pattern, "/")]) {
			add(f, i);
			continue;
		}
		if (S_ISLNK(t->v[i].mode)) {
			struct hull_arena a = {0};

			below = hull_tree_follow(t, hull_tree_path(t, i, &a));
			hull_arena_fini(&a);
		}
		if (below >= 0 && S_ISDIR(t->v[below].mode))
			match(t, below, pattern, f);
	}
}

/* The end of the part at p, which a comma or the closing brace ends; NULL if nothing does. */
static const char *part_end(const char *p)
{
	for (int depth = 0; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (depth == 0 && (*p == ',' || *p == '}'))
			return p;
		else if (*p == '{')
			depth++;
		else if (*p == '}')
			depth--;
	}
	return NULL;
}

static const char *closing_brace(const char *p)
{
	while ((p = part_end(p)) && *p == ',')
		p++;
	return p;
}

static void expand(const struct hull_tree *t, const char *pattern, struct found_paths *f)
{
	const char *open = strchr(pattern, '{'), *close = open ? closing_brace(open + 1) : NULL;

	if (++f->steps > MAX_STEPS)
		return;
	if (!close) {
		match(t, HULL_TREE_ROOT, pattern, f);
		return;
	}
	for (const char *part = open + 1; part <= close && f->steps <= MAX_STEPS;) {
		const char *end = part_end(part);
		hull_autofree char *one =
			hull_asprintf("%.*s%.*s%s", (int)(open - pattern), pattern,
				      (int)(end - part), part, close + 1);

		expand(t, one, f);
		part = end + 1;
	}
}

int hull_tree_glob(const struct hull_tree *t, const char *pattern, int **out, size_t *out_n,
		   struct hull_err *e)
{
	struct found_paths f = {0};

	expand(t, pattern, &f);
	if (f.steps > MAX_STEPS) {
		free(f.v);
		return hull_fail(e, HULL_FAILED, "the pattern '%.200s' takes more than %d steps",
				 pattern, MAX_STEPS);
	}
	*out = f.v;
	*out_n = f.n;
	return 0;
}
