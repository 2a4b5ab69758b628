// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include "closure/chain.h"
#include "report/report_section.h"

static void add_number(struct hull_buf *out, uint64_t v)
{
	hull_buf_addf(out, "<td class=\"n\" data-v=\"%" PRIu64 "\">", v);
	hull_report_number(out, v);
	hull_buf_adds(out, "</td>");
}

/* --- the reason --- */

static void add_locked(const struct hull_report_work *w, const struct hull_locked *p,
		       struct hull_buf *out)
{
	int package = hull_report_package(w, p->name);

	if (package >= 0)
		hull_report_link(w, (size_t)package, out);
	else
		hull_report_text(out, p->name);
}

/* As the lock file has it: "systemd (asked for in base.json) → dbus-broker → expat". */
static bool add_chain(const struct hull_report_work *w, int locked, struct hull_buf *out)
{
	const struct hull_lock *l = &w->system->lock;
	struct hull_chain c = {0};

	if (locked < 0 || hull_chain_find(l, (size_t)locked, &c, NULL) < 0)
		return false;
	for (size_t i = 0; i < c.n; i++) {
		const struct hull_locked *p = &l->v[c.v[i]];

		if (i > 0)
			hull_buf_adds(out, " → ");
		if (c.n > 1)
			add_locked(w, p, out);
		if (i == 0)
			hull_report_element(out, c.n > 1 ? " (asked for in " : "asked for in ",
					    p->origin, c.n > 1 ? ")" : "");
	}
	hull_chain_fini(&c);
	return true;
}

/* Of an image without lock file it is only known what requires it. */
static void add_reason(const struct hull_report_work *w, size_t package, struct hull_buf *out)
{
	enum { SHOWN = 4 };
	size_t n = 0;

	hull_buf_adds(out, "<td>");
	if (!add_chain(w, w->shares[package].locked, out)) {
		for (size_t i = 0; i < w->requirements.n; i++) {
			if (w->requirements.v[i].to != (int)package || n++ >= SHOWN)
				continue;
			hull_buf_adds(out, n == 1 ? "required by " : ", ");
			hull_report_link(w, (size_t)w->requirements.v[i].by, out);
		}
		if (n > SHOWN)
			hull_buf_addf(out, " and %zu more", n - SHOWN);
		if (n == 0)
			hull_buf_adds(out, "nothing requires it");
	}
	hull_buf_adds(out, "</td>");
}

/* --- the tables --- */

static void add_size(const struct hull_report_share *s, struct hull_buf *out)
{
	hull_buf_addf(out, "<td class=\"n\" data-v=\"%" PRIu64 "\">", s->bytes);
	hull_report_size(out, s->bytes);
	hull_buf_adds(out, "</td>");
}

static void add_package(struct hull_report_work *w, size_t i, struct hull_buf *out)
{
	const struct hull_package *p = &w->system->packages[i];

	hull_buf_addf(out, "<tr id=\"p%zu\"><th scope=\"row\">", i);
	hull_report_link(w, i, out);
	hull_report_element(out, "</th><td>", hull_package_evr(p, &w->arena), "</td>");
	add_size(&w->shares[i], out);
	add_number(out, w->shares[i].files);
	add_number(out, w->shares[i].findings);
	hull_report_element(out, "<td>", p->license, "</td>");
	add_reason(w, i, out);
	hull_buf_adds(out, "<td>");
	hull_report_source(w, i, out);
	hull_buf_adds(out, "</td></tr>\n");
}

void hull_report_packages(struct hull_report_work *w, struct hull_buf *out)
{
	for (size_t i = 0; i < w->system->npackages; i++)
		add_package(w, i, out);
}

/* What nobody owns is shown as long as there is any. */
void hull_report_unowned(struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_report_share *s = &w->shares[w->system->npackages];

	if (s->files == 0)
		return;
	hull_buf_adds(out, "<p>In no package: ");
	hull_report_number(out, s->files);
	hull_buf_adds(out, s->files == 1 ? " file, " : " files, ");
	hull_report_size(out, s->bytes);
	hull_buf_adds(out, ".</p>\n");
}

static void add_names(const struct hull_report_work *w, size_t package, bool forward,
		      struct hull_buf *out)
{
	bool any = false;

	hull_buf_adds(out, "<td>");
	for (size_t i = 0; i < w->requirements.n; i++) {
		const struct hull_requirement *r = &w->requirements.v[i];

		if ((forward ? r->by : r->to) != (int)package)
			continue;
		hull_report_element(out, any ? ", " : "",
				    w->system->packages[forward ? r->to : r->by].name, "");
		any = true;
	}
	hull_buf_adds(out, any ? "</td>" : "nothing</td>");
}

void hull_report_dependencies(struct hull_report_work *w, struct hull_buf *out)
{
	for (size_t i = 0; i < w->system->npackages; i++) {
		hull_report_element(out, "<tr><th scope=\"row\">", w->system->packages[i].name,
				    "</th>");
		add_names(w, i, true, out);
		add_names(w, i, false, out);
		hull_buf_adds(out, "</tr>\n");
	}
}
