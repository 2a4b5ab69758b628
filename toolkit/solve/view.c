// SPDX-License-Identifier: MIT
#include "solve/view.h"

#include <solv/poolarch.h>
#include <solv/repo.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* What is found out about the world on the way to a view. */
struct world_scan {
	struct hull_pool *world;
	const struct hull_pkgset *without; /* packages that do not exist for this question */
	unsigned char *names;		   /* by string Id of the world: enum mark */
	bool *members;			   /* by package */
	struct hull_pkgset queue;
	Id *paths; /* those that are named, by strcmp */
	size_t npaths, paths_cap;
};

enum mark {
	NAMED = 1,   /* a dependency mentions it: who provides it matters */
	REACHED = 2, /* its providers are in the queue */
};

static void add_member(struct world_scan *s, hull_pkgid id)
{
	if (s->members[id] || (s->without && hull_pkgset_has(s->without, id)))
		return;
	s->members[id] = true;
	hull_pkgset_push(&s->queue, id);
}

static void reach(void *ctx, Id name, bool positive)
{
	struct world_scan *s = ctx;
	const struct hull_pkgset *with;

	if (!positive || (s->names[name] & REACHED))
		return;
	s->names[name] |= REACHED;
	if (pool_id2str(s->world->names, name)[0] == '/')
		hull_pool_join_links(s->world, name);
	with = hull_pool_index(s->world, name);
	for (size_t i = 0; i < with->n; i++)
		add_member(s, with->v[i]);
}

static void mark(void *ctx, Id name, bool positive)
{
	struct world_scan *s = ctx;

	(void)positive;
	if (!(s->names[name] & NAMED) && pool_id2str(s->world->names, name)[0] == '/') {
		s->paths = hull_grow(s->paths, &s->paths_cap, s->npaths, sizeof *s->paths);
		s->paths[s->npaths++] = name;
		hull_pool_join_links(s->world, name);
	}
	s->names[name] |= NAMED;
}

static void walk_deps(struct world_scan *s, hull_pkgid id, enum hull_dep_kind kind,
		      void (*f)(void *ctx, Id name, bool positive))
{
	bool positive = kind != HULL_CONFLICTS && kind != HULL_OBSOLETES;
	const struct hull_ids *run = &s->world->v[id].deps[kind];

	for (size_t i = 0; i < run->n; i++)
		hull_dep_walk(s->world->names, s->world->ids[run->at + i], positive, f, s);
}

static void walk_list(struct world_scan *s, const struct hull_deps *deps, bool positive,
		      void (*f)(void *ctx, Id name, bool positive))
{
	for (size_t i = 0; deps && i < deps->n; i++)
		hull_dep_walk(s->world->names, hull_dep_id(s->world->names, &deps->v[i]), positive,
			      f, s);
}

/* Puts everything that can be needed into the queue. A superset: versions are not looked at. */
static void reach_all(struct world_scan *s, const struct hull_closure_request *r)
{
	walk_list(s, r->wants, true, reach);
	walk_list(s, r->conflicts, false, reach);
	for (size_t i = 1; r->weak && i < s->world->n; i++)
		if (s->world->v[i].live && s->world->v[i].deps[HULL_SUPPLEMENTS].n)
			add_member(s, (hull_pkgid)i);
	for (size_t i = 0; i < s->queue.n; i++) {
		walk_deps(s, s->queue.v[i], HULL_REQUIRES, reach);
		walk_deps(s, s->queue.v[i], HULL_CONFLICTS, reach);
		if (r->weak)
			walk_deps(s, s->queue.v[i], HULL_RECOMMENDS, reach);
	}
}

static const enum hull_dep_kind used_kinds[] = {
	HULL_REQUIRES,	 HULL_CONFLICTS,   HULL_OBSOLETES,
	HULL_RECOMMENDS, HULL_SUPPLEMENTS, /* the last two only in a weak view */
};

static size_t used(const struct hull_closure_request *r)
{
	return r->weak ? 5 : 3;
}

static int by_name(const void *a, const void *b, void *ctx)
{
	const struct hull_pool *p = ctx;
	hull_pkgid x = *(const hull_pkgid *)a, y = *(const hull_pkgid *)b;
	const struct hull_member *m = &p->v[x], *n = &p->v[y];
	int d = strcmp(pool_id2str(p->names, m->name), pool_id2str(p->names, n->name));

	if (!d)
		d = strcmp(pool_id2str(p->names, m->evr), pool_id2str(p->names, n->evr));
	if (!d)
		d = strcmp(pool_id2str(p->names, m->arch), pool_id2str(p->names, n->arch));
	return d ? d : (x > y) - (x < y);
}

void hull_pkgset_sort_by_name(const struct hull_pool *p, struct hull_pkgset *s)
{
	if (s->n)
		qsort_r(s->v, s->n, sizeof *s->v, by_name, (void *)p);
}

/* From Ids of the world to Ids of a view. */
struct translation {
	const Pool *from;
	Pool *to;
	Id *strings, *rels;
};

static Id translate(struct translation *t, Id id)
{
	Id *known = ISRELDEP(id) ? &t->rels[GETRELID(id)] : &t->strings[id];

	if (*known)
		return *known;
	if (ISRELDEP(id)) {
		const Reldep *r = GETRELDEP(t->from, id);
		Id name = translate(t, r->name), evr = translate(t, r->evr);

		*known = pool_rel2id(t->to, name, evr, r->flags, 1);
	} else {
		*known = pool_str2id(t->to, pool_id2str(t->from, id), 1);
	}
	return *known;
}

static Offset *deps_of(Solvable *s, enum hull_dep_kind kind)
{
	switch (kind) {
	case HULL_PROVIDES:
		return &s->provides;
	case HULL_REQUIRES:
		return &s->requires
		;
	case HULL_CONFLICTS:
		return &s->conflicts;
	case HULL_OBSOLETES:
		return &s->obsoletes;
	case HULL_RECOMMENDS:
		return &s->recommends;
	case HULL_SUPPLEMENTS:
		return &s->supplements;
	case HULL_SUGGESTS:
	case HULL_ENHANCES:
	case HULL_DEP_KINDS:
		break;
	}
	hull_assert(!"no such dependency in a view");
}

static bool provides_name(const struct hull_pool *p, const struct hull_member *m, Id name)
{
	const struct hull_ids *run = &m->deps[HULL_PROVIDES];

	for (size_t i = 0; i < run->n; i++) {
		Id dep = p->ids[run->at + i];

		if (hull_dep_name(p->names, dep) == name)
			return true;
	}
	return false;
}

static void fill(struct translation *t, const struct world_scan *s, Repo *repo, Id solvable,
		 hull_pkgid id, size_t kinds)
{
	struct hull_pool *p = s->world;
	const struct hull_member *m = &p->v[id];
	Solvable *out = pool_id2solvable(t->to, solvable);
	const struct hull_ids *run = &m->deps[HULL_PROVIDES];

	out->name = translate(t, m->name);
	out->evr = translate(t, m->evr);
	out->arch = translate(t, m->arch);
	for (size_t i = 0; i < run->n; i++) {
		Id dep = p->ids[run->at + i], name = hull_dep_name(p->names, dep);

		/* the own name is what a reader of messages and dumps expects to be there */
		if (s->names[name] || name == m->name)
			out->provides = repo_addid(repo, out->provides, translate(t, dep));
	}
	for (size_t i = 0; i < s->npaths; i++)
		if (!provides_name(p, m, s->paths[i]) &&
		    hull_pkgset_has(hull_pool_index(p, s->paths[i]), id))
			out->provides = repo_addid(repo, out->provides, translate(t, s->paths[i]));
	for (size_t k = 0; k < kinds; k++) {
		Offset *deps = deps_of(out, used_kinds[k]);

		run = &m->deps[used_kinds[k]];
		for (size_t i = 0; i < run->n; i++)
			*deps = repo_addid(repo, *deps, translate(t, p->ids[run->at + i]));
	}
}

/* A want and its place in the request. */
struct want {
	char *text;
	size_t index;
};

static int by_text(const void *a, const void *b)
{
	const struct want *x = a, *y = b;
	int d = strcmp(x->text, y->text);

	return d ? d : (x->index > y->index) - (x->index < y->index);
}

/* Wants in the order of their texts, so that the order in which they are asked for does not matter.
 */
static void add_wants(struct hull_view *v, Repo *repo, const struct hull_closure_request *r,
		      Id next)
{
	size_t n = r->wants->n;
	hull_autofree struct want *wants = hull_alloc_array(n + 1, sizeof *wants);
	Solvable *s;

	for (size_t i = 0; i < n; i++) {
		Id dep = hull_dep_id(v->pool, &r->wants->v[i]);

		wants[i] = (struct want){hull_strdup(pool_dep2str(v->pool, dep)), i};
	}
	qsort(wants, n, sizeof *wants, by_text);
	for (size_t i = 0; i < n; i++, next++) {
		hull_autofree char *name = hull_asprintf("want %zu", i);

		s = pool_id2solvable(v->pool, next);
		s->name = pool_str2id(v->pool, name, 1);
		s->evr = ID_EMPTY;
		s->arch = ARCH_NOARCH;
		s->requires =
			repo_addid(repo, 0, hull_dep_id(v->pool, &r->wants->v[wants[i].index]));
		v->want[next] = (int)wants[i].index;
		free(wants[i].text);
	}
	if (!r->conflicts || !r->conflicts->n)
		return;
	v->exclusions = next;
	s = pool_id2solvable(v->pool, next);
	s->name = pool_str2id(v->pool, "exclusions", 1);
	s->evr = ID_EMPTY;
	s->arch = ARCH_NOARCH;
	for (size_t i = 0; i < r->conflicts->n; i++)
		s->conflicts =
			repo_addid(repo, s->conflicts, hull_dep_id(v->pool, &r->conflicts->v[i]));
}

/* A repository of the view for each of those that packages are from, the first before the others. */
struct sources {
	Pool *pool;
	Repo **v; /* by owner */
	size_t n;
};

static Repo *source_of(struct sources *s, int owner)
{
	size_t i = (size_t)owner;

	s->v = hull_grow(s->v, &s->n, i, sizeof *s->v);
	if (!s->v[i]) {
		s->v[i] = repo_create(s->pool, "hull");
		s->v[i]->priority = -owner;
	}
	return s->v[i];
}

static int by_path(const void *a, const void *b, void *pool)
{
	return strcmp(pool_id2str(pool, *(const Id *)a), pool_id2str(pool, *(const Id *)b));
}

static void build(struct hull_view *v, struct world_scan *s, const struct hull_closure_request *r)
{
	size_t pseudo = r->wants->n + (r->conflicts && r->conflicts->n);
	size_t nstrings = (size_t)v->world->names->ss.nstrings;
	size_t nrels = (size_t)v->world->names->nrels;
	hull_autofree Id *strings = hull_alloc_array(nstrings, sizeof *strings);
	hull_autofree Id *rels = hull_alloc_array(nrels + 1, sizeof *rels);
	struct translation t = {v->world->names, v->pool, strings, rels};
	struct sources sources = {.pool = v->pool};
	Repo *repo = source_of(&sources, 0);
	Id start = v->pool->nsolvables;

	if (pseudo)
		repo_add_solvable_block(repo, (int)pseudo);
	v->first = start + (Id)pseudo;
	v->end = v->first + (Id)s->queue.n;
	v->ids = hull_alloc_array((size_t)v->end, sizeof *v->ids);
	v->want = hull_alloc_array((size_t)v->end, sizeof *v->want);
	for (Id id = 0; id < v->end; id++)
		v->want[id] = -1;
	add_wants(v, repo, r, start);
	for (size_t i = 0; i < s->queue.n; i++) {
		Repo *from =
			r->ranked ? source_of(&sources, v->world->v[s->queue.v[i]].owner) : repo;
		Id solvable = repo_add_solvable(from);

		hull_assert(solvable == v->first + (Id)i);
		v->ids[solvable] = s->queue.v[i];
		fill(&t, s, from, solvable, s->queue.v[i], used(r));
	}
	free(sources.v);
	pool_addfileprovides(v->pool); /* nothing to add, but libsolv wants to be told */
	pool_createwhatprovides(v->pool);
	if (r->named)
		hull_view_narrow(v);
}

void hull_view_init(struct hull_view *v, struct hull_pool *p, const struct hull_closure_request *r,
		    const struct hull_pkgset *members)
{
	struct world_scan s = {.world = p, .without = r->without};
	hull_autofree unsigned char *names = NULL;
	hull_autofree bool *in = hull_alloc_array(p->n, sizeof *in);

	*v = (struct hull_view){.world = p, .pool = pool_create()};
	pool_setdisttype(v->pool, DISTTYPE_RPM);
	pool_setarchpolicy(v->pool, p->arch);

	/* Interns the wants and exclusions, so that every Id is below the size of the table. */
	for (size_t i = 0; i < r->wants->n; i++)
		hull_dep_id(p->names, &r->wants->v[i]);
	for (size_t i = 0; r->conflicts && i < r->conflicts->n; i++)
		hull_dep_id(p->names, &r->conflicts->v[i]);
	names = hull_alloc((size_t)p->names->ss.nstrings);
	s.names = names;
	s.members = in;
	if (members) {
		for (size_t i = 0; i < members->n; i++)
			add_member(&s, members->v[i]);
	} else {
		reach_all(&s, r);
	}
	walk_list(&s, r->wants, true, mark);
	walk_list(&s, r->conflicts, false, mark);
	for (size_t i = 0; i < s.queue.n; i++)
		for (size_t k = 0; k < used(r); k++)
			walk_deps(&s, s.queue.v[i], used_kinds[k], mark);
	hull_pkgset_sort_by_name(p, &s.queue);
	if (s.npaths)
		qsort_r(s.paths, s.npaths, sizeof *s.paths, by_path, p->names);
	build(v, &s, r);
	hull_pkgset_fini(&s.queue);
	free(s.paths);
}

void hull_view_fini(struct hull_view *v)
{
	free(v->ids);
	free(v->want);
	free(v->by_name);
	if (v->pool)
		pool_free(v->pool);
	*v = (struct hull_view){0};
}

void hull_view_candidates(struct hull_pool *p, Id dep, struct hull_pkgset *out)
{
	hull_autofree unsigned char *names = hull_alloc((size_t)p->names->ss.nstrings);
	hull_autofree bool *in = hull_alloc_array(p->n, sizeof *in);
	struct world_scan s = {.world = p, .names = names, .members = in};

	hull_dep_walk(p->names, dep, true, reach, &s);
	out->n = 0;
	for (size_t i = 1; i < p->n; i++)
		if (in[i])
			hull_pkgset_push(out, (hull_pkgid)i);
	hull_pkgset_fini(&s.queue);
}

bool hull_dep_holds(Pool *pool, Id dep, const Map *set)
{
	const Reldep *r, *other;
	Id p, pp;

	if (ISRELDEP(dep)) {
		r = GETRELDEP(pool, dep);
		other = ISRELDEP(r->evr) ? GETRELDEP(pool, r->evr) : NULL;
		if (r->flags == REL_AND)
			return hull_dep_holds(pool, r->name, set) &&
			       hull_dep_holds(pool, r->evr, set);
		if (r->flags == REL_OR)
			return hull_dep_holds(pool, r->name, set) ||
			       hull_dep_holds(pool, r->evr, set);
		if (r->flags == REL_COND || r->flags == REL_UNLESS) {
			bool has_else = other && other->flags == REL_ELSE;
			bool cond = hull_dep_holds(pool, has_else ? other->name : r->evr, set);

			if (cond == (r->flags == REL_COND))
				return hull_dep_holds(pool, r->name, set);
			return has_else ? hull_dep_holds(pool, other->evr, set)
					: r->flags == REL_COND;
		}
	}
	FOR_PROVIDES (p, pp, dep)
		if (MAPTST(set, p))
			return true;
	return false;
}

bool hull_view_gather(const struct hull_view *v, Id dep, const Map *set, Id self, Queue *out)
{
	Pool *pool = v->pool;
	const Reldep *r = ISRELDEP(dep) ? GETRELDEP(pool, dep) : NULL;
	int before = out->count;
	Id p, pp;

	if (r && (r->flags == REL_AND || r->flags == REL_OR)) {
		bool first = hull_view_gather(v, r->name, set, self, out);
		bool second = hull_view_gather(v, r->evr, set, self, out);

		if (r->flags == REL_AND || !(first || second))
			return first && second;
		queue_truncate(out, before);
		return true;
	}
	if (r && (r->flags == REL_COND || r->flags == REL_UNLESS)) {
		const Reldep *other = ISRELDEP(r->evr) ? GETRELDEP(pool, r->evr) : NULL;
		bool has_else = other && other->flags == REL_ELSE;
		Id condition = has_else ? other->name : r->evr;

		if (hull_dep_holds(pool, condition, set) == (r->flags == REL_COND))
			return hull_view_gather(v, r->name, set, self, out);
		return has_else && hull_view_gather(v, other->evr, set, self, out);
	}
	FOR_PROVIDES (p, pp, dep) {
		if (self && p == self) {
			queue_truncate(out, before);
			return true;
		}
		if (p >= v->first)
			queue_pushunique(out, p);
	}
	return false;
}
