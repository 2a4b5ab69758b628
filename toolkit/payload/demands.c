// SPDX-License-Identifier: MIT
#include "payload/demands.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "scriptlet/fires.h"
#include "system/sysusers.h"

struct demand_reader {
	const struct hull_store *store;
	struct hull_demands *out;
	size_t n;
	struct hull_buf refused;
	size_t packages; /* with scriptlets that are refused */
	struct hull_err *e;
};

static bool may_run(const struct demand_reader *r, const struct hull_scriptlet *s)
{
	return s->kind < HULL_TRIGGER || hull_trigger_fires(s, r->out->packages, r->n);
}

static void demand(struct hull_demands *d, size_t package, const struct hull_scriptlet *s,
		   const struct hull_needs *needs)
{
	struct hull_demand *v = hull_arena_array(&d->arena, d->n + needs->n, sizeof *v);

	if (d->n)
		memcpy(v, d->v, d->n * sizeof *v);
	d->v = v;
	for (size_t i = 0; i < needs->n; i++)
		d->v[d->n++] = (struct hull_demand){package, s->name, needs->v[i]};
}

static int read_package(struct demand_reader *r, size_t package)
{
	const struct hull_package *p = &r->out->packages[package];
	struct hull_scriptlets all;
	size_t found = 0;

	if (hull_scriptlets_read(r->store, p->sha256, &r->out->arena, &all, r->e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct hull_scriptlet *s = &all.v[i];
		struct hull_needs needs;
		enum hull_effect fate = hull_scriptlet_fate(s, &r->out->arena, &needs);

		if (fate < HULL_EFFECT_DONE || !may_run(r, s))
			continue;
		if (fate == HULL_EFFECT_DONE) {
			demand(r->out, package, s, &needs);
			continue;
		}
		if (!found++)
			hull_buf_addf(&r->refused, "%s%s (%s", r->packages++ ? ", " : "",
				      hull_package_nevra(p, &r->out->arena), s->name);
		else
			hull_buf_addf(&r->refused, " %s", s->name);
	}
	if (found)
		hull_buf_adds(&r->refused, ")");
	return 0;
}

int hull_demands_read(const struct hull_store *s, const struct hull_package *v, size_t n,
		      struct hull_demands *out, struct hull_err *e)
{
	struct demand_reader r = {.store = s, .out = out, .n = n, .e = e};
	int result = 0;

	*out = (struct hull_demands){.packages = v};
	for (size_t i = 0; i < n && result == 0; i++)
		if (v[i].scriptlets)
			result = read_package(&r, i);
	if (result == 0 && r.packages)
		result =
			hull_fail(e, HULL_FAILED,
				  "%s scriptlets, which an image is made without: %s "
				  "(--scriptlets=sandbox runs them)",
				  r.packages == 1 ? "a package has" : "packages have", r.refused.p);
	hull_buf_fini(&r.refused);
	if (result < 0)
		hull_demands_fini(out);
	return result;
}

void hull_demands_fini(struct hull_demands *d)
{
	hull_arena_fini(&d->arena);
	*d = (struct hull_demands){0};
}

static bool is_declared(const struct hull_need *need, const struct hull_sysusers *users)
{
	for (size_t i = 0; i < users->n; i++) {
		const struct hull_sysuser *u = &users->v[i];
		/* a "u" line makes the group of that name, too, unless it gives another */
		bool right = u->type == 'u'
				     ? need->kind == HULL_NEED_USER || (!u->group && u->gid < 0)
				     : u->type == 'g' && need->kind == HULL_NEED_GROUP;

		if (right && !strcmp(u->name, need->what))
			return need->id < 0 || u->id < 0 || u->id == need->id;
	}
	return false;
}

static bool is_met(const struct hull_need *need, const struct hull_sysusers *users,
		   const struct hull_tree *t)
{
	if (need->kind == HULL_NEED_FILE)
		return hull_tree_find(t, need->what) != HULL_NO_NODE;
	return is_declared(need, users);
}

static int unmet(const struct hull_demands *d, const struct hull_demand *one, struct hull_err *e)
{
	struct hull_arena a = {0};
	const char *nevra = hull_package_nevra(&d->packages[one->package], &a);
	const char *what = one->need.what;
	int r;

	if (one->need.kind == HULL_NEED_FILE)
		r = hull_fail(e, HULL_FAILED,
			      "%s: %s is for %s, which is not in the image (--scriptlets=sandbox "
			      "runs it)",
			      nevra, one->scriptlet, what);
	else
		r = hull_fail(e, HULL_FAILED,
			      "%s: %s makes the %s '%s', which no sysusers.d file of the image "
			      "declares%s (--scriptlets=sandbox runs it)",
			      nevra, one->scriptlet,
			      one->need.kind == HULL_NEED_USER ? "user" : "group", what,
			      one->need.id >= 0 ? " with that number" : "");
	hull_arena_fini(&a);
	return r;
}

int hull_demands_check(const struct hull_demands *d, const struct hull_tree *t, struct hull_err *e)
{
	struct hull_sysusers users = {0};
	int r = d->n ? hull_sysusers_read(t, &users, e) : 0;

	for (size_t i = 0; i < d->n && r == 0; i++)
		if (!is_met(&d->v[i].need, &users, t))
			r = unmet(d, &d->v[i], e);
	hull_sysusers_fini(&users);
	return r;
}

bool hull_needs_met(const struct hull_need *v, size_t n, const struct hull_tree *t)
{
	struct hull_sysusers users = {0};
	bool met = true;

	if (n && hull_sysusers_read(t, &users, NULL) < 0)
		return false;
	for (size_t i = 0; i < n && met; i++)
		met = is_met(&v[i], &users, t);
	hull_sysusers_fini(&users);
	return met;
}
