// SPDX-License-Identifier: MIT
#include "audit/oval.h"

#include <stdlib.h>
#include <string.h>

#include "audit/ovalfile.h"
#include "audit/upstream.h"
#include "rpm/version.h"

enum { MAX_EXTENDS = 16, MAX_STEPS = 10000000 };

/* NEUTRAL: a test of what an image file does not tell, which does not count. */
enum truth { FALSE, UNDECIDED, TRUE, NEUTRAL };

/* A component that a test of the definition looked at. */
struct seen {
	const struct hull_component *component;
	enum truth truth;
	const char *fixed; /* or NULL */
};

struct work {
	const struct hull_oval *o;
	const struct hull_inventory *v;
	const char *name;
	bool foreign; /* the definition is for another distribution */
	struct hull_arena arena;
	struct seen *seen;
	size_t nseen, cap_seen;
	size_t steps; /* through criteria: definitions that extend others may be endless */
};

/* --- one package against one state --- */

/* Alternatives such as "aarch64|x86_64", which is what these files use; other patterns are not
 * understood. */
static enum truth match_pattern(const char *pattern, const char *text)
{
	size_t n = strlen(pattern);

	if (n && *pattern == '^')
		pattern++, n--;
	if (n && pattern[n - 1] == '$')
		n--;
	if (n > 1 && *pattern == '(' && pattern[n - 1] == ')')
		pattern++, n -= 2;
	if (strcspn(pattern, "\\[](){}*+?^$") < n)
		return NEUTRAL;
	for (const char *end = pattern + n;; pattern++) {
		const char *bar = memchr(pattern, '|', (size_t)(end - pattern));
		size_t length = (size_t)((bar ? bar : end) - pattern);

		if (strlen(text) == length && !strncmp(pattern, text, length))
			return TRUE;
		if (!bar)
			return FALSE;
		pattern = bar;
	}
}

static enum truth compare(const struct hull_oval_field *f, const char *have, int order)
{
	const char *op = f->operation;
	bool yes = !strcmp(op, "equals")		  ? order == 0
		   : !strcmp(op, "not equal")		  ? order != 0
		   : !strcmp(op, "less than")		  ? order < 0
		   : !strcmp(op, "less than or equal")	  ? order <= 0
		   : !strcmp(op, "greater than")	  ? order > 0
		   : !strcmp(op, "greater than or equal") ? order >= 0
							  : false;

	if (!strcmp(op, "pattern match"))
		return match_pattern(f->text, have);
	return yes ? TRUE : FALSE;
}

/* Another distribution's EVR: upstream versions are compared; the same one may be patched. */
static enum truth compare_upstream(struct work *w, const struct hull_oval_field *f,
				   const char *version)
{
	bool first;
	const char *other = hull_upstream_version(f->text, &w->arena, &first);
	int order = hull_version_compare(version, other);

	if (order == 0 && !strcmp(f->operation, "less than"))
		return first ? FALSE : UNDECIDED;
	return compare(f, version, order);
}

static enum truth both(enum truth a, enum truth b)
{
	if (a == NEUTRAL || b == NEUTRAL)
		return a == NEUTRAL ? b : a;
	return a < b ? a : b;
}

static enum truth either(enum truth a, enum truth b)
{
	if (a == NEUTRAL || b == NEUTRAL)
		return a == NEUTRAL ? b : a;
	return a > b ? a : b;
}

static enum truth check_state(struct work *w, const struct hull_oval_item *s,
			      const struct hull_component *c)
{
	const struct hull_package *p = &w->v->system->packages[c->package];
	enum truth r = NEUTRAL;

	if (s->evr.text && w->foreign)
		r = both(r, compare_upstream(w, &s->evr, c->version));
	else if (s->evr.text)
		r = both(r,
			 compare(&s->evr, c->version, hull_evr_compare(c->version, s->evr.text)));
	if (s->version.text)
		r = both(r, compare(&s->version, p->version,
				    hull_version_compare(p->version, s->version.text)));
	if (s->release.text && !w->foreign)
		r = both(r, compare(&s->release, p->release,
				    hull_version_compare(p->release, s->release.text)));
	if (s->arch.text && !w->foreign)
		r = both(r, compare(&s->arch, p->arch, strcmp(p->arch, s->arch.text)));
	if (s->name.text)
		r = both(r, compare(&s->name, p->name, strcmp(p->name, s->name.text)));
	return r;
}

/* --- tests --- */

static int check_component(struct work *w, const struct hull_oval_item *test,
			   const struct hull_component *c, enum truth *out, struct hull_err *e)
{
	const char *fixed = NULL;
	enum truth r = NEUTRAL;

	for (size_t i = 0; i < test->states.n; i++) {
		const struct hull_oval_item *s =
			hull_oval_item(w->o, test->states.v[i], HULL_OVAL_RPM_STATE);

		if (!s)
			return hull_fail(e, HULL_FAILED,
					 "%s: test %s refers to %s, which is not there", w->name,
					 test->id, test->states.v[i]);
		r = both(r, check_state(w, s, c));
		if (s->evr.text && !strcmp(s->evr.operation, "less than"))
			fixed = s->evr.text;
	}
	*out = test->states.n ? r : TRUE;
	if (!test->states.n || r == NEUTRAL)
		return 0;
	w->seen = hull_grow(w->seen, &w->cap_seen, w->nseen, sizeof *w->seen);
	w->seen[w->nseen++] = (struct seen){c, r, fixed};
	return 0;
}

static int run_test(struct work *w, const char *id, enum truth *out, struct hull_err *e)
{
	const struct hull_oval_item *test = hull_oval_item(w->o, id, HULL_OVAL_RPM_TEST), *object;
	const struct hull_component *c;
	bool none, all;
	size_t n;

	*out = NEUTRAL; /* a test of another kind */
	if (!test)
		return 0;
	object = test->object ? hull_oval_item(w->o, test->object, HULL_OVAL_RPM_OBJECT) : NULL;
	if (!object)
		return hull_fail(e, HULL_FAILED, "%s: test %s refers to %s, which is not there",
				 w->name, id, test->object ? test->object : "no object");
	if (!object->name.text || strcmp(object->name.operation, "equals") != 0)
		return 0;
	none = test->existence && !strcmp(test->existence, "none_exist");
	all = test->check && !strcmp(test->check, "all");
	c = hull_inventory_find(w->v, w->foreign ? HULL_COMPONENT_UPSTREAM : HULL_COMPONENT_RPM,
				object->name.text, &n);
	if (none || !n) {
		*out = none == !n ? TRUE : FALSE;
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		enum truth one = NEUTRAL;

		if (check_component(w, test, &c[i], &one, e) < 0)
			return -1;
		*out = all ? both(*out, one) : either(*out, one);
	}
	return 0;
}

/* --- criteria --- */

static int evaluate(struct work *w, size_t at, int extends, enum truth *out, struct hull_err *e);

static int extend(struct work *w, const char *id, int extends, enum truth *out, struct hull_err *e)
{
	*out = NEUTRAL;
	if (extends == MAX_EXTENDS)
		return hull_fail(e, HULL_FAILED, "%s: definition %s extends itself", w->name, id);
	for (size_t i = 0; i < w->o->ndefinitions; i++) {
		const struct hull_oval_definition *d = &w->o->definitions[i];

		if (!strcmp(d->id, id) && d->first < d->end)
			return evaluate(w, d->first, extends + 1, out, e);
	}
	return 0;
}

static int evaluate(struct work *w, size_t at, int extends, enum truth *out, struct hull_err *e)
{
	const struct hull_oval_node *n = &w->o->nodes[at];
	enum truth r = NEUTRAL;

	if (++w->steps > MAX_STEPS)
		return hull_fail(e, HULL_FAILED, "%s: its criteria never end", w->name);
	if (n->kind == HULL_OVAL_TEST && run_test(w, n->ref, &r, e) < 0)
		return -1;
	if (n->kind == HULL_OVAL_EXTEND && extend(w, n->ref, extends, &r, e) < 0)
		return -1;
	for (size_t i = at + 1; n->kind == HULL_OVAL_GROUP && i < n->end; i = w->o->nodes[i].end) {
		enum truth one = NEUTRAL;

		if (evaluate(w, i, extends, &one, e) < 0)
			return -1;
		r = n->is_or ? either(r, one) : both(r, one);
	}
	if (n->negate && r != NEUTRAL)
		r = r == TRUE ? FALSE : r == FALSE ? TRUE : UNDECIDED;
	*out = r;
	return 0;
}

/* "Azure Linux 3.0" for "azurelinux": without blanks and in small letters one starts with the other
 */
static bool is_own(const struct hull_inventory *v, const char *platform)
{
	const char *own = v->distribution;

	if (!own || !platform)
		return false;
	for (; *own; platform++) {
		if (*platform == ' ' && *own != ' ')
			continue;
		if ((*own | 32) != (*platform | 32))
			return false;
		own++;
	}
	return true;
}

static void add_hits(struct work *w, const struct hull_oval_definition *d, enum truth r,
		     struct hull_hits *out)
{
	struct hull_hit hit = {.exact = !w->foreign,
			       .severity = HULL_MEDIUM,
			       .title = d->title,
			       .source = hull_arena_printf(&w->arena, "%s in %s", d->id, w->name)};

	if (d->severity)
		hull_rating_parse(d->severity, &hit.severity);
	for (size_t i = 0; i < w->nseen; i++) {
		enum truth both_say = both(r, w->seen[i].truth);

		hit.component = w->seen[i].component;
		hit.fixed = w->seen[i].fixed;
		hit.verdict = both_say == TRUE	      ? HULL_AFFECTED
			      : both_say == UNDECIDED ? HULL_UNDECIDED
						      : HULL_UNAFFECTED;
		for (size_t k = 0; k < d->cves.n; k++) {
			hit.id = d->cves.v[k];
			hull_hits_add(out, &hit);
		}
		hit.id = d->id;
		if (!d->cves.n)
			hull_hits_add(out, &hit);
	}
}

int hull_oval_read(const char *text, size_t n, const char *name, const struct hull_inventory *v,
		   struct hull_hits *out, struct hull_err *e)
{
	struct work w = {.v = v, .name = name};
	struct hull_oval oval;
	int rc = 0;

	if (hull_oval_parse(text, n, name, &oval, e) < 0)
		return -1;
	w.o = &oval;
	for (size_t i = 0; rc == 0 && i < oval.ndefinitions; i++) {
		const struct hull_oval_definition *d = &oval.definitions[i];
		enum truth r = NEUTRAL;

		if (!d->counts || d->first == d->end)
			continue;
		out->records++;
		w.nseen = 0;
		w.foreign = !is_own(v, d->platform);
		rc = evaluate(&w, d->first, 0, &r, e);
		if (rc == 0)
			add_hits(&w, d, r, out);
	}
	free(w.seen);
	hull_arena_fini(&w.arena);
	hull_oval_fini(&oval);
	return rc;
}
