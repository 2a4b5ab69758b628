// SPDX-License-Identifier: MIT
#include "scriptrun/runplan.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "payload/demands.h"
#include "scriptlet/fate.h"
#include "scriptlet/fires.h"
#include "scriptlet/installorder.h"

enum { HIGH_PRIORITY = 10000 }; /* such file triggers come before %post */

struct planner {
	const struct hull_packages *packages;
	const struct hull_tree *tree;
	struct hull_run_plan *plan;
	struct hull_scriptlets *scriptlets; /* by package */
	size_t *order;
	struct hull_err *e;
};

/* Whether hull does all of it. */
static bool is_done(const struct planner *w, const struct hull_scriptlet *s)
{
	struct hull_needs needs;
	enum hull_effect effect = hull_scriptlet_fate(s, &w->plan->arena, &needs);

	return effect < HULL_EFFECT_RUNS && hull_needs_met(needs.v, needs.n, w->tree);
}

static int add(struct planner *w, size_t package, const struct hull_scriptlet *s,
	       const char *second, const char *input)
{
	struct hull_run_plan *plan = w->plan;
	const char *nevra = hull_package_nevra(&w->packages->v[package], &plan->arena);

	if (is_done(w, s))
		return 0;
	if (s->expanded)
		return hull_fail(w->e, HULL_FAILED,
				 "%s: %s has macros or tags in it that rpm would expand (-e, -q)",
				 nevra, s->name);
	plan->v = hull_grow(plan->v, &plan->cap, plan->n, sizeof *plan->v);
	plan->v[plan->n++] = (struct hull_run_step){
		.package = nevra,
		.scriptlet = s,
		.arguments = {"1", second},
		.input = input,
		.fatal = s->critical || s->kind == HULL_PRETRANS || s->kind == HULL_PRE ||
			 (s->kind == HULL_TRIGGER && s->when & HULL_TRIGGER_PREIN)};
	return 0;
}

static int add_kind(struct planner *w, size_t package, enum hull_scriptlet_kind kind)
{
	const struct hull_scriptlets *all = &w->scriptlets[package];

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].kind == kind && add(w, package, &all->v[i], NULL, NULL) < 0)
			return -1;
	return 0;
}

static int add_kind_of_all(struct planner *w, enum hull_scriptlet_kind kind)
{
	for (size_t i = 0; i < w->packages->n; i++)
		if (add_kind(w, w->order[i], kind) < 0)
			return -1;
	return 0;
}

/* Triggers by the i-th package: of those that are there, and its own by those. */
static int add_triggers(struct planner *w, size_t i, unsigned int when)
{
	for (size_t k = 0; k <= i; k++) {
		const struct hull_scriptlets *all = &w->scriptlets[w->order[k]];

		for (size_t n = 0; n < all->n; n++) {
			const struct hull_scriptlet *s = &all->v[n];

			if (s->kind == HULL_TRIGGER && s->when & when &&
			    hull_trigger_fires_for(s, &w->packages->v[w->order[i]]) &&
			    add(w, w->order[k], s, "1", NULL) < 0)
				return -1;
		}
	}
	for (size_t n = 0; n < w->scriptlets[w->order[i]].n; n++) {
		const struct hull_scriptlet *s = &w->scriptlets[w->order[i]].v[n];
		bool fires = false;

		for (size_t k = 0; k < i && !fires; k++)
			fires = s->kind == HULL_TRIGGER && s->when & when &&
				hull_trigger_fires_for(s, &w->packages->v[w->order[k]]);
		if (fires && add(w, w->order[i], s, "1", NULL) < 0)
			return -1;
	}
	return 0;
}

/* The files of the packages order[from..to) that set a trigger off, a line each; NULL if none does. */
static const char *files_for(const struct planner *w, const struct hull_scriptlet *s, size_t from,
			     size_t to)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = from; i < to; i++) {
		const struct hull_package *p = &w->packages->v[w->order[i]];

		for (size_t k = 0; k < p->nfiles; k++)
			if (hull_trigger_fires_by(s, &p->files[k]))
				hull_buf_addf(&text, "%s\n", p->files[k].path);
	}
	return text.n ? hull_arena_strndup(&w->plan->arena, text.p, text.n) : NULL;
}

struct file_trigger {
	size_t package, place; /* place: in the order */
	const struct hull_scriptlet *scriptlet;
};

static int by_priority(const void *a, const void *b)
{
	const struct file_trigger *x = a, *y = b;

	if (x->scriptlet->priority != y->scriptlet->priority)
		return x->scriptlet->priority > y->scriptlet->priority ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->scriptlet < y->scriptlet ? -1 : x->scriptlet > y->scriptlet;
}

/* Of the first n packages of the order, those of installation, the higher priorities first. */
static struct file_trigger *file_triggers(const struct planner *w, enum hull_scriptlet_kind kind,
					  size_t n, size_t *out_n)
{
	struct file_trigger *v = NULL;
	size_t cap = 0, found = 0;

	for (size_t i = 0; i < n; i++) {
		const struct hull_scriptlets *all = &w->scriptlets[w->order[i]];

		for (size_t k = 0; k < all->n; k++) {
			if (all->v[k].kind != kind || !(all->v[k].when & HULL_TRIGGER_IN))
				continue;
			v = hull_grow(v, &cap, found, sizeof *v);
			v[found++] = (struct file_trigger){w->order[i], i, &all->v[k]};
		}
	}
	if (found)
		qsort(v, found, sizeof *v, by_priority);
	*out_n = found;
	return v;
}

/* File triggers by the i-th package: of those that are there by its files, and its own by all before. */
static int add_file_triggers(struct planner *w, size_t i, bool high)
{
	size_t n;
	hull_autofree struct file_trigger *v = file_triggers(w, HULL_FILETRIGGER, i + 1, &n);

	for (size_t k = 0; k < n; k++) {
		const struct hull_scriptlet *s = v[k].scriptlet;
		const char *files;

		if ((s->priority >= HIGH_PRIORITY) != high)
			continue;
		files = files_for(w, s, v[k].place == i ? 0 : i, i + 1);
		if (files && add(w, v[k].package, s, "1", files) < 0)
			return -1;
	}
	return 0;
}

static int add_transaction_triggers(struct planner *w)
{
	size_t n;
	hull_autofree struct file_trigger *v =
		file_triggers(w, HULL_TRANSFILETRIGGER, w->packages->n, &n);

	for (size_t k = 0; k < n; k++) {
		const char *files = files_for(w, v[k].scriptlet, 0, w->packages->n);

		if (files && add(w, v[k].package, v[k].scriptlet, "0", files) < 0)
			return -1;
	}
	return 0;
}

static int add_package(struct planner *w, size_t i)
{
	if (add_triggers(w, i, HULL_TRIGGER_PREIN) < 0 || add_kind(w, w->order[i], HULL_PRE) < 0 ||
	    add_file_triggers(w, i, true) < 0 || add_kind(w, w->order[i], HULL_POST) < 0 ||
	    add_triggers(w, i, HULL_TRIGGER_IN) < 0 || add_file_triggers(w, i, false) < 0)
		return -1;
	return 0;
}

static int plan_all(struct planner *w)
{
	if (add_kind_of_all(w, HULL_PRETRANS) < 0)
		return -1;
	for (size_t i = 0; i < w->packages->n; i++)
		if (add_package(w, i) < 0)
			return -1;
	if (add_kind_of_all(w, HULL_POSTTRANS) < 0)
		return -1;
	return add_transaction_triggers(w);
}

int hull_run_plan(const struct hull_packages *p, const struct hull_tree *t,
		  struct hull_run_plan *out, struct hull_err *e)
{
	struct planner w = {.packages = p, .tree = t, .plan = out, .e = e};
	bool any = false;
	int r = 0;

	*out = (struct hull_run_plan){0};
	w.scriptlets = hull_arena_array(&out->arena, p->n + 1, sizeof *w.scriptlets);
	w.order = hull_arena_array(&out->arena, p->n + 1, sizeof *w.order);
	for (size_t i = 0; i < p->n && r == 0; i++) {
		if (!p->v[i].scriptlets)
			continue;
		any = true;
		r = hull_scriptlets_read(p->store, p->v[i].sha256, &out->arena, &w.scriptlets[i],
					 e);
	}
	if (r == 0 && any)
		r = hull_install_order(p->store, p->v, p->n, w.order, e);
	if (r == 0 && any)
		r = plan_all(&w);
	if (r < 0)
		hull_run_plan_fini(out);
	return r;
}

void hull_run_plan_fini(struct hull_run_plan *p)
{
	free(p->v);
	hull_arena_fini(&p->arena);
	*p = (struct hull_run_plan){0};
}
