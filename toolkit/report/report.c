// SPDX-License-Identifier: MIT
#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "closure/chain.h"
#include "report/report_asset.h"
#include "report/report_section.h"

int64_t hull_report_time(const struct hull_system *s)
{
	return hull_packages_newest(s->packages, s->npackages);
}

void hull_report_element(struct hull_buf *out, const char *open, const char *text,
			 const char *close)
{
	hull_buf_adds(out, open);
	hull_report_text(out, text);
	hull_buf_adds(out, close);
}

int hull_report_package(const struct hull_report_work *w, const char *name)
{
	size_t low = 0, high = w->system->npackages;

	while (name && low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(w->system->packages[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return name && low < w->system->npackages && !strcmp(w->system->packages[low].name, name)
		       ? (int)low
		       : -1;
}

void hull_report_link(const struct hull_report_work *w, size_t package, struct hull_buf *out)
{
	hull_buf_addf(out, "<a href=\"#p%zu\">", package);
	hull_report_element(out, "", w->system->packages[package].name, "</a>");
}

/* --- what is counted once --- */

static void measure(struct hull_report_work *w)
{
	const struct hull_tree *t = &w->system->tree;

	for (int n = HULL_TREE_ROOT; n != HULL_NO_NODE; n = hull_tree_next(t, n, HULL_TREE_ROOT)) {
		const struct hull_node *v = &t->v[n];
		size_t owner = v->owner < 0 ? w->system->npackages : (size_t)v->owner;
		struct hull_report_share *share = &w->shares[owner];

		if (hull_report_is_file(t, n)) {
			share->bytes += v->size_bytes;
			w->bytes += v->size_bytes;
			share->files++;
			w->files++;
		} else if (n != HULL_TREE_ROOT) {
			share->directories_and_links++;
		}
	}
}

static void count_findings(struct hull_report_work *w)
{
	const struct hull_findings *f = w->report->findings;

	for (size_t i = 0; i < f->n; i++) {
		int p = hull_report_package(w, f->v[i].package);

		if (p >= 0 && !f->v[i].accepted && f->v[i].severity > HULL_INFO)
			w->shares[p].findings++;
	}
}

static void find_locked(struct hull_report_work *w)
{
	const struct hull_lock *l = &w->system->lock;

	for (size_t i = 0; i <= w->system->npackages; i++)
		w->shares[i].locked = w->shares[i].record = -1;
	for (size_t i = 0; w->system->has_lock && i < l->n; i++) {
		int p = hull_report_package(w, l->v[i].name);

		if (p >= 0)
			w->shares[p].locked = (int)i;
	}
}

static int find_records(struct hull_report_work *w, struct hull_err *e)
{
	const struct hull_lock *l = &w->system->lock;
	size_t n = w->system->has_lock && w->report->store ? l->n : 0;
	hull_autofree int *record = hull_alloc_array(n + 1, sizeof *record);

	if (n && hull_build_records_of_lock(w->report->store, l, &w->records, record, e) < 0)
		return -1;
	for (size_t i = 0; n && i < w->system->npackages; i++)
		if (w->shares[i].locked >= 0)
			w->shares[i].record = record[w->shares[i].locked];
	return 0;
}

static int prepare(struct hull_report_work *w, struct hull_err *e)
{
	w->shares = hull_alloc_array(w->system->npackages + 1, sizeof *w->shares);
	hull_requirements_pairs(&w->requirements, w->system->packages, w->system->npackages,
				w->system->has_lock ? &w->system->lock : NULL);
	find_locked(w);
	measure(w);
	count_findings(w);
	return find_records(w, e);
}

static void release(struct hull_report_work *w)
{
	hull_requirements_fini(&w->requirements);
	hull_build_records_fini(&w->records);
	hull_arena_fini(&w->arena);
	free(w->shares);
}

/* --- the page --- */

/* 'sha256-...' of Content Security Policy, level 3. */
static void add_source_hash(struct hull_buf *out, struct hull_report_asset a)
{
	unsigned char digest[EVP_MAX_MD_SIZE], text[EVP_MAX_MD_SIZE * 2];
	unsigned int n = 0;

	hull_assert(EVP_Digest(a.p, a.n, digest, &n, EVP_sha256(), NULL) == 1);
	EVP_EncodeBlock(text, digest, (int)n);
	hull_buf_addf(out, "'sha256-%s'", (const char *)text);
}

/* Even if something in the page became markup, nothing but its own program runs and nothing is
 * loaded. */
static void add_policy(struct hull_report_work *w, struct hull_buf *out)
{
	(void)w;
	hull_buf_adds(out,
		      "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
		      "script-src ");
	add_source_hash(out, hull_report_script());
	hull_buf_adds(out, "; style-src ");
	add_source_hash(out, hull_report_style());
}

static void add_style(struct hull_report_work *w, struct hull_buf *out)
{
	(void)w;
	hull_buf_add(out, hull_report_style().p, hull_report_style().n);
}

static void add_script(struct hull_report_work *w, struct hull_buf *out)
{
	(void)w;
	hull_buf_add(out, hull_report_script().p, hull_report_script().n);
}

static void add_name(struct hull_report_work *w, struct hull_buf *out)
{
	hull_report_text(out, hull_basename(w->system->path));
}

static const struct section {
	const char *name;
	void (*add)(struct hull_report_work *w, struct hull_buf *out);
} sections[] = {
	{"policy", add_policy},
	{"style", add_style},
	{"script", add_script},
	{"name", add_name},
	{"header", hull_report_header},
	{"findings", hull_report_findings},
	{"packages", hull_report_packages},
	{"unowned", hull_report_unowned},
	{"sources", hull_report_sources},
	{"dependencies", hull_report_dependencies},
	{"directories", hull_report_directories},
	{"compare", hull_report_compare},
	{"comparelink", hull_report_compare_link},
	{"data", hull_report_data},
};

static void add_section(struct hull_report_work *w, const char *name, size_t n,
			struct hull_buf *out)
{
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (strlen(sections[i].name) == n && !memcmp(sections[i].name, name, n)) {
			sections[i].add(w, out);
			return;
		}
	hull_assert(!"a section that the template names");
}

static void fill(struct hull_report_work *w, struct hull_buf *out)
{
	struct hull_report_asset t = hull_report_frame();
	const char *p = t.p, *end = t.p + t.n;

	while (p < end) {
		const char *open = memmem(p, (size_t)(end - p), "{{", 2), *close;

		hull_buf_add(out, p, (size_t)((open ? open : end) - p));
		if (!open)
			break;
		close = memmem(open, (size_t)(end - open), "}}", 2);
		hull_assert(close);
		add_section(w, open + 2, (size_t)(close - open) - 2, out);
		p = close + 2;
	}
}

int hull_report_html(const struct hull_report *r, struct hull_buf *out, struct hull_err *e)
{
	struct hull_report_work w = {.report = r, .system = r->system};
	int rc = prepare(&w, e);

	if (rc == 0)
		fill(&w, out);
	release(&w);
	return rc;
}
