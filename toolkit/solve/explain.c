// SPDX-License-Identifier: MIT
#include "solve/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
	MAX_NEAR = 3,	/* names offered for one that nothing provides */
	MAX_OFFERS = 3, /* versions named when only the version is wrong */
	MAX_CAUSES = 4, /* dead ends told of in one problem */
	MAX_CHAIN = 20,
};

/* A rule of the solver with what it is about. */
struct cause {
	SolverRuleinfo type;
	Id source, target, dep;
};

/* A problem on its way to a line of text. */
struct problem {
	const struct hull_view *v;
	Solver *solver;
	Queue rules; /* all that take part */
	struct hull_buf *out;
	Map told; /* packages whose origin is explained */
};

/* " (dep)", without brackets of its own around a rich one */
static void add_dep(struct problem *p, Id dep)
{
	const char *text = pool_dep2str(p->v->pool, hull_view_shown(p->v, dep));

	hull_buf_showf(p->out, text[0] == '(' ? " %s" : " (%s)", text);
}

static bool is_want(const struct hull_view *v, Id p)
{
	return p < v->first && v->want[p] >= 0;
}

/* "zlib-1.3.1-1.x86_64" */
static const char *name(const struct hull_view *v, Id p)
{
	return pool_solvid2str(v->pool, p);
}

struct first_name {
	const Pool *pool;
	struct hull_pool *world;
	Id missing; /* the first name that the world does not know, else the first name */
	bool found;
};

static Id world_id(const struct hull_pool *world, const Pool *pool, Id name)
{
	return pool_str2id(world->names, pool_id2str(pool, name), 0);
}

static void look_for_missing(void *ctx, Id name, bool positive)
{
	struct first_name *f = ctx;
	Id id = world_id(f->world, f->pool, name);

	if (!positive || f->found)
		return;
	if (!f->missing)
		f->missing = name;
	if (!id || !hull_pool_index(f->world, id)->n) {
		f->missing = name;
		f->found = true;
	}
}

/* "zlib-devel 1.3.1-1" or, when another package provides the name, "bar-1-1.x86_64 with api = 2".
 */
static void offer(struct problem *p, hull_pkgid id, Id name_id)
{
	const struct hull_pool *w = p->v->world;
	const struct hull_member *m = &w->v[id];
	const struct hull_ids *run = &m->deps[HULL_PROVIDES];

	if (m->name == name_id) {
		hull_buf_showf(p->out, "%s %s", pool_id2str(w->names, m->name),
			       pool_id2str(w->names, m->evr));
	} else {
		hull_buf_showf(p->out, "%s-%s.%s", pool_id2str(w->names, m->name),
			       pool_id2str(w->names, m->evr), pool_id2str(w->names, m->arch));
		for (size_t i = 0; i < run->n; i++) {
			Id dep = w->ids[run->at + i];

			if (ISRELDEP(dep) && GETRELDEP(w->names, dep)->name == name_id) {
				hull_buf_showf(p->out, " with %s", pool_dep2str(w->names, dep));
				break;
			}
		}
	}
	if (m->arch != pool_str2id(w->names, "noarch", 1) &&
	    strcmp(pool_id2str(w->names, m->arch), w->arch) != 0)
		hull_buf_showf(p->out, " for %s", pool_id2str(w->names, m->arch));
}

static void offers(struct problem *p, struct hull_pkgset *with, Id name_id)
{
	hull_pkgset_sort_by_name(p->v->world, with);
	hull_buf_adds(p->out, "there is only ");
	for (size_t i = 0; i < with->n && i < MAX_OFFERS; i++) {
		if (i)
			hull_buf_adds(p->out, ", ");
		offer(p, with->v[i], name_id);
	}
	if (with->n > MAX_OFFERS)
		hull_buf_showf(p->out, " and %zu more", with->n - MAX_OFFERS);
}

/* What there is instead of a dependency that nothing satisfies. */
static void lack(struct problem *p, Id dep)
{
	struct hull_pool *w = p->v->world;
	struct first_name f = {.pool = p->v->pool, .world = w};
	hull_autostrv struct hull_strv near = {0};
	struct hull_pkgset with = {0};
	Id id;

	hull_dep_walk(p->v->pool, dep, true, look_for_missing, &f);
	id = f.missing ? world_id(w, p->v->pool, f.missing) : 0;
	if (id)
		hull_view_candidates(w, id, &with);
	if (with.n) {
		offers(p, &with, id);
		hull_pkgset_fini(&with);
		return;
	}
	hull_buf_showf(p->out, "nothing provides %s",
		       f.missing == dep ? "it" : pool_id2str(p->v->pool, f.missing));
	hull_pool_similar(w, pool_id2str(p->v->pool, f.missing), MAX_NEAR, &near);
	for (size_t i = 0; i < near.n; i++)
		hull_buf_showf(p->out, "%s%s", i ? ", " : " (did you mean ", near.v[i]);
	if (near.n)
		hull_buf_adds(p->out, "?)");
}

/* "x is wanted", "a-1-1 requires x" */
static void requirement(struct problem *p, Id source, Id dep)
{
	const char *text = pool_dep2str(p->v->pool, hull_view_shown(p->v, dep));

	if (is_want(p->v, source))
		hull_buf_showf(p->out, "%s is wanted", text);
	else
		hull_buf_showf(p->out, "%s requires %s", name(p->v, source), text);
}

static void sentence(struct problem *p, const struct cause *c)
{
	const struct hull_view *v = p->v;

	if (c->type == SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP) {
		requirement(p, c->source, c->dep);
		hull_buf_adds(p->out, ", but ");
		lack(p, c->dep);
	} else if (c->type == SOLVER_RULE_PKG_REQUIRES) {
		requirement(p, c->source, c->dep);
		hull_buf_adds(p->out, ", but none of its providers can be installed");
	} else if (c->type == SOLVER_RULE_PKG_CONFLICTS && c->source == v->exclusions) {
		hull_buf_showf(p->out, "%s is excluded", name(v, c->target));
		if (c->dep != v->pool->solvables[c->target].name)
			add_dep(p, c->dep);
	} else if (c->type == SOLVER_RULE_PKG_CONFLICTS) {
		hull_buf_showf(p->out, "%s conflicts with %s", name(v, c->source),
			       name(v, c->target));
		add_dep(p, c->dep);
	} else if (c->type == SOLVER_RULE_PKG_SELF_CONFLICT) {
		hull_buf_showf(p->out, "%s conflicts with itself", name(v, c->source));
		add_dep(p, c->dep);
	} else if (c->type == SOLVER_RULE_PKG_OBSOLETES) {
		hull_buf_showf(p->out, "%s obsoletes %s", name(v, c->source), name(v, c->target));
		add_dep(p, c->dep);
	} else if (c->type == SOLVER_RULE_PKG_SAME_NAME ||
		   c->type == SOLVER_RULE_PKG_IMPLICIT_OBSOLETES) {
		hull_buf_showf(p->out, "%s and ", name(v, c->source));
		hull_buf_showf(p->out, "%s cannot both be installed", name(v, c->target));
	} else {
		hull_buf_showf(p->out, "%s",
			       solver_problemruleinfo2str(p->solver, c->type, c->source, c->target,
							  c->dep));
	}
}

static bool provides(Pool *pool, Id dep, Id solvable)
{
	Id p, pp;

	FOR_PROVIDES (p, pp, dep)
		if (p == solvable)
			return true;
	return false;
}

static struct cause cause_of(struct problem *p, Id rule)
{
	struct cause c;

	c.type = solver_ruleinfo(p->solver, rule, &c.source, &c.target, &c.dep);
	return c;
}

/* The requirement in this problem by which a package comes in, a want before others. */
static bool origin(struct problem *p, Id solvable, struct cause *out)
{
	bool found = false;

	for (int i = 0; i < p->rules.count; i++) {
		struct cause c = cause_of(p, p->rules.elements[i]);

		if (c.type != SOLVER_RULE_PKG_REQUIRES || c.source == solvable ||
		    !provides(p->v->pool, c.dep, solvable))
			continue;
		if (!found || is_want(p->v, c.source))
			*out = c;
		found = true;
		if (is_want(p->v, c.source))
			break;
	}
	return found;
}

/* "; a-1-1 is required by b-1-1 (liba); b-1-1 is wanted" */
static void tell_origin(struct problem *p, Id solvable)
{
	struct cause c = {0};

	for (int i = 0; i < MAX_CHAIN && solvable >= p->v->first; i++, solvable = c.source) {
		if (MAPTST(&p->told, solvable) || !origin(p, solvable, &c))
			return;
		MAPSET(&p->told, solvable);
		hull_buf_showf(p->out, "; %s is ", name(p->v, solvable));
		if (is_want(p->v, c.source))
			hull_buf_adds(p->out, "wanted");
		else
			hull_buf_showf(p->out, "required by %s", name(p->v, c.source));
		if (hull_view_shown(p->v, c.dep) != p->v->pool->solvables[solvable].name)
			add_dep(p, c.dep);
	}
}

/* Whether a rule says that something cannot be, rather than that something has to be. */
static bool dead_end(SolverRuleinfo type)
{
	return type != SOLVER_RULE_PKG_REQUIRES &&
	       (type & SOLVER_RULE_TYPEMASK) == SOLVER_RULE_PKG && type != SOLVER_RULE_PKG;
}

/* One line: each dead end, then how the packages in them come in. */
static void tell(struct problem *p, int *out_want)
{
	struct cause causes[MAX_CAUSES];
	int n = 0, more = 0;

	for (int i = 0; i < p->rules.count; i++) {
		struct cause c = cause_of(p, p->rules.elements[i]);

		if (!dead_end(c.type))
			continue;
		if (c.type == SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP && is_want(p->v, c.source) &&
		    (*out_want < 0 || p->v->want[c.source] < *out_want))
			*out_want = p->v->want[c.source];
		if (n == MAX_CAUSES)
			more++;
		else
			causes[n++] = c;
	}
	for (int i = 0; i < n; i++) {
		if (i)
			hull_buf_adds(p->out, "; ");
		sentence(p, &causes[i]);
	}
	if (more)
		hull_buf_showf(p->out, "; and %d more", more);
	for (int i = 0; i < n; i++) {
		tell_origin(p, causes[i].source);
		if (causes[i].target > 0)
			tell_origin(p, causes[i].target);
	}
}

static int by_number(const void *a, const void *b)
{
	return *(const Id *)a - *(const Id *)b;
}

int hull_explain(const struct hull_view *v, Solver *solver, struct hull_buf *out)
{
	int want = -1;

	for (Id id = 0; (id = solver_next_problem(solver, id)) != 0;) {
		struct problem p = {.v = v, .solver = solver, .out = out};
		size_t start = out->n;

		queue_init(&p.rules);
		map_init(&p.told, v->pool->nsolvables);
		solver_findallproblemrules(solver, id, &p.rules);
		qsort(p.rules.elements, (size_t)p.rules.count, sizeof(Id), by_number);
		if (start)
			hull_buf_addc(out, '\n');
		tell(&p, &want);
		queue_free(&p.rules);
		map_free(&p.told);
	}
	return want;
}
