// SPDX-License-Identifier: MIT
#include <solv/repo.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/view.h"

/*
 * Reasons are found on the set alone, not in the solver's decisions: these depend on the order in
 * which it happened to propagate and lead through what it learned on the way.
 */
struct reason_walk {
	struct hull_view v;
	Map set; /* all packages of the set and the wants */
	Map reached;
	struct hull_pkgset queue; /* solvables in the order they are reached */
	struct hull_arena *arena;
	struct hull_reason *reasons; /* by solvable */
};

static void give(struct reason_walk *w, Id to, enum hull_reason_kind kind, Id by, Id dep)
{
	struct hull_reason *reason = &w->reasons[to];

	MAPSET(&w->reached, to);
	hull_pkgset_push(&w->queue, to);
	reason->kind = kind;
	reason->dep =
		hull_arena_strdup(w->arena, pool_dep2str(w->v.pool, hull_view_shown(&w->v, dep)));
	if (by < w->v.first) {
		reason->kind = HULL_REASON_WANT;
		reason->want = w->v.want[by];
	} else {
		reason->by = w->v.ids[by];
	}
}

/* How sure it has to be that a dependency brought a package in. */
enum certainty {
	ONLY,  /* nothing else in the set satisfies it */
	FIRST, /* others do too, but none of them has a reason yet */
	ANY,
	/* It is mentioned at all: with (a if b else c) it can be b that the solver had to take. */
	MENTIONED,
};

struct mention {
	struct reason_walk *w;
	Queue *out;
};

static void gather_name(void *ctx, Id name, bool positive)
{
	struct mention *m = ctx;

	(void)positive;
	hull_view_gather(&m->w->v, name, &m->w->set, 0, m->out);
}

/*
 * Gives a reason to packages that a dependency of `from` brings in; false if there are none. With
 * certainty ONLY it is all of them, else one.
 */
static bool follow(struct reason_walk *w, Id from, enum hull_dep_kind kind,
		   enum certainty certainty)
{
	const Solvable *s = pool_id2solvable(w->v.pool, from);
	Offset deps = kind == HULL_REQUIRES	? s->requires
		      : kind == HULL_RECOMMENDS ? s->recommends
						: s->conflicts;
	const Id *dep = deps ? s->repo->idarraydata + deps : NULL;
	bool found = false;
	Queue to;

	queue_init(&to);
	for (; dep && *dep && !(found && certainty != ONLY); dep++) {
		Id first = 0;
		int known = 0;

		queue_empty(&to);
		if (certainty == MENTIONED)
			hull_dep_walk(w->v.pool, *dep, true, gather_name,
				      &(struct mention){w, &to});
		else
			hull_view_gather(&w->v, *dep, &w->set, 0, &to);
		for (int i = 0; i < to.count; i++) {
			if (MAPTST(&w->reached, to.elements[i]))
				known++;
			else if (!first || to.elements[i] < first)
				first = to.elements[i];
		}
		if (!first || (certainty == ONLY && to.count > 1) || (certainty == FIRST && known))
			continue;
		give(w, first,
		     kind == HULL_REQUIRES     ? HULL_REASON_REQUIRES
		     : kind == HULL_RECOMMENDS ? HULL_REASON_RECOMMENDS
					       : HULL_REASON_CONFLICTS,
		     from, *dep);
		found = true;
	}
	queue_free(&to);
	return found;
}

/* Follows the sure dependencies of all that is reached from queue place `at` on. */
static size_t spread(struct reason_walk *w, size_t at)
{
	for (; at < w->queue.n; at++)
		follow(w, w->queue.v[at], HULL_REQUIRES, ONLY);
	return at;
}

/* What is left of the queue to be asked for each kind of answer. With more reasons there are fewer
 * answers, so what had none need not be asked again. */
struct unasked {
	size_t first, any, mentioned, conflicts, recommends;
};

static bool follow_one(struct reason_walk *w, enum hull_dep_kind kind, enum certainty certainty,
		       size_t *at)
{
	for (; *at < w->queue.n; ++*at)
		if (follow(w, w->queue.v[*at], kind, certainty))
			return true;
	return false;
}

static bool supplement_one(struct reason_walk *w)
{
	for (Id p = w->v.first; p < w->v.end; p++) {
		const Solvable *s = pool_id2solvable(w->v.pool, p);
		const Id *dep = s->supplements ? s->repo->idarraydata + s->supplements : NULL;

		for (; dep && *dep && !MAPTST(&w->reached, p); dep++) {
			Id by = 0;
			Queue to;

			if (!hull_dep_holds(w->v.pool, *dep, &w->set))
				continue;
			queue_init(&to);
			hull_view_gather(&w->v, *dep, &w->set, 0, &to);
			for (int i = 0; i < to.count && !by; i++)
				if (to.elements[i] != p)
					by = to.elements[i];
			queue_free(&to);
			if (!by)
				continue;
			give(w, p, HULL_REASON_SUPPLEMENTS, by, *dep);
			return true;
		}
	}
	return false;
}

void hull_pool_reasons(struct hull_pool *p, const struct hull_closure_request *r,
		       const struct hull_pkgset *closure, struct hull_arena *a,
		       struct hull_reason *out)
{
	struct reason_walk w = {.arena = a};
	struct unasked u = {0};
	Id *wants;
	size_t at = 0, *place;

	hull_view_init(&w.v, p, r, closure);
	w.reasons = hull_alloc_array((size_t)w.v.end, sizeof *w.reasons);
	map_init(&w.set, w.v.pool->nsolvables);
	map_init(&w.reached, w.v.pool->nsolvables);
	for (Id s = w.v.first; s < w.v.end; s++) {
		w.reasons[s].want = -1;
		MAPSET(&w.set, s);
	}
	/* Of two wants that bring in the same package the earlier one is the reason. */
	wants = hull_alloc_array(r->wants->n + 1, sizeof *wants);
	for (Id s = 1; s < w.v.first; s++)
		if (w.v.want[s] >= 0)
			wants[w.v.want[s]] = s;
	for (size_t i = 0; i < r->wants->n; i++)
		hull_pkgset_push(&w.queue, wants[i]);
	do {
		at = spread(&w, at);
	} while (follow_one(&w, HULL_REQUIRES, FIRST, &u.first) ||
		 follow_one(&w, HULL_REQUIRES, ANY, &u.any) ||
		 follow_one(&w, HULL_REQUIRES, MENTIONED, &u.mentioned) ||
		 follow_one(&w, HULL_CONFLICTS, MENTIONED, &u.conflicts) ||
		 (r->weak &&
		  (follow_one(&w, HULL_RECOMMENDS, ANY, &u.recommends) || supplement_one(&w))));
	place = hull_alloc_array(p->n + 1, sizeof *place);
	for (size_t i = 0; i < closure->n; i++)
		place[closure->v[i]] = i + 1;
	for (Id s = w.v.first; s < w.v.end; s++)
		if (place[w.v.ids[s]])
			out[place[w.v.ids[s]] - 1] = w.reasons[s];
	free(place);
	free(wants);
	free(w.reasons);
	hull_pkgset_fini(&w.queue);
	map_free(&w.set);
	map_free(&w.reached);
	hull_view_fini(&w.v);
}
