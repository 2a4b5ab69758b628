// SPDX-License-Identifier: MIT
#include "closure/presence.h"

#include <stdlib.h>
#include <string.h>

int hull_lock_requests(const struct hull_lock *l, struct hull_arena *a, struct hull_deps *out,
		       struct hull_err *e)
{
	*out = (struct hull_deps){hull_arena_array(a, l->n + 1, sizeof *out->v), 0};
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].want && hull_dep_parse(l->v[i].want, a, &out->v[out->n++], e) < 0)
			return hull_wrap(e, "lock file: ");
	return 0;
}

void hull_requirements_add_reasons(struct hull_requirements *r, const struct hull_lock *l,
				   const int *place, size_t nplaces)
{
	hull_autofree bool *known = hull_alloc(nplaces + 1);

	for (size_t i = 0; i < r->n; i++)
		known[r->v[i].to] = true;
	for (size_t i = 0; i < l->n; i++) {
		const struct hull_locked *p = &l->v[i];
		const struct hull_locked *by = p->by ? hull_lock_find(l, p->by) : NULL;

		if (by && place[i] >= 0 && place[by - l->v] >= 0 && !known[place[i]])
			hull_requirements_add(r, place[by - l->v], place[i], -1 - (int)i,
					      hull_arena_strdup(&r->arena, p->dep));
	}
	hull_requirements_sort(r);
}

/* The place of each package of a lock among the installed ones, or -1. */
static int *places(const struct hull_lock *l, const struct hull_package *packages, size_t n)
{
	int *place = hull_alloc_array(l->n + 1, sizeof *place);
	struct hull_arena a = {0};

	for (size_t i = 0; i < l->n; i++)
		place[i] = -1;
	for (size_t i = 0; i < n; i++) {
		const struct hull_package *p = &packages[i];
		const struct hull_locked *at = hull_lock_find(l, p->name);

		if (at && place[at - l->v] < 0 && !strcmp(at->arch, p->arch) &&
		    !strcmp(at->evr, hull_package_evr(p, &a)))
			place[at - l->v] = (int)i;
	}
	hull_arena_fini(&a);
	return place;
}

/* Keeps the first requirement of each pair of packages. */
static void reduce(struct hull_requirements *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (n == 0 || r->v[i].by != r->v[n - 1].by || r->v[i].to != r->v[n - 1].to)
			r->v[n++] = r->v[i];
	r->n = n;
}

void hull_requirements_pairs(struct hull_requirements *out, const struct hull_package *packages,
			     size_t n, const struct hull_lock *l)
{
	hull_autofree int *place = l ? places(l, packages, n) : NULL;
	const struct hull_deps nothing = {0};

	hull_requirements_installed(out, packages, n, &nothing);
	reduce(out);
	if (l)
		hull_requirements_add_reasons(out, l, place, n);
}

int hull_requirements_present(struct hull_requirements *out, const struct hull_lock *l,
			      const struct hull_package *packages, size_t n, struct hull_err *e)
{
	hull_autofree int *place = places(l, packages, n);
	hull_autofree struct hull_package *v = hull_alloc_array(l->n + 1, sizeof *v);
	struct hull_arena a = {0};
	struct hull_deps requests;
	int r = hull_lock_requests(l, &a, &requests, e);

	for (size_t i = 0; i < l->n && r == 0; i++) {
		if (place[i] < 0)
			r = hull_fail(e, HULL_FAILED,
				      "%s %s of the lock file is not in the rpm database",
				      l->v[i].name, l->v[i].evr);
		else
			v[i] = packages[place[i]];
		place[i] = (int)i;
	}
	if (r == 0) {
		hull_requirements_installed(out, v, l->n, &requests);
		hull_requirements_add_reasons(out, l, place, l->n);
	} else {
		*out = (struct hull_requirements){0};
	}
	hull_arena_fini(&a);
	return r;
}

static void describe_installed(struct hull_lock *l, const struct hull_package *p,
			       struct hull_locked *out)
{
	*out = (struct hull_locked){
		.name = hull_arena_strdup(&l->arena, p->name),
		.evr = hull_package_evr(p, &l->arena),
		.arch = hull_arena_strdup(&l->arena, p->arch),
		.source = hull_arena_strdup(&l->arena, p->source_rpm),
		.installed_bytes = p->installed_bytes,
	};
}

/* Where the requirements of each package begin. */
static size_t *first_of_each(const struct hull_requirements *k, size_t n)
{
	size_t *first = hull_alloc_array(n + 1, sizeof *first), at = 0;

	for (size_t i = 0; i <= n; i++) {
		while (at < k->n && k->v[at].by < (int)i)
			at++;
		first[i] = at;
	}
	return first;
}

/* Packages in an order such that one of each circle of packages that nothing else requires comes
 * before all that is required from it: depth first, the last that was left comes first. */
static void order_by_requirement(const struct hull_requirements *k, const size_t *first, size_t n,
				 int *out)
{
	hull_autofree size_t *next = hull_alloc_array(n + 1, sizeof *next);
	hull_autofree int *stack = hull_alloc_array(n + 1, sizeof *stack);
	hull_autofree bool *seen = hull_alloc(n + 1);
	size_t left = n;

	for (size_t i = 0; i < n; i++) {
		size_t depth = 0;

		if (seen[i])
			continue;
		seen[i] = true;
		next[i] = first[i];
		stack[depth++] = (int)i;
		while (depth) {
			int at = stack[depth - 1], to;

			if (next[at] == first[at + 1]) {
				out[--left] = at;
				depth--;
				continue;
			}
			to = k->v[next[at]++].to;
			if (seen[to])
				continue;
			seen[to] = true;
			next[to] = first[to];
			stack[depth++] = to;
		}
	}
}

/* Gives a reason to everything that `root` requires, the shortest. */
static void give_reasons(const struct hull_requirements *k, const size_t *first,
			 struct hull_lock *l, int *queue, size_t *at, size_t *n)
{
	for (; *at < *n; ++*at) {
		int by = queue[*at];

		for (size_t i = first[by]; i < first[by + 1]; i++) {
			struct hull_locked *to = &l->v[k->v[i].to];

			if (to->want || to->by)
				continue;
			to->by = l->v[by].name;
			to->dep = hull_arena_strdup(&l->arena, k->v[i].text);
			queue[(*n)++] = k->v[i].to;
		}
	}
}

static void ask_for(struct hull_requirements *k, struct hull_lock *l, int package, int *queue,
		    size_t *n)
{
	l->v[package].want = l->v[package].name;
	queue[(*n)++] = package;
	hull_requirements_add(k, HULL_REQUEST, package, -1 - package, l->v[package].name);
}

static void derive_reasons(struct hull_requirements *k, struct hull_lock *l)
{
	hull_autofree size_t *first = first_of_each(k, l->n);
	hull_autofree int *order = hull_alloc_array(l->n + 1, sizeof *order);
	hull_autofree int *queue = hull_alloc_array(l->n + 1, sizeof *queue);
	hull_autofree bool *required = hull_alloc(l->n + 1);
	size_t at = 0, n = 0, known = k->n;

	for (size_t i = 0; i < known; i++)
		required[k->v[i].to] = true;
	for (size_t i = 0; i < l->n; i++)
		if (!required[i])
			ask_for(k, l, (int)i, queue, &n);
	give_reasons(k, first, l, queue, &at, &n);
	order_by_requirement(k, first, l->n, order);
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[order[i]].want || l->v[order[i]].by)
			continue;
		ask_for(k, l, order[i], queue, &n);
		give_reasons(k, first, l, queue, &at, &n);
	}
}

void hull_requirements_derive(struct hull_requirements *out, struct hull_lock *out_lock,
			      const struct hull_package *packages, size_t n)
{
	struct hull_lock *l = out_lock;
	const struct hull_deps nothing = {0};

	*l = (struct hull_lock){.arch = "noarch", .n = n};
	l->v = hull_arena_array(&l->arena, n + 1, sizeof *l->v);
	for (size_t i = 0; i < n; i++) {
		describe_installed(l, &packages[i], &l->v[i]);
		if (strcmp(l->v[i].arch, "noarch") != 0)
			l->arch = l->v[i].arch;
	}
	hull_requirements_installed(out, packages, n, &nothing);
	derive_reasons(out, l);
	hull_requirements_sort(out);
}
