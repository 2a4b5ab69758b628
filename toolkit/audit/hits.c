// SPDX-License-Identifier: MIT
#include "audit/hits.h"

#include <stdlib.h>
#include <string.h>

#include "audit/cvss.h"

void hull_hits_fini(struct hull_hits *h)
{
	hull_arena_fini(&h->arena);
	free(h->v);
	*h = (struct hull_hits){0};
}

void hull_hits_add(struct hull_hits *h, const struct hull_hit *hit)
{
	struct hull_hit *to;

	h->v = hull_grow(h->v, &h->cap, h->n, sizeof *h->v);
	to = &h->v[h->n++];
	*to = *hit;
	to->id = hull_arena_strdup(&h->arena, hit->id);
	to->fixed = hull_arena_strdup(&h->arena, hit->fixed);
	to->source = hull_arena_strdup(&h->arena, hit->source);
	to->title = hull_arena_strdup(&h->arena, hit->title);
}

/* What counts most comes first. */
static int compare(const void *a, const void *b)
{
	const struct hull_hit *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (!order)
		order = strcmp(x->component->subject, y->component->subject);
	if (!order)
		order = (int)y->exact - (int)x->exact;
	if (!order)
		order = (int)y->verdict - (int)x->verdict;
	if (!order)
		order = (int)y->severity - (int)x->severity;
	if (!order)
		order = strcmp(x->source, y->source);
	return order ? order : strcmp(x->component->version, y->component->version);
}

void hull_hits_settle(struct hull_hits *h)
{
	size_t kept = 0;

	if (h->n)
		qsort(h->v, h->n, sizeof *h->v, compare);
	for (size_t i = 0; i < h->n; i++)
		if (!i || strcmp(h->v[i - 1].id, h->v[i].id) != 0 ||
		    strcmp(h->v[i - 1].component->subject, h->v[i].component->subject) != 0)
			h->v[kept++] = h->v[i];
	h->n = kept;
}

bool hull_rating_parse(const char *text, enum hull_severity *out)
{
	static const struct {
		const char *name;
		enum hull_severity severity;
	} names[] = {
		{"none", HULL_INFO},	  {"unimportant", HULL_LOW}, {"negligible", HULL_LOW},
		{"low", HULL_LOW},	  {"moderate", HULL_MEDIUM}, {"medium", HULL_MEDIUM},
		{"important", HULL_HIGH}, {"high", HULL_HIGH},	     {"critical", HULL_CRITICAL},
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(names[i].name, text) != 0)
			continue;
		*out = names[i].severity;
		return true;
	}
	return hull_cvss_parse(text, out);
}
