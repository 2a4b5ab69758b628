// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/report_section.h"

enum {
	MAX_FILES = 8000, /* that are listed one by one: the largest */
	MAX_DEPTH = 48,	  /* of directories that are listed */
};

/* --- the file tree --- */

/*
 * A directory is [name, [what is in it]], a file [name, bytes, package]; [number, bytes, package]
 * are so many further files together. The package is an index, -1 for none.
 */
struct dump {
	const struct hull_tree *tree;
	const struct hull_report_sum *sums;
	uint64_t least_bytes;	      /* of what is listed */
	struct hull_report_sum *rest; /* of the directory at hand, by package */
	size_t npackages;
	struct hull_buf *out;
};

static int larger_first(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

static uint64_t least_bytes(const struct hull_tree *t)
{
	hull_autofree uint64_t *v = hull_alloc_array(t->n + 1, sizeof *v);
	size_t n = 0;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (hull_report_is_file(t, i))
			v[n++] = t->v[i].size_bytes;
	if (n <= MAX_FILES)
		return 1;
	qsort(v, n, sizeof *v, larger_first);
	return v[MAX_FILES] + 1;
}

static bool is_listed(const struct dump *d, int node, int depth)
{
	if (d->sums[node].bytes < d->least_bytes)
		return false;
	return hull_report_is_file(d->tree, node) ||
	       (S_ISDIR(d->tree->v[node].mode) && depth < MAX_DEPTH);
}

static void separate(struct hull_buf *out)
{
	if (out->p[out->n - 1] == ']')
		hull_buf_addc(out, ',');
}

static void add_file(struct dump *d, int node)
{
	const struct hull_node *v = &d->tree->v[node];

	separate(d->out);
	hull_buf_addc(d->out, '[');
	hull_report_string(d->out, v->name);
	hull_buf_addf(d->out, ",%" PRIu64 ",%d]", v->size_bytes, v->owner);
}

static void collect_rest(struct dump *d, int top)
{
	const struct hull_tree *t = d->tree;

	for (int i = top; i != HULL_NO_NODE; i = hull_tree_next(t, i, top)) {
		struct hull_report_sum *r =
			&d->rest[t->v[i].owner < 0 ? d->npackages : (size_t)t->v[i].owner];

		if (!hull_report_is_file(t, i))
			continue;
		r->bytes += t->v[i].size_bytes;
		r->files++;
	}
}

static void add_rest(struct dump *d)
{
	for (size_t i = 0; i <= d->npackages; i++) {
		struct hull_report_sum *r = &d->rest[i];

		if (r->files) {
			separate(d->out);
			hull_buf_addf(d->out, "[%zu,%" PRIu64 ",%d]", r->files, r->bytes,
				      i < d->npackages ? (int)i : -1);
		}
		*r = (struct hull_report_sum){0};
	}
}

static void add_directory(struct dump *d, int node, int depth)
{
	const struct hull_node *v = d->tree->v;
	bool rest = false;

	separate(d->out);
	hull_buf_addc(d->out, '[');
	hull_report_string(d->out, v[node].name);
	hull_buf_adds(d->out, ",[");
	for (int c = v[node].first_child; c != HULL_NO_NODE; c = v[c].next_sibling) {
		if (!is_listed(d, c, depth + 1))
			rest = true;
		else if (S_ISDIR(v[c].mode))
			add_directory(d, c, depth + 1);
		else
			add_file(d, c);
	}
	if (rest) {
		for (int c = v[node].first_child; c != HULL_NO_NODE; c = v[c].next_sibling)
			if (!is_listed(d, c, depth + 1))
				collect_rest(d, c);
		add_rest(d);
	}
	hull_buf_adds(d->out, "]]");
}

static void add_tree(const struct hull_report_work *w, struct hull_buf *out)
{
	hull_autofree struct hull_report_sum *sums = hull_report_sums(&w->system->tree);
	hull_autofree struct hull_report_sum *rest =
		hull_alloc_array(w->system->npackages + 1, sizeof *rest);
	struct dump d = {&w->system->tree,     sums, least_bytes(&w->system->tree), rest,
			 w->system->npackages, out};

	add_directory(&d, HULL_TREE_ROOT, 0);
}

/* --- packages --- */

static void member(struct hull_buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	hull_buf_addf(out, ",\"%s\":", key);
	hull_report_string(out, value);
}

static void add_reason(const struct hull_report_work *w, const struct hull_locked *p,
		       struct hull_buf *out)
{
	int by = hull_report_package(w, p->by);

	member(out, "want", p->want);
	member(out, "origin", p->origin);
	member(out, "dep", p->dep);
	if (by >= 0)
		hull_buf_addf(out, ",\"by\":%d", by);
}

/* *next is the first requirement of the package, and then of the next one. */
static void add_package(struct hull_report_work *w, size_t i, size_t *next, struct hull_buf *out)
{
	const struct hull_package *p = &w->system->packages[i];
	const struct hull_requirements *r = &w->requirements;

	hull_buf_adds(out, i ? ",\n{\"name\":" : "{\"name\":");
	hull_report_string(out, p->name);
	member(out, "evr", hull_package_evr(p, &w->arena));
	member(out, "arch", p->arch);
	member(out, "summary", p->summary);
	member(out, "url", p->url);
	hull_buf_addf(out, ",\"bytes\":%" PRIu64, w->shares[i].bytes);
	if (w->shares[i].locked >= 0)
		add_reason(w, &w->system->lock.v[w->shares[i].locked], out);
	hull_buf_adds(out, ",\"requires\":[");
	for (bool first = true; *next < r->n && r->v[*next].by == (int)i; ++*next, first = false)
		hull_buf_addf(out, first ? "%d" : ",%d", r->v[*next].to);
	hull_buf_adds(out, "]}");
}

void hull_report_data(struct hull_report_work *w, struct hull_buf *out)
{
	size_t next = 0;

	hull_buf_adds(out, "{\"packages\":[");
	for (size_t i = 0; i < w->system->npackages; i++)
		add_package(w, i, &next, out);
	hull_buf_adds(out, "],\n\"tree\":");
	add_tree(w, out);
	hull_buf_adds(out, "}");
}
