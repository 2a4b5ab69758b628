// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "diff/compare_subjects.h"

/* A package as either side knows it. */
struct package_item {
	const char *name, *arch, *evr, *source, *sha256;
	int64_t bytes;
	const struct hull_package *package; /* NULL: from a lock file */
};

struct items {
	struct package_item *v;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	const struct package_item *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (r == 0)
		r = strcmp(x->arch, y->arch);
	return r ? r : strcmp(x->evr, y->evr);
}

static const struct hull_locked *locked(const struct hull_lock *l, const struct package_item *p)
{
	const struct hull_locked *v = l ? hull_lock_find(l, p->name) : NULL;

	for (; v && v < l->v + l->n && !strcmp(v->name, p->name); v++)
		if (!strcmp(v->arch, p->arch) && !strcmp(v->evr, p->evr))
			return v;
	return NULL;
}

static void list_system(const struct hull_side *side, struct hull_arena *a, struct items *out)
{
	for (size_t i = 0; i < side->system->npackages; i++) {
		const struct hull_package *p = &side->system->packages[i];
		struct package_item *item = &out->v[out->n++];
		const struct hull_locked *l;

		*item = (struct package_item){
			.name = p->name,
			.arch = p->arch,
			.evr = hull_package_evr(p, a),
			.source = p->source_rpm,
			.bytes = (int64_t)p->installed_bytes,
			.package = p,
		};
		l = locked(side->lock, item);
		item->sha256 = l ? l->sha256 : NULL;
	}
}

static struct items list(const struct hull_side *side, struct hull_arena *a)
{
	size_t n = side->system ? side->system->npackages : side->lock->n;
	struct items out = {.v = hull_alloc_array(n + 1, sizeof *out.v)};

	if (side->system)
		list_system(side, a, &out);
	for (size_t i = 0; !side->system && i < n; i++) {
		const struct hull_locked *l = &side->lock->v[i];

		out.v[out.n++] = (struct package_item){
			.name = l->name,
			.arch = l->arch,
			.evr = l->evr,
			.source = l->source,
			.sha256 = l->sha256,
			.bytes = (int64_t)l->installed_bytes,
		};
	}
	qsort(out.v, out.n, sizeof *out.v, by_name);
	return out;
}

/* --- changelogs --- */

static char *entry_key(const struct hull_change *c)
{
	return hull_asprintf("%lld %s\n%s", (long long)c->time, c->author, c->text);
}

/* The entries of x that y has not. */
static size_t only_in(const struct hull_package *x, const struct hull_package *y,
		      const struct hull_change **out)
{
	hull_autoindex struct hull_index has = {0};
	hull_autostrv struct hull_strv keys = {0};
	size_t n = 0;

	for (size_t i = 0; i < y->nchangelog; i++) {
		hull_strv_take(&keys, entry_key(&y->changelog[i]));
		hull_index_put(&has, keys.v[i], i);
	}
	for (size_t i = 0; i < x->nchangelog; i++) {
		hull_autofree char *key = entry_key(&x->changelog[i]);
		size_t place;

		if (!hull_index_find(&has, key, &place))
			out[n++] = &x->changelog[i];
	}
	return n;
}

/* The length of "CVE-2024-12345" at s, or 0. */
static size_t cve_length(const char *s)
{
	size_t year, number;

	if (strncasecmp(s, "CVE-", 4) != 0)
		return 0;
	year = strspn(s + 4, "0123456789");
	if (year != 4 || s[8] != '-')
		return 0;
	number = strspn(s + 9, "0123456789");
	return number >= 4 ? 9 + number : 0;
}

static int by_cve(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	int r = strncmp(*x, *y, 9);
	size_t n = strlen(*x), m = strlen(*y);

	if (r)
		return r;
	return n != m ? (n > m) - (n < m) : strcmp(*x, *y);
}

static void find_cves(struct hull_package_difference *d, struct hull_arena *a)
{
	hull_autostrv struct hull_strv found = {0};
	const char **v;

	for (size_t i = 0; i < d->nlog; i++)
		for (const char *s = d->log[i]->text; *s; s++) {
			size_t n = cve_length(s);
			hull_autofree char *id = n ? hull_strndup(s, n) : NULL;

			for (char *p = id; p && *p; p++)
				*p = (char)toupper((unsigned char)*p);
			if (id)
				hull_strv_add(&found, id);
		}
	hull_strv_sort(&found);
	v = hull_arena_array(a, found.n + 1, sizeof *v);
	for (size_t i = 0; i < found.n; i++)
		v[i] = hull_arena_strdup(a, found.v[i]);
	qsort(v, found.n, sizeof *v, by_cve);
	d->cves = v;
}

static void add_log(struct hull_package_difference *d, const struct hull_package *x,
		    const struct hull_package *y, struct hull_arena *a)
{
	static const char *const none[] = {NULL};

	d->cves = none;
	if (!x || !y)
		return;
	d->log = hull_arena_array(a, x->nchangelog + y->nchangelog + 1, sizeof *d->log);
	d->nlog = only_in(y, x, d->log);
	if (!d->nlog) {
		d->nlog = only_in(x, y, d->log);
		d->reverted = d->nlog > 0;
	}
	find_cves(d, a);
}

/* --- the difference --- */

static bool same_files(const struct hull_package *x, const struct hull_package *y)
{
	if (x->nfiles != y->nfiles)
		return false;
	for (size_t i = 0; i < x->nfiles; i++) {
		const struct hull_file *f = &x->files[i], *g = &y->files[i];

		if (strcmp(f->path, g->path) != 0 || f->mode != g->mode ||
		    f->size_bytes != g->size_bytes || !f->digest != !g->digest ||
		    (f->digest && strcmp(f->digest, g->digest) != 0))
			return false;
	}
	return true;
}

/* The digests of both RPM files are the best that can be known, what both databases say is next. */
static bool is_same_build(const struct package_item *x, const struct package_item *y)
{
	if (x->sha256 && y->sha256)
		return !strcmp(x->sha256, y->sha256);
	if (x->package && y->package)
		return x->package->build_time == y->package->build_time &&
		       same_files(x->package, y->package);
	return true;
}

static void add(struct hull_comparison *c, enum hull_difference kind, const struct package_item *x,
		const struct package_item *y)
{
	const struct package_item *any = y ? y : x;
	struct hull_package_difference d = {
		.kind = kind,
		.name = any->name,
		.arch = any->arch,
		.source = any->source,
		.old_evr = x ? x->evr : NULL,
		.new_evr = y ? y->evr : NULL,
		.old_bytes = x ? x->bytes : 0,
		.new_bytes = y ? y->bytes : 0,
	};

	add_log(&d, x ? x->package : NULL, y ? y->package : NULL, &c->arena);
	c->packages = hull_grow(c->packages, &c->cap_packages, c->npackages, sizeof *c->packages);
	c->packages[c->npackages++] = d;
}

static void compare_pair(struct hull_comparison *c, const struct package_item *x,
			 const struct package_item *y)
{
	if (strcmp(x->evr, y->evr) != 0 || strcmp(x->arch, y->arch) != 0)
		add(c, HULL_CHANGED, x, y);
	else if (!is_same_build(x, y))
		add(c, HULL_REBUILT, x, y);
}

/* How many packages from i on have its name. */
static size_t run_of(const struct items *v, size_t i)
{
	size_t n = 0;

	while (i + n < v->n && !strcmp(v->v[i].name, v->v[i + n].name))
		n++;
	return n;
}

/* Packages of one name: one each is a pair, else those of the same EVR and architecture are. */
static void compare_runs(struct hull_comparison *c, const struct package_item *x, size_t nx,
			 const struct package_item *y, size_t ny)
{
	size_t i = 0, k = 0;

	if (nx == 1 && ny == 1) {
		compare_pair(c, x, y);
		return;
	}
	while (i < nx || k < ny) {
		int r = i == nx ? 1 : k == ny ? -1 : by_name(&x[i], &y[k]);

		if (r == 0)
			compare_pair(c, &x[i++], &y[k++]);
		else if (r < 0)
			add(c, HULL_REMOVED, &x[i++], NULL);
		else
			add(c, HULL_ADDED, NULL, &y[k++]);
	}
}

/* Packages of one source have the same entries, which are told of the first. */
static void find_told(struct hull_comparison *c)
{
	hull_autoindex struct hull_index logs = {0};
	hull_autostrv struct hull_strv keys = {0};

	for (size_t i = 0; i < c->npackages; i++) {
		struct hull_package_difference *d = &c->packages[i];
		hull_autobuf struct hull_buf key = {0};

		if (!d->nlog)
			continue;
		hull_buf_adds(&key, d->reverted ? "-" : "+");
		for (size_t k = 0; k < d->nlog; k++)
			hull_buf_addf(&key, "%zu %s\n%zu %s\n", strlen(d->log[k]->author),
				      d->log[k]->author, strlen(d->log[k]->text), d->log[k]->text);
		hull_strv_take(&keys, hull_buf_steal(&key));
		d->log_told = !hull_index_put(&logs, keys.v[keys.n - 1], i);
	}
}

void hull_compare_packages(const struct hull_side *old, const struct hull_side *now,
			   struct hull_comparison *out)
{
	struct items x = list(old, &out->arena), y = list(now, &out->arena);
	size_t i = 0, k = 0;

	while (i < x.n || k < y.n) {
		int r = i == x.n ? 1 : k == y.n ? -1 : strcmp(x.v[i].name, y.v[k].name);
		size_t nx = r <= 0 ? run_of(&x, i) : 0, ny = r >= 0 ? run_of(&y, k) : 0;

		compare_runs(out, x.v + i, nx, y.v + k, ny);
		i += nx;
		k += ny;
	}
	find_told(out);
	free(x.v);
	free(y.v);
}
