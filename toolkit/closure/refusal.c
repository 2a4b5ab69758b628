// SPDX-License-Identifier: MIT
#include "closure/refusal.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NEAR = 3, MAX_UNKNOWN = 20, MAX_RELIEFS = 6, MAX_CHAINS = 5, MAX_STEPS = 50 };

/* So many forbidden packages are tried to find those that are needed: each is a solution. */
enum { MAX_TRIED = 16 };

int hull_refuse_unknown(struct hull_pool *pool, const struct hull_deps *wants,
			const struct hull_image_config *config, struct hull_err *e)
{
	hull_autobuf struct hull_buf out = {0};
	size_t n = 0;

	for (size_t i = 0; i < wants->n; i++) {
		const char *name = wants->v[i].name;
		hull_autostrv struct hull_strv near = {0};

		if (*name == '(' || hull_pool_has(pool, name) || n++ >= MAX_UNKNOWN)
			continue;
		hull_pool_similar(pool, name, MAX_NEAR, &near);
		hull_buf_showf(&out, "\n%s: no package is named or provides '%s'",
			       config->wants[i].origin, name);
		for (size_t k = 0; k < near.n; k++)
			hull_buf_showf(&out, "%s%s", k ? ", " : "; did you mean ", near.v[k]);
		hull_buf_adds(&out, near.n ? "?" : "");
	}
	if (n > MAX_UNKNOWN)
		hull_buf_addf(&out, "\nand %zu more that no package is named or provides",
			      n - MAX_UNKNOWN);
	return n ? hull_fail(e, HULL_FAILED, "%s: no package set:%-s", config->path, out.p) : 0;
}

/* --- forbidden packages --- */

static const char *pattern_of(struct hull_pool *pool, hull_pkgid id,
			      const struct hull_strv *patterns, struct hull_arena *a)
{
	struct hull_pool_package p;

	hull_pool_describe(pool, id, a, &p);
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->v[i], p.name, 0) == 0)
			return patterns->v[i];
	return "";
}

static const struct hull_reason *reason_of(const struct hull_pkgset *set,
					   const struct hull_reason *reasons, hull_pkgid id)
{
	size_t i = 0;

	while (i + 1 < set->n && set->v[i] != id)
		i++;
	return &reasons[i];
}

/* The chain from a want down to `id`, or its end if it has more steps than that. */
static void tell_chain(struct hull_pool *pool, const struct hull_pkgset *set,
		       const struct hull_reason *reasons, hull_pkgid id,
		       const struct hull_image_config *config, size_t most, struct hull_buf *out)
{
	const struct hull_reason *chain[MAX_STEPS], *r = reason_of(set, reasons, id);
	size_t n = 0;

	for (; r->kind != HULL_REASON_WANT && r->by && n < most; r = reason_of(set, reasons, r->by))
		chain[n++] = r;
	if (r->kind == HULL_REASON_WANT)
		hull_buf_showf(out, "\n  %s is asked for in %s", config->wants[r->want].package,
			       config->wants[r->want].origin);
	else
		hull_buf_adds(out, "\n  ...");
	while (n-- > 0)
		hull_buf_showf(out, "\n  %s requires %s", hull_pool_nevra(pool, chain[n]->by),
			       chain[n]->dep);
}

/* Whether there is no set without the packages of this one's name. */
static bool is_needed(struct hull_pool *pool, const struct hull_closure_request *q, hull_pkgid id,
		      struct hull_arena *a)
{
	struct hull_pkgset without = {0}, ignored = {0};
	struct hull_closure_request one = *q;
	hull_autostrv struct hull_strv name = {0};
	struct hull_pool_package p;
	struct hull_err e;
	bool needed;

	hull_pool_describe(pool, id, a, &p);
	hull_strv_add(&name, p.name);
	hull_pool_match(pool, &name, &without); /* in every version */
	one.without = &without;
	needed = hull_pool_closure(pool, &one, &ignored, NULL, &e) < 0;
	hull_pkgset_fini(&ignored);
	hull_pkgset_fini(&without);
	return needed;
}

/* The forbidden packages of a set that it needs, as far as they are told; if none of those that are
 * tried is needed by itself, all of them. *out_more: how many others of the set may be needed. */
static void find_culprits(struct hull_pool *pool, const struct hull_closure_request *q,
			  const struct hull_pkgset *set, struct hull_arena *a,
			  struct hull_pkgset *out, size_t *out_more)
{
	struct hull_pkgset all = {0};
	size_t tried = 0;

	for (size_t i = 0; i < set->n; i++)
		if (hull_pkgset_has(q->without, set->v[i]))
			hull_pkgset_push(&all, set->v[i]);
	for (; tried < all.n && tried < MAX_TRIED && out->n < MAX_CHAINS; tried++)
		if (is_needed(pool, q, all.v[tried], a))
			hull_pkgset_push(out, all.v[tried]);
	if (!out->n)
		for (tried = 0; tried < all.n && tried < MAX_CHAINS; tried++)
			hull_pkgset_push(out, all.v[tried]);
	*out_more = all.n - tried;
	hull_pkgset_fini(&all);
}

/* False if there would be no set with the forbidden packages either. */
static bool forbidden_packages(struct hull_pool *pool, const struct hull_closure_request *q,
			       const struct hull_image_config *config, struct hull_buf *out)
{
	struct hull_closure_request free_q = *q;
	struct hull_arena arena = {0};
	struct hull_pkgset set = {0}, culprits = {0};
	struct hull_reason *reasons;
	struct hull_err e;
	size_t more;

	free_q.without = NULL;
	if (!q->without || !q->without->n || hull_pool_closure(pool, &free_q, &set, NULL, &e) < 0)
		return false;
	reasons = hull_alloc_array(set.n + 1, sizeof *reasons);
	hull_pool_reasons(pool, &free_q, &set, &arena, reasons);
	find_culprits(pool, q, &set, &arena, &culprits, &more);
	for (size_t i = 0; i < culprits.n; i++) {
		hull_buf_showf(out, "%-s%s is forbidden (ForbiddenPackages: %s) but needed:",
			       i ? "\n" : "", hull_pool_nevra(pool, culprits.v[i]),
			       pattern_of(pool, culprits.v[i], &config->forbidden, &arena));
		/* all of them have to go into one message */
		tell_chain(pool, &set, reasons, culprits.v[i], config, MAX_STEPS / culprits.n, out);
	}
	if (more)
		hull_buf_addf(out, "\nand %zu more forbidden packages would come with them", more);
	free(reasons);
	hull_pkgset_fini(&set);
	hull_pkgset_fini(&culprits);
	hull_arena_fini(&arena);
	return true;
}

/* --- conflicts --- */

static void tell_reliefs(const struct hull_relief *v, size_t n, int problem,
			 const struct hull_image_config *config, struct hull_buf *out)
{
	size_t told = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].problem != problem || told == MAX_RELIEFS)
			continue;
		hull_buf_showf(out, "%-s%s (%s)", told ? " or " : "\n  to solve it, leave out ",
			       config->wants[v[i].want].package, config->wants[v[i].want].origin);
		told++;
	}
}

static void conflict(struct hull_pool *pool, const struct hull_closure_request *q,
		     const struct hull_image_config *config, struct hull_buf *out)
{
	struct hull_closure_request free_q = *q;
	hull_autofree struct hull_relief *reliefs = NULL;
	hull_autofree char *problems = NULL;
	struct hull_pkgset set = {0};
	struct hull_err e;
	size_t n;
	int problem = 0;

	free_q.without =
		NULL; /* it fails with the forbidden packages too: then they say too much */
	hull_assert(hull_pool_closure(pool, &free_q, &set, NULL, &e) < 0);
	n = hull_pool_reliefs(pool, &free_q, &reliefs);
	problems = hull_strdup(e.msg);
	for (char *line = problems, *next; line; line = next, problem++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		hull_buf_showf(out, "%-s%s", problem ? "\n" : "", line);
		tell_reliefs(reliefs, n, problem, config, out);
	}
	hull_pkgset_fini(&set);
}

void hull_refusal(struct hull_pool *pool, const struct hull_closure_request *q,
		  const struct hull_image_config *config, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (!forbidden_packages(pool, q, config, &text))
		conflict(pool, q, config, &text);
	hull_fail(e, HULL_FAILED, "%s: no package set:\n%-s", config->path, text.p);
}

int hull_refuse_debuginfo(struct hull_pool *pool, const struct hull_pkgset *set, struct hull_err *e)
{
	struct hull_arena a = {0};
	struct hull_pool_package p = {0};
	int r = 0;

	for (size_t i = 0; i < set->n && r == 0; i++) {
		hull_pool_describe(pool, set->v[i], &a, &p);
		if (hull_ends(p.name, "-debuginfo") || hull_ends(p.name, "-debugsource"))
			r = hull_fail(e, HULL_FAILED,
				      "package %s is debug information, which no image gets",
				      p.name);
	}
	hull_arena_fini(&a);
	return r;
}
