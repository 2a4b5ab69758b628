// SPDX-License-Identifier: MIT
#include <solv/evr.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/pool.h"
#include "solve/world.h"

enum {
	MAX_TOLD = 50,	/* packages of which the reason is looked for: each takes a solve */
	MAX_OTHERS = 5, /* packages named that a set with the newest version has beside it */
};

/* Versions are compared among packages that could be installed. */
static bool fits(struct hull_pool *p, const struct hull_closure_request *r, hull_pkgid id)
{
	const char *arch = pool_id2str(p->names, p->v[id].arch);

	return p->v[id].live && !(r->without && hull_pkgset_has(r->without, id)) &&
	       (!strcmp(arch, "noarch") || !strcmp(arch, p->arch));
}

/* The newest version of the name of a package; itself, if that is it. */
static hull_pkgid newest_of(struct hull_pool *p, const struct hull_closure_request *r,
			    hull_pkgid id)
{
	const struct hull_pkgset *with = hull_pool_index(p, p->v[id].name);
	hull_pkgid best = id;

	for (size_t i = 0; i < with->n; i++) {
		hull_pkgid other = with->v[i];

		if (p->v[other].name == p->v[id].name && fits(p, r, other) &&
		    pool_evrcmp(p->names, p->v[other].evr, p->v[best].evr, EVRCMP_COMPARE) > 0)
			best = other;
	}
	return best;
}

/* Whether a want rules the version out in so many words. */
static bool unwanted(struct hull_pool *p, const struct hull_closure_request *r, hull_pkgid newest)
{
	const struct hull_member *m = &p->v[newest];
	Id own = pool_rel2id(p->names, m->name, m->evr, REL_EQ, 1);

	for (size_t i = 0; i < r->wants->n; i++) {
		Id dep = hull_dep_id(p->names, &r->wants->v[i]);

		if (hull_dep_is_name(p->names, dep) && hull_dep_name(p->names, dep) == m->name &&
		    !pool_match_dep(p->names, own, dep))
			return true;
	}
	return false;
}

static void tell_others(struct hull_pool *p, const struct hull_pkgset *set,
			const struct hull_pkgset *with, hull_pkgid newest, struct hull_buf *out)
{
	size_t n = 0;

	hull_buf_adds(out, "it takes other packages for the rest of the set");
	for (size_t i = 0; i < with->n; i++) {
		if (with->v[i] == newest || hull_pkgset_has(set, with->v[i]))
			continue;
		if (n < MAX_OTHERS)
			hull_buf_showf(out, "%s%s", n ? ", " : ": ",
				       hull_pool_nevra(p, with->v[i]));
		n++;
	}
	if (n > MAX_OTHERS)
		hull_buf_showf(out, " and %zu more", n - MAX_OTHERS);
}

/* Without the words that tell of the want that was added to ask, in one line. */
static void add_reason(const char *msg, const char *asked, struct hull_buf *out)
{
	const char *at;

	while ((at = strstr(msg, asked)) != NULL) {
		hull_buf_add(out, msg, (size_t)(at - msg));
		msg = at + strlen(asked);
	}
	hull_buf_adds(out, msg);
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] == '\n')
			out->p[i] = ';';
}

static const char *reason_of(struct hull_pool *p, const struct hull_closure_request *r,
			     const struct hull_pkgset *set, hull_pkgid newest, struct hull_arena *a)
{
	const char *name = pool_id2str(p->names, p->v[newest].name),
		   *evr = pool_id2str(p->names, p->v[newest].evr);
	hull_autofree struct hull_dep *v = hull_alloc_array(r->wants->n + 1, sizeof *v);
	hull_autofree char *asked =
		hull_asprintf("; %s is wanted (%s = %s)", hull_pool_nevra(p, newest), name, evr);
	struct hull_deps wants = {v, r->wants->n + 1};
	struct hull_closure_request with = *r;
	hull_autobuf struct hull_buf text = {0};
	struct hull_pkgset other = {0};
	struct hull_err e;

	for (size_t i = 0; i < r->wants->n; i++)
		v[i] = r->wants->v[i];
	v[r->wants->n] = (struct hull_dep){.name = name, .evr = evr, .flags = HULL_DEP_EQUAL};
	with.wants = &wants;
	with.named = true;
	if (hull_pool_closure(p, &with, &other, NULL, &e) < 0)
		add_reason(e.msg, asked, &text);
	else
		tell_others(p, set, &other, newest, &text);
	hull_pkgset_fini(&other);
	return hull_arena_strdup(a, text.p);
}

size_t hull_pool_passed_over(struct hull_pool *p, const struct hull_closure_request *r,
			     const struct hull_pkgset *set, struct hull_arena *a,
			     struct hull_passed_over **out)
{
	size_t n = 0;

	*out = hull_alloc_array(set->n + 1, sizeof **out);
	for (size_t i = 0; i < set->n; i++) {
		hull_pkgid newest = newest_of(p, r, set->v[i]);

		if (newest == set->v[i] || unwanted(p, r, newest))
			continue;
		(*out)[n] = (struct hull_passed_over){set->v[i], newest,
						      n < MAX_TOLD ? reason_of(p, r, set, newest, a)
								   : "not looked for"};
		n++;
	}
	return n;
}
