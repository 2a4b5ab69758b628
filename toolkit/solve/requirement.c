// SPDX-License-Identifier: MIT
#include "solve/requirement.h"

#include <stdlib.h>

#include "solve/installedpool.h"
#include "solve/view.h"

struct requirement_search {
	struct hull_view view;
	Map set;	  /* all packages of the set */
	const int *place; /* by package */
	struct hull_requirements *out;
	int groups;
};

void hull_requirements_fini(struct hull_requirements *r)
{
	free(r->v);
	hull_arena_fini(&r->arena);
	*r = (struct hull_requirements){0};
}

void hull_requirements_add(struct hull_requirements *r, int by, int to, int group, const char *text)
{
	r->v = hull_grow(r->v, &r->cap, r->n, sizeof *r->v);
	r->v[r->n++] = (struct hull_requirement){by, to, group, text};
}

static int by_place(const void *a, const void *b)
{
	const struct hull_requirement *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

void hull_requirements_sort(struct hull_requirements *r)
{
	if (r->n)
		qsort(r->v, r->n, sizeof *r->v, by_place);
}

static void add(struct requirement_search *s, Id by, Id dep)
{
	const struct hull_view *v = &s->view;
	const char *text = NULL;
	Queue to;

	queue_init(&to);
	hull_view_gather(v, dep, &s->set, by, &to);
	for (int i = 0; i < to.count; i++) {
		if (!text)
			text = hull_arena_strdup(&s->out->arena,
						 pool_dep2str(v->pool, hull_view_shown(v, dep)));
		hull_requirements_add(s->out, by < v->first ? HULL_REQUEST : s->place[v->ids[by]],
				      s->place[v->ids[to.elements[i]]], s->groups, text);
	}
	s->groups++;
	queue_free(&to);
}

void hull_requirements_init(struct hull_requirements *out, struct hull_pool *p,
			    const struct hull_deps *requests, const struct hull_pkgset *set)
{
	const struct hull_closure_request r = {.wants = requests, .named = true};
	hull_autofree int *place = hull_alloc_array(p->n, sizeof *place);
	struct requirement_search s = {.out = out, .place = place};

	*out = (struct hull_requirements){0};
	for (size_t i = 0; i < set->n; i++)
		place[set->v[i]] = (int)i;
	hull_view_init(&s.view, p, &r, set);
	map_init(&s.set, s.view.pool->nsolvables);
	for (Id id = s.view.first; id < s.view.end; id++)
		MAPSET(&s.set, id);
	for (Id id = 1; id < s.view.end; id++) {
		const Solvable *solvable = pool_id2solvable(s.view.pool, id);
		const Id *dep = solvable->requires
					? solvable->repo->idarraydata + solvable->requires
					: NULL;

		if (id < s.view.first && s.view.want[id] < 0)
			continue;
		for (; dep && *dep; dep++)
			add(&s, id, *dep);
	}
	map_free(&s.set);
	hull_view_fini(&s.view);
	hull_requirements_sort(out);
}

void hull_requirements_installed(struct hull_requirements *out, const struct hull_package *packages,
				 size_t n, const struct hull_deps *requests)
{
	struct hull_pkgset set;
	struct hull_pool *pool = hull_pool_installed(packages, n, requests, &set);

	hull_requirements_init(out, pool, requests, &set);
	hull_pkgset_fini(&set);
	hull_pool_free(pool);
}
