// SPDX-License-Identifier: MIT
#include "closure/links.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void hull_links_fini(struct hull_links *k)
{
	hull_arena_fini(&k->arena);
	*k = (struct hull_links){0};
}

static int by_handle(const void *a, const void *b)
{
	hull_pkgid x = *(const hull_pkgid *)a, y = *(const hull_pkgid *)b;

	return (x > y) - (x < y);
}

int hull_links_index(const hull_pkgid *ids, size_t n, hull_pkgid id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return (int)i;
	return HULL_LINK_WANT;
}

int hull_links_wants(const struct hull_lock *l, struct hull_arena *a, struct hull_deps *out,
		     struct hull_err *e)
{
	*out = (struct hull_deps){hull_arena_alloc(a, (l->n + 1) * sizeof *out->v), 0};
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].want && hull_dep_parse(l->v[i].want, a, &out->v[out->n++], e) < 0)
			return hull_wrap(e, "lock file: ");
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct hull_link *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return strcmp(x->dep, y->dep);
}

void hull_links_sort(struct hull_links *k)
{
	if (k->n)
		qsort(k->v, k->n, sizeof *k->v, by_place);
}

/* What came in by no requirement, but to settle a conflict, has only the reason of the lock file.
 */
static void add_reasons(struct hull_links *k, const struct hull_lock *l)
{
	size_t n = k->n;

	for (size_t i = 0; i < l->n; i++) {
		const struct hull_locked *p = &l->v[i];
		bool known = p->want != NULL;

		for (size_t j = 0; j < n && !known; j++)
			known = (size_t)k->v[j].to == i;
		if (!known)
			k->v[k->n++] = (struct hull_link){
				.by = (int)(hull_lock_find(l, p->by) - l->v),
				.to = (int)i,
				.group = -1 - (int)i,
				.dep = p->dep,
			};
	}
}

void hull_links_take(struct hull_links *k, const struct hull_lock *l, struct hull_pool *pool,
		     struct hull_pkgset *set, const hull_pkgid *ids, const struct hull_deps *wants)
{
	struct hull_closure_request q = {.wants = wants};
	hull_autofree struct hull_edge *edges = NULL;

	qsort(set->v, set->n, sizeof *set->v, by_handle);
	k->n = hull_pool_edges(pool, &q, set, &k->arena, &edges);
	k->v = hull_arena_alloc(&k->arena, (k->n + l->n + 1) * sizeof *k->v);
	for (size_t i = 0; i < k->n; i++)
		k->v[i] = (struct hull_link){
			.by = edges[i].by ? hull_links_index(ids, l->n, edges[i].by)
					  : HULL_LINK_WANT,
			.to = hull_links_index(ids, l->n, edges[i].to),
			.group = edges[i].dep,
			.dep = edges[i].text,
		};
}

void hull_links_finish(struct hull_links *k, const struct hull_lock *l)
{
	add_reasons(k, l);
	hull_links_sort(k);
}
