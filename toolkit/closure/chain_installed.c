// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "closure/chain.h"

/* Links between the packages that are installed in an image: a part of chain.h. */

static hull_pkgid add_installed(struct hull_pool *pool, const struct hull_package *p)
{
	struct hull_package copy = *p;

	copy.sha256 = ""; /* built, not declared */
	return hull_pool_add(pool, &copy, 0);
}

static const struct hull_package *find_installed(const struct hull_locked *l,
						 const struct hull_package *packages, size_t n)
{
	struct hull_arena a = {0};
	const struct hull_package *found = NULL;

	for (size_t i = 0; i < n && !found; i++)
		if (!strcmp(packages[i].name, l->name) && !strcmp(packages[i].arch, l->arch) &&
		    !strcmp(hull_package_evr(&packages[i], &a), l->evr))
			found = &packages[i];
	hull_arena_fini(&a);
	return found;
}

int hull_links_installed(struct hull_links *k, const struct hull_lock *l,
			 const struct hull_package *packages, size_t n, struct hull_err *e)
{
	hull_autofree hull_pkgid *ids = hull_alloc((l->n + 1) * sizeof *ids);
	struct hull_pool *pool = hull_pool_new(l->arch);
	struct hull_pkgset set = {hull_alloc((l->n + 1) * sizeof *set.v), 0, l->n + 1};
	struct hull_deps wants;
	int r;

	*k = (struct hull_links){0};
	r = hull_links_wants(l, &k->arena, &wants, e);
	for (size_t i = 0; i < l->n && r == 0; i++) {
		const struct hull_package *p = find_installed(&l->v[i], packages, n);

		if (!p)
			r = hull_fail(e, HULL_FAILED,
				      "%s %s of the lock file is not in the rpm database",
				      l->v[i].name, l->v[i].evr);
		else
			ids[i] = set.v[set.n++] = add_installed(pool, p);
	}
	if (r == 0) {
		hull_links_take(k, l, pool, &set, ids, &wants);
		hull_links_finish(k, l);
	} else {
		hull_links_fini(k);
	}
	hull_pkgset_fini(&set);
	hull_pool_free(pool);
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

/* Where the links of each package begin: links are sorted by `by`. */
static size_t *first_links(const struct hull_links *k, size_t n)
{
	size_t *first = hull_alloc((n + 1) * sizeof *first), at = 0;

	for (size_t i = 0; i <= n; i++) {
		while (at < k->n && k->v[at].by < (int)i)
			at++;
		first[i] = at;
	}
	return first;
}

/* Packages in an order such that one of each circle of packages that nothing else requires comes
 * before all that is required from it: depth first, the last that was left comes first. */
static void order_by_need(const struct hull_links *k, const size_t *first, size_t n, int *out)
{
	hull_autofree size_t *next = hull_alloc((n + 1) * sizeof *next);
	hull_autofree int *stack = hull_alloc((n + 1) * sizeof *stack);
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
static void give_reasons(const struct hull_links *k, const size_t *first, struct hull_lock *l,
			 int *queue, size_t *at, size_t *n)
{
	for (; *at < *n; ++*at) {
		int by = queue[*at];

		for (size_t i = first[by]; i < first[by + 1]; i++) {
			struct hull_locked *to = &l->v[k->v[i].to];

			if (to->want || to->by)
				continue;
			to->by = l->v[by].name;
			to->dep = hull_arena_strdup(&l->arena, k->v[i].dep);
			queue[(*n)++] = k->v[i].to;
		}
	}
}

static void ask_for(struct hull_links *k, struct hull_lock *l, int package, int *queue, size_t *n)
{
	l->v[package].want = l->v[package].name;
	queue[(*n)++] = package;
	k->v[k->n++] = (struct hull_link){
		.by = HULL_LINK_WANT,
		.to = package,
		.group = -1 - package,
		.dep = l->v[package].name,
	};
}

static void derive_reasons(struct hull_links *k, struct hull_lock *l)
{
	hull_autofree size_t *first = first_links(k, l->n);
	hull_autofree int *order = hull_alloc((l->n + 1) * sizeof *order);
	hull_autofree int *queue = hull_alloc((l->n + 1) * sizeof *queue);
	hull_autofree bool *required = hull_alloc(l->n + 1);
	size_t at = 0, n = 0, links = k->n;

	for (size_t i = 0; i < links; i++)
		required[k->v[i].to] |= k->v[i].by != k->v[i].to;
	for (size_t i = 0; i < l->n; i++)
		if (!required[i])
			ask_for(k, l, (int)i, queue, &n);
	give_reasons(k, first, l, queue, &at, &n);
	order_by_need(k, first, l->n, order);
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[order[i]].want || l->v[order[i]].by)
			continue;
		ask_for(k, l, order[i], queue, &n);
		give_reasons(k, first, l, queue, &at, &n);
	}
}

void hull_links_derive(struct hull_links *k, struct hull_lock *out,
		       const struct hull_package *packages, size_t n)
{
	hull_autofree hull_pkgid *ids = hull_alloc((n + 1) * sizeof *ids);
	struct hull_pkgset set = {hull_alloc((n + 1) * sizeof *set.v), 0, n + 1};
	const struct hull_deps nothing = {0};
	struct hull_pool *pool;

	*k = (struct hull_links){0};
	*out = (struct hull_lock){.arch = "noarch", .n = n};
	out->v = hull_arena_alloc(&out->arena, (n + 1) * sizeof *out->v);
	for (size_t i = 0; i < n; i++) {
		describe_installed(out, &packages[i], &out->v[i]);
		if (strcmp(out->v[i].arch, "noarch") != 0)
			out->arch = out->v[i].arch;
	}
	pool = hull_pool_new(out->arch);
	for (size_t i = 0; i < n; i++)
		ids[i] = set.v[set.n++] = add_installed(pool, &packages[i]);
	hull_links_take(k, out, pool, &set, ids, &nothing);
	hull_links_sort(k);
	derive_reasons(k, out);
	hull_links_sort(k);
	hull_pkgset_fini(&set);
	hull_pool_free(pool);
}
