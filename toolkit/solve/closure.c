// SPDX-License-Identifier: MIT
#include <solv/solver.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/explain.h"
#include "solve/view.h"

enum {
	MAX_SOLVES = 200, /* limit on the effort to find a smaller set */
};

/* One answer of the solver. Solvables stand for their packages: their order is name order. */
struct solution {
	struct hull_pkgset set; /* solvables, ascending */
	uint64_t bytes;
	Queue favored; /* providers that were preferred, the strongest last */
	Queue banned;  /* names of providers that were forbidden */
	Queue moves;   /* pairs: a provider that was chosen, another one it could have been */
};

/* With the preferences of `from`, if that is not NULL. */
static void solution_init(struct solution *s, const struct solution *from)
{
	*s = (struct solution){0};
	if (from) {
		queue_init_clone(&s->favored, &from->favored);
		queue_init_clone(&s->banned, &from->banned);
	} else {
		queue_init(&s->favored);
		queue_init(&s->banned);
	}
	queue_init(&s->moves);
}

static void solution_fini(struct solution *s)
{
	hull_pkgset_fini(&s->set);
	queue_free(&s->favored);
	queue_free(&s->banned);
	queue_free(&s->moves);
}

static int by_id(const void *a, const void *b)
{
	hull_pkgid x = *(const hull_pkgid *)a, y = *(const hull_pkgid *)b;

	return (x > y) - (x < y);
}

static void sort_set(struct hull_pkgset *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof *s->v, by_id);
}

/* What the solver chose, and between what. */
static void find_moves(Solver *solver, Queue *out)
{
	const Pool *pool = solver->pool;
	Queue choices;
	Id id, from, chosen;
	int level;

	queue_init(&choices);
	for (int i = solver_alternatives_count(solver); i > 0; i--) {
		solver_get_alternative(solver, i, &id, &from, &chosen, &choices, &level);
		for (int k = 0; chosen && k < choices.count; k++) {
			Id p = abs(choices.elements[k]);

			if (p != chosen && solver_get_decisionlevel(solver, p) <= 0 &&
			    pool->solvables[p].repo->priority ==
				    pool->solvables[chosen].repo->priority)
				queue_push2(out, chosen, p);
		}
	}
	queue_free(&choices);
}

/* Solves with the preferences of s; false if it cannot be (solver then tells why). */
static bool solve(const struct hull_view *v, const struct hull_closure_request *r,
		  struct solution *s, Solver **out_solver)
{
	Solver *solver = solver_create(v->pool);
	Queue job, decisions;
	bool ok;

	queue_init(&job);
	queue_init(&decisions);
	for (Id p = 1; p < v->first; p++)
		if (v->want[p] >= 0 || p == v->exclusions)
			queue_push2(&job, SOLVER_INSTALL | SOLVER_SOLVABLE, p);
	for (int i = 0; i < s->favored.count; i++)
		queue_push2(&job, SOLVER_FAVOR | SOLVER_SOLVABLE, s->favored.elements[i]);
	for (int i = 0; i < s->banned.count; i++)
		queue_push2(&job, SOLVER_ERASE | SOLVER_SOLVABLE_NAME, s->banned.elements[i]);
	solver_set_flag(solver, SOLVER_FLAG_IGNORE_RECOMMENDED, !r->weak);
	ok = solver_solve(solver, &job) == 0;
	if (ok) {
		solver_get_decisionqueue(solver, &decisions);
		for (int i = 0; i < decisions.count; i++) {
			Id p = decisions.elements[i];

			if (p < v->first)
				continue;
			hull_pkgset_push(&s->set, p);
			s->bytes += v->world->v[v->ids[p]].bytes;
		}
		sort_set(&s->set);
		find_moves(solver, &s->moves);
	}
	queue_free(&job);
	queue_free(&decisions);
	if (out_solver)
		*out_solver = solver;
	else
		solver_free(solver);
	return ok;
}

static bool smaller(const struct hull_closure_request *r, const struct solution *a,
		    const struct solution *b)
{
	size_t n = a->set.n < b->set.n ? a->set.n : b->set.n;

	if (!r->fewest && a->bytes != b->bytes)
		return a->bytes < b->bytes;
	if (a->set.n != b->set.n)
		return a->set.n < b->set.n;
	for (size_t i = 0; i < n; i++)
		if (a->set.v[i] != b->set.v[i])
			return a->set.v[i] < b->set.v[i];
	return false;
}

/*
 * Solves as for `from` but with the provider move[1] instead of move[0]; if that gives less than
 * *best, changes places with it and returns true. To prefer the one is not enough: the solver drops
 * it again when the other one still comes in, so that one is forbidden (or, if it cannot be done
 * without, not).
 */
static bool exchange(const struct hull_view *v, const struct hull_closure_request *r,
		     const struct solution *from, const Id *move, struct solution *best,
		     struct solution *out)
{
	struct solution swap = *best;

	solution_init(out, from);
	queue_push(&out->favored, move[1]);
	queue_push(&out->banned, v->pool->solvables[move[0]].name);
	if (!solve(v, r, out, NULL)) {
		queue_pop(&out->banned);
		if (!solve(v, r, out, NULL))
			return false;
	}
	if (!smaller(r, out, best))
		return false;
	*best = *out;
	*out = swap;
	return true;
}

/* Tries each exchange of one choice of *best, then what a second one makes of each; true at the
 * first that is better. */
static bool improve(const struct hull_view *v, const struct hull_closure_request *r,
		    struct solution *best, int *left)
{
	int n = best->moves.count / 2, tried = 0;
	hull_autofree struct solution *first = hull_alloc_array((size_t)n, sizeof *first);
	bool better = false;

	while (tried < n && !better && *left > 0) {
		const Id *move = best->moves.elements + (size_t)tried * 2;

		better = exchange(v, r, best, move, best, &first[tried]);
		tried++;
		--*left;
	}
	for (int i = 0; i < tried && !better; i++) {
		const Queue *moves = &first[i].moves;

		for (int k = 0; k < moves->count && !better && *left > 0; k += 2) {
			struct solution second;

			better = exchange(v, r, &first[i], moves->elements + k, best, &second);
			solution_fini(&second);
			--*left;
		}
	}
	for (int i = 0; i < tried; i++)
		solution_fini(&first[i]);
	return better;
}

static void minimize(const struct hull_view *v, const struct hull_closure_request *r,
		     struct solution *best)
{
	int left = MAX_SOLVES;

	while (improve(v, r, best, &left))
		;
}

int hull_pool_closure(struct hull_pool *p, const struct hull_closure_request *r,
		      struct hull_pkgset *out, int *out_want, struct hull_err *e)
{
	struct hull_view v;
	struct solution best;
	Solver *solver;
	int want = -1, rc = 0;

	hull_view_init(&v, p, r, NULL);
	solution_init(&best, NULL);
	out->n = 0;
	if (solve(&v, r, &best, &solver)) {
		solver_free(solver);
		minimize(&v, r, &best);
		for (size_t i = 0; i < best.set.n; i++)
			hull_pkgset_push(out, v.ids[best.set.v[i]]);
		sort_set(out);
	} else {
		hull_autobuf struct hull_buf text = {0};

		want = hull_explain(&v, solver, &text);
		solver_free(solver);
		rc = hull_fail(e, HULL_FAILED, "%-s", text.p);
	}
	if (out_want)
		*out_want = want;
	solution_fini(&best);
	hull_view_fini(&v);
	return rc;
}

void hull_pool_providers(struct hull_pool *p, const struct hull_dep *d, struct hull_pkgset *out)
{
	struct hull_dep want = *d;
	struct hull_deps wants = {&want, 1};
	struct hull_closure_request r = {.wants = &wants};
	struct hull_pkgset candidates = {0};
	struct hull_view v;
	Map set;
	Id dep;

	hull_view_candidates(p, hull_dep_id(p->names, d), &candidates);
	hull_view_init(&v, p, &r, &candidates);
	dep = hull_dep_id(v.pool, d);
	map_init(&set, v.pool->nsolvables);
	out->n = 0;
	for (Id s = v.first; s < v.end; s++) {
		MAPSET(&set, s);
		if (hull_dep_holds(v.pool, dep, &set))
			hull_pkgset_push(out, v.ids[s]);
		MAPCLR(&set, s);
	}
	sort_set(out);
	map_free(&set);
	hull_pkgset_fini(&candidates);
	hull_view_fini(&v);
}

/* The want that a solution leaves out, if that is all it does, else -1. */
static int left_out(const struct hull_view *v, Solver *solver, Id problem, Id solution)
{
	Id p, rp, element;

	if (solver_solutionelement_count(solver, problem, solution) != 1)
		return -1;
	element = solver_next_solutionelement(solver, problem, solution, 0, &p, &rp);
	if (!element || p != SOLVER_SOLUTION_JOB)
		return -1;
	p = solver->job.elements[rp];
	return p < v->first ? v->want[p] : -1;
}

size_t hull_pool_reliefs(struct hull_pool *p, const struct hull_closure_request *r,
			 struct hull_relief **out)
{
	struct hull_view v;
	struct solution s;
	Solver *solver;
	size_t n = 0, cap = 0;

	*out = NULL;
	hull_view_init(&v, p, r, NULL);
	solution_init(&s, NULL);
	if (!solve(&v, r, &s, &solver)) {
		int count = 0;

		for (Id id = 0; (id = solver_next_problem(solver, id)) != 0; count++) {
			for (Id k = 1; k <= (Id)solver_solution_count(solver, id); k++) {
				int want = left_out(&v, solver, id, k);

				if (want < 0)
					continue;
				*out = hull_grow(*out, &cap, n, sizeof **out);
				(*out)[n++] = (struct hull_relief){count, want};
			}
		}
	}
	solver_free(solver);
	solution_fini(&s);
	hull_view_fini(&v);
	return n;
}
