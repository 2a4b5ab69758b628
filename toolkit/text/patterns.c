// SPDX-License-Identifier: MIT
#include "text/patterns.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void hull_patterns_fini(struct hull_patterns *p)
{
	hull_index_fini(&p->literals);
	hull_index_fini(&p->texts);
	free(p->v);
	free(p->wild);
	*p = (struct hull_patterns){0};
}

size_t hull_patterns_add(struct hull_patterns *p, const char *pattern)
{
	size_t prefix = strcspn(pattern, "*?[\\"), place;
	struct hull_index *x = pattern[prefix] ? &p->texts : &p->literals;

	if (hull_index_find(x, pattern, &place))
		return place;
	hull_index_put(x, pattern, p->n);
	if (pattern[prefix]) {
		p->wild = hull_grow(p->wild, &p->cap_wild, p->nwild, sizeof *p->wild);
		p->wild[p->nwild++] = (struct hull_pattern_wild){pattern, prefix, p->n};
	}
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n] = pattern;
	return p->n++;
}

bool hull_patterns_next(const struct hull_patterns *p, const char *text, size_t *at,
			size_t *out_place)
{
	if (!*at) {
		*at = 1;
		if (hull_index_find(&p->literals, text, out_place))
			return true;
	}
	for (; *at <= p->nwild; (*at)++) {
		const struct hull_pattern_wild *w = &p->wild[*at - 1];

		if (!strncmp(w->text, text, w->prefix) && fnmatch(w->text, text, 0) == 0) {
			*out_place = w->place;
			(*at)++;
			return true;
		}
	}
	return false;
}

const char *hull_patterns_first(const struct hull_patterns *p, const char *text)
{
	size_t at = 0, place, first = p->n;

	while (hull_patterns_next(p, text, &at, &place))
		first = place < first ? place : first;
	return first < p->n ? p->v[first] : NULL;
}
