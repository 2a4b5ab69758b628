// SPDX-License-Identifier: MIT
#include "closure/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "closure/offer.h"
#include "closure/presence.h"
#include "repo/index.h"
#include "repo/read.h"
#include "store/sealed.h"

enum {
	MAX_PARTIAL = 200000,  /* beginnings of chains to look at */
	MAX_STEPS = 100000000, /* and steps of them */
};

void hull_chain_fini(struct hull_chain *c)
{
	free(c->v);
	*c = (struct hull_chain){0};
}

static void reverse(size_t *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		size_t first = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = first;
	}
}

int hull_chain_find(const struct hull_lock *l, size_t package, struct hull_chain *out,
		    struct hull_err *e)
{
	const struct hull_locked *p = &l->v[package];
	const char *name = p->name;

	*out = (struct hull_chain){hull_alloc_array(l->n + 1, sizeof *out->v), 0};
	while (p && out->n <= l->n) {
		out->v[out->n++] = (size_t)(p - l->v);
		if (p->want) {
			reverse(out->v, out->n);
			return 0;
		}
		if (out->n == l->n)
			break;
		p = hull_lock_find(l, p->by);
	}
	hull_chain_fini(out);
	return hull_fail(e, HULL_FAILED, "the reasons of %s lead to nothing that is asked for",
			 name);
}

int hull_chain_package(const struct hull_lock *l, const char *name, size_t *out, struct hull_err *e)
{
	const struct hull_locked *found = hull_lock_find(l, name), *near = NULL;
	size_t best = strlen(name) / 3 + 2;

	for (size_t i = 0; i < l->n && !found; i++) {
		hull_autofree char *nevra = hull_locked_nevra(&l->v[i]);
		size_t d = hull_edit_distance(l->v[i].name, name);

		if (!strcmp(nevra, name))
			found = &l->v[i];
		if (d < best) {
			best = d;
			near = &l->v[i];
		}
	}
	if (!found && hull_lock_provider_of(l, name))
		found = hull_lock_find(l, hull_lock_provider_of(l, name)->package);
	if (!found)
		return hull_fail(e, HULL_FAILED, "'%s' is not in the image%s%s%s", name,
				 near ? "; did you mean '" : "", near ? near->name : "",
				 near ? "'?" : "");
	*out = (size_t)(found - l->v);
	return 0;
}

/* --- requirements --- */

/* The indexes of a lock's repositories, as they were or as they are. */
static int load_indexes(struct hull_offer *o, const struct hull_store *s, const struct hull_lock *l,
			struct hull_err *e)
{
	*o = (struct hull_offer){
		.digests = hull_alloc_array(l->nrepositories + 1, sizeof *o->digests)};
	for (size_t i = 0; i < l->nrepositories; i++) {
		const struct hull_lock_repository *r = &l->repositories[i];
		struct hull_repository at = {.name = r->name, .url = r->url};

		int have = hull_sealed_have(s, HULL_STORE_INDEX, r->digest, e);

		if (have < 0)
			return -1;
		if (have)
			memcpy(o->digests[i], r->digest, HULL_HEX);
		else if (hull_repo_index(s, &at, true, NULL, o->digests[i], e) < 0)
			return -1;
	}
	return hull_offer_load(o, s, l->nrepositories, l->arch, false, e);
}

/* The packages of a lock, in its order. */
static int find_members(struct hull_pool *pool, const struct hull_lock *l, struct hull_pkgset *out,
			struct hull_err *e)
{
	struct hull_arena a = {0};
	int r = 0;

	out->v = hull_alloc_array(l->n + 1, sizeof *out->v);
	out->cap = l->n + 1;
	for (size_t i = 0; i < l->n && r == 0; i++) {
		const struct hull_locked *p = &l->v[i];
		hull_pkgid id = hull_pool_find(pool, p->name, p->evr, p->arch);
		struct hull_pool_package found = {0};

		if (id)
			hull_pool_describe(pool, id, &a, &found);
		if (!id || !hull_locked_is(p, found.checksum))
			r = hull_fail(e, HULL_FAILED,
				      "%s of the lock file is in no repository any more: run "
				      "'hull resolve --update'",
				      p->name);
		out->v[out->n++] = id;
	}
	hull_arena_fini(&a);
	return r;
}

static int find_requirements(struct hull_requirements *out, const struct hull_lock *l,
			     struct hull_pool *pool, struct hull_err *e)
{
	hull_autofree int *place = hull_alloc_array(l->n + 1, sizeof *place);
	struct hull_arena a = {0};
	struct hull_deps requests;
	struct hull_pkgset set = {0};
	int r = hull_lock_requests(l, &a, &requests, e);

	for (size_t i = 0; i < l->n; i++)
		place[i] = (int)i;
	if (r == 0)
		r = find_members(pool, l, &set, e);
	if (r == 0) {
		hull_requirements_init(out, pool, &requests, &set);
		hull_requirements_add_reasons(out, l, place, l->n);
	}
	hull_pkgset_fini(&set);
	hull_arena_fini(&a);
	return r;
}

/* The first member of the lock that has a file. */
static bool find_owner(struct hull_pool *pool, const struct hull_pkgset *members, const char *path,
		       size_t *out)
{
	struct hull_dep d = {.name = path};
	struct hull_pkgset owners = {0};
	bool found = false;

	hull_pool_providers(pool, &d, &owners);
	for (size_t i = 0; i < members->n && !found; i++)
		for (size_t k = 0; k < owners.n && !found; k++) {
			found = members->v[i] == owners.v[k];
			*out = i;
		}
	hull_pkgset_fini(&owners);
	return found;
}

static int find_file(struct hull_pool *pool, const struct hull_lock *l, const char *path,
		     size_t *out, struct hull_err *e)
{
	hull_autofree char *merged = hull_asprintf("/usr%s", path);
	struct hull_pkgset members = {0};
	int r = find_members(pool, l, &members, e);

	/* /bin, /sbin and /lib are symlinks into /usr */
	if (r == 0 && !find_owner(pool, &members, path, out) &&
	    !find_owner(pool, &members, merged, out))
		r = hull_fail(e, HULL_FAILED, "no package of the image has '%s'", path);
	hull_pkgset_fini(&members);
	return r;
}

int hull_chain_file(const struct hull_store *s, const struct hull_lock *l, const char *path,
		    size_t *out, struct hull_err *e)
{
	struct hull_offer o;
	int r = load_indexes(&o, s, l, e);

	if (r == 0)
		r = find_file(o.pool, l, path, out, e);
	hull_offer_fini(&o);
	return r;
}

int hull_requirements_locked(struct hull_requirements *out, const struct hull_store *s,
			     const struct hull_lock *l, struct hull_err *e)
{
	struct hull_offer o;
	int r = load_indexes(&o, s, l, e);

	*out = (struct hull_requirements){0};
	if (r == 0)
		r = find_requirements(out, l, o.pool, e);
	hull_offer_fini(&o);
	return r;
}

/* --- all chains --- */

/* The end of a chain: `package` and then the step `next` (SIZE_MAX: none). */
struct chain_step {
	size_t package, next;
};

/* *patience counts the steps that were looked at; when it is at its end the answer is no. */
static bool is_in(const struct chain_step *steps, size_t at, size_t package, size_t *patience)
{
	for (; at != SIZE_MAX && *patience; at = steps[at].next, --*patience)
		if (steps[at].package == package)
			return true;
	return false;
}

static struct hull_chain chain_from(const struct chain_step *steps, size_t at)
{
	struct hull_chain c = {0};
	size_t cap = 0;

	for (; at != SIZE_MAX; at = steps[at].next) {
		c.v = hull_grow(c.v, &cap, c.n, sizeof *c.v);
		c.v[c.n++] = steps[at].package;
	}
	return c;
}

/* Places in k->v, in its order: those that lead to package i, or from it, from first[i + 1] up to
 * first[i + 2]; from requests, as from package -1, the first ones. */
struct links {
	size_t *first, *v;
};

static size_t link_key(const struct hull_requirement *link, bool from)
{
	return (size_t)(from ? link->by : link->to) + 1;
}

static struct links links_of(const struct hull_requirements *k, size_t npackages, bool from)
{
	struct links l = {hull_alloc_array(npackages + 3, sizeof *l.first),
			  hull_alloc_array(k->n + 1, sizeof *l.v)};

	for (size_t i = 0; i < k->n; i++)
		l.first[link_key(&k->v[i], from) + 2]++;
	for (size_t i = 2; i < npackages + 3; i++)
		l.first[i] += l.first[i - 1];
	/* first[key + 1] is where the next link goes; in the end it is where those of the next begin */
	for (size_t i = 0; i < k->n; i++)
		l.v[l.first[link_key(&k->v[i], from) + 1]++] = i;
	return l;
}

static void links_fini(struct links *l)
{
	free(l->first);
	free(l->v);
}

static size_t count_packages(const struct hull_requirements *k, size_t package)
{
	int last = (int)package;

	for (size_t i = 0; i < k->n; i++) {
		if (k->v[i].to > last)
			last = k->v[i].to;
		if (k->v[i].by > last)
			last = k->v[i].by;
	}
	return (size_t)last + 1;
}

bool hull_requirements_chains(const struct hull_requirements *k, size_t package, size_t max,
			      struct hull_chain **out, size_t *out_n)
{
	struct links to = links_of(k, count_packages(k, package), false);
	struct chain_step *steps = NULL;
	size_t n = 0, cap = 0, out_cap = 0, patience = MAX_STEPS;
	bool more = false;

	*out = NULL;
	*out_n = 0;
	steps = hull_grow(steps, &cap, n, sizeof *steps);
	steps[n++] = (struct chain_step){package, SIZE_MAX};
	for (size_t at = 0; at < n && !more; at++) {
		size_t of = steps[at].package;
		int last = HULL_REQUEST - 1;

		for (size_t i = to.first[of + 1]; i < to.first[of + 2] && !more; i++) {
			const struct hull_requirement *link = &k->v[to.v[i]];

			/* they are sorted: the same `by` again is just another dependency */
			if (link->by == last)
				continue;
			last = link->by;
			if (link->by == HULL_REQUEST) {
				more = *out_n == max;
				if (more)
					break;
				*out = hull_grow(*out, &out_cap, *out_n, sizeof **out);
				(*out)[(*out_n)++] = chain_from(steps, at);
			} else if (n >= MAX_PARTIAL || !patience) {
				more = true;
			} else if (!is_in(steps, at, (size_t)link->by, &patience)) {
				steps = hull_grow(steps, &cap, n, sizeof *steps);
				steps[n++] = (struct chain_step){(size_t)link->by, at};
			}
		}
	}
	free(steps);
	links_fini(&to);
	return more;
}

/* --- without a package --- */

/* The requirements by group: of each the number of packages that stay and satisfy it. */
static size_t *count_satisfied(const struct hull_requirements *k, size_t *out_base)
{
	int low = 0, high = 0;
	size_t *n;

	for (size_t i = 0; i < k->n; i++) {
		low = k->v[i].group < low ? k->v[i].group : low;
		high = k->v[i].group > high ? k->v[i].group : high;
	}
	n = hull_alloc_array((size_t)(high - low) + 1, sizeof *n);
	*out_base = (size_t)-low;
	for (size_t i = 0; i < k->n; i++)
		n[(size_t)k->v[i].group + *out_base]++;
	return n;
}

/* All that cannot stay without what is in the queue. */
static void break_all(const struct hull_requirements *k, size_t npackages, enum hull_fate *fate,
		      size_t *queue)
{
	size_t base, n = 1;
	hull_autofree size_t *satisfied = count_satisfied(k, &base);
	struct links to = links_of(k, npackages, false);

	for (size_t at = 0; at < n; at++)
		for (size_t i = to.first[queue[at] + 1]; i < to.first[queue[at] + 2]; i++) {
			const struct hull_requirement *link = &k->v[to.v[i]];

			if (--satisfied[(size_t)link->group + base] || link->by == HULL_REQUEST ||
			    fate[link->by] == HULL_BREAKS)
				continue;
			fate[link->by] = HULL_BREAKS;
			queue[n++] = (size_t)link->by;
		}
	links_fini(&to);
}

/* Marks what stays and is asked for, or needed by what is. */
static void mark_needed(const struct hull_requirements *k, size_t npackages,
			const enum hull_fate *fate, size_t *queue, bool *needed)
{
	struct links from = links_of(k, npackages, true);
	size_t n = 0, key = 0; /* first what is asked for */

	for (size_t at = 0; at <= n; key = at < n ? queue[at] + 1 : key, at++)
		for (size_t i = from.first[key]; i < from.first[key + 1]; i++) {
			size_t to = (size_t)k->v[from.v[i]].to;

			if (fate[to] == HULL_BREAKS || needed[to])
				continue;
			needed[to] = true;
			queue[n++] = to;
		}
	links_fini(&from);
}

void hull_requirements_without(const struct hull_requirements *k, size_t npackages, size_t package,
			       enum hull_fate *fate)
{
	hull_autofree bool *needed = hull_alloc(npackages + 1);
	hull_autofree size_t *queue = hull_alloc_array(npackages + 1, sizeof *queue);

	for (size_t i = 0; i < npackages; i++)
		fate[i] = HULL_STAYS;
	fate[package] = HULL_BREAKS;
	queue[0] = package;
	break_all(k, npackages, fate, queue);
	mark_needed(k, npackages, fate, queue, needed);
	for (size_t i = 0; i < npackages; i++)
		if (fate[i] == HULL_STAYS && !needed[i])
			fate[i] = HULL_UNUSED;
}
