// SPDX-License-Identifier: MIT
#include <solv/evr.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/pool.h"
#include "solve/view.h"
#include "solve/world.h"

/* --- wants that are names, in a view --- */

/* The packages that have the name of a want and satisfy it. */
static void find_named(const struct hull_view *v, Id dep, Queue *out)
{
	Pool *pool = v->pool;
	Id name = hull_dep_name(pool, dep), p, pp;

	queue_empty(out);
	FOR_PROVIDES (p, pp, dep)
		if (p >= v->first && pool->solvables[p].name == name)
			queue_push(out, p);
}

/*
 * libsolv knows requirements of what is provided only. So a want of a package by its name requires
 * something that no package can provide by itself (names have no spaces), and libsolv is told that
 * those of the name do.
 */
void hull_view_narrow(struct hull_view *v)
{
	Queue named;

	queue_init(&named);
	v->by_name = hull_alloc_array((size_t)v->first, sizeof *v->by_name);
	for (Id p = 1; p < v->first; p++) {
		Solvable *s = pool_id2solvable(v->pool, p);
		hull_autofree char *text = NULL;
		Id asked, required;

		if (v->want[p] < 0)
			continue;
		asked = s->repo->idarraydata[s->requires];
		if (!hull_dep_is_name(v->pool, asked))
			continue;
		find_named(v, asked, &named);
		if (!named.count)
			continue;
		text = hull_asprintf("package %s", pool_dep2str(v->pool, asked));
		required = pool_str2id(v->pool, text, 1);
		pool_set_whatprovides(v->pool, required, pool_queuetowhatprovides(v->pool, &named));
		s->requires = repo_addid(s->repo, 0, required);
		v->by_name[v->nby_name++] = (struct hull_by_name){required, asked};
	}
	queue_free(&named);
}

Id hull_view_shown(const struct hull_view *v, Id dep)
{
	for (size_t i = 0; i < v->nby_name; i++)
		if (v->by_name[i].required == dep)
			return v->by_name[i].asked;
	return dep;
}

/* --- and what a set has for them --- */

static bool by_its_name(const struct hull_pool *p, hull_pkgid id, Id dep)
{
	const struct hull_member *m = &p->v[id];
	Id own = pool_rel2id(p->names, m->name, m->evr, REL_EQ, 1);

	return m->name == hull_dep_name(p->names, dep) && pool_match_dep(p->names, own, dep);
}

/* What a package provides that satisfies a dependency, or 0. */
static Id provide_for(const struct hull_pool *p, hull_pkgid id, Id dep)
{
	const struct hull_ids *run = &p->v[id].deps[HULL_PROVIDES];

	for (size_t i = 0; i < run->n; i++)
		if (pool_match_dep(p->names, p->ids[run->at + i], dep))
			return p->ids[run->at + i];
	return 0;
}

size_t hull_pool_stand_ins(struct hull_pool *p, const struct hull_closure_request *r,
			   const struct hull_pkgset *set, struct hull_arena *a,
			   struct hull_stand_in **out)
{
	struct hull_pkgset sorted = {hull_alloc_array(set->n + 1, sizeof *sorted.v), 0, set->n + 1};
	size_t n = 0;

	*out = hull_alloc_array(r->wants->n + 1, sizeof **out);
	for (size_t i = 0; i < set->n; i++)
		hull_pkgset_push(&sorted, set->v[i]);
	hull_pkgset_sort_by_name(p, &sorted);
	for (size_t i = 0; i < r->wants->n; i++) {
		Id dep = hull_dep_id(p->names, &r->wants->v[i]);
		bool named = !hull_dep_is_name(p->names, dep);
		hull_pkgid first = 0;

		for (size_t k = 0; k < sorted.n && !named; k++) {
			named = by_its_name(p, sorted.v[k], dep);
			if (!first && provide_for(p, sorted.v[k], dep))
				first = sorted.v[k];
		}
		if (named || !first)
			continue;
		(*out)[n++] = (struct hull_stand_in){
			(int)i, first,
			hull_arena_strdup(a, pool_dep2str(p->names, provide_for(p, first, dep)))};
	}
	hull_pkgset_fini(&sorted);
	return n;
}
