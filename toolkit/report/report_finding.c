// SPDX-License-Identifier: MIT
#include <string.h>

#include "report/report_section.h"

static const char *const headings[] = {"For information", "Low severity", "Medium severity",
				       "High severity", "Critical severity"};

/* Findings of one severity stand together, within it those of one rule. */
static bool same_group(const struct hull_finding *a, const struct hull_finding *b)
{
	return a->rule == b->rule && a->severity == b->severity;
}

static size_t group_end(const struct hull_findings *f, size_t from, bool accepted, size_t *out_n,
			bool *out_one_remedy)
{
	size_t i = from;

	*out_n = 0;
	*out_one_remedy = true;
	for (; i < f->n && same_group(&f->v[i], &f->v[from]); i++) {
		if (!f->v[i].accepted == accepted)
			continue;
		++*out_n;
		if (strcmp(f->v[i].remediation ? f->v[i].remediation : "",
			   f->v[from].remediation ? f->v[from].remediation : "") != 0)
			*out_one_remedy = false;
	}
	return i;
}

static void add_object(const struct hull_report_work *w, const struct hull_finding *f,
		       struct hull_buf *out)
{
	int p = hull_report_package(w, f->package);

	hull_report_element(out, "<td><code>", f->object, "</code>");
	if (p >= 0) {
		hull_buf_adds(out, " <span class=\"of\">of ");
		hull_report_link(w, (size_t)p, out);
		hull_buf_adds(out, "</span>");
	} else if (f->package && strcmp(f->package, f->object) != 0) {
		hull_report_element(out, " <span class=\"of\">of ", f->package, "</span>");
	}
	hull_buf_adds(out, "</td>");
}

static void add_finding(const struct hull_report_work *w, const struct hull_finding *f,
			bool with_remedy, struct hull_buf *out)
{
	int p = hull_report_package(w, f->package);

	if (p >= 0)
		hull_buf_addf(out, "<tr data-p=\"%d\">", p);
	else
		hull_buf_adds(out, "<tr>");
	add_object(w, f, out);
	hull_report_element(out, "<td>", f->reason, "");
	if (with_remedy && f->remediation)
		hull_report_element(out, "<p class=\"remedy\">Remedy: ", f->remediation, "</p>");
	hull_buf_adds(out, "</td>");
	if (f->accepted) {
		hull_report_element(out, "<td>", f->accepted, "");
		hull_report_element(out, " <span class=\"of\">", f->accepted_by, "</span></td>");
		hull_report_element(out, "<td>", f->expires ? f->expires : "no end", "</td>");
	}
	hull_buf_adds(out, "</tr>\n");
}

static void add_rule(const struct hull_finding *f, size_t n, bool with_remedy, struct hull_buf *out)
{
	hull_buf_addf(out,
		      "<tbody>\n<tr class=\"rule\"><th colspan=\"%d\" scope=\"rowgroup\"><span>",
		      f->accepted ? 4 : 2);
	hull_report_element(out, "<code>", f->rule->id, "</code> ");
	hull_report_text(out, f->rule->title);
	hull_buf_addf(out, "</span> <span class=\"count\">%zu</span>", n);
	if (with_remedy && f->remediation)
		hull_report_element(out, "<p class=\"remedy\">Remedy: ", f->remediation, "</p>");
	hull_buf_adds(out, "</th></tr>\n");
}

static void add_groups(const struct hull_report_work *w, size_t from, size_t end, bool accepted,
		       struct hull_buf *out)
{
	const struct hull_findings *f = w->report->findings;

	while (from < end) {
		const struct hull_finding *first = NULL;
		size_t n;
		bool one_remedy;
		size_t next = group_end(f, from, accepted, &n, &one_remedy);

		for (size_t i = from; i < next; i++) {
			if (!f->v[i].accepted == accepted)
				continue;
			if (!first)
				add_rule(first = &f->v[i], n, one_remedy, out);
			add_finding(w, &f->v[i], !one_remedy, out);
		}
		if (first)
			hull_buf_adds(out, "</tbody>\n");
		from = next;
	}
}

static void add_table(const struct hull_report_work *w, size_t from, size_t end,
		      const char *caption, bool accepted, struct hull_buf *out)
{
	hull_buf_addf(
		out,
		"<table class=\"groups findings\"><caption>%s</caption>\n<thead><tr>"
		"<th scope=\"col\">Object</th><th scope=\"col\">Reason</th>%s</tr></thead>\n",
		caption,
		accepted ? "<th scope=\"col\">Accepted because</th><th scope=\"col\">Until</th>"
			 : "");
	add_groups(w, from, end, accepted, out);
	hull_buf_adds(out, "</table>\n");
}

static size_t count(const struct hull_findings *f, size_t from, size_t end, bool accepted)
{
	size_t n = 0;

	for (size_t i = from; i < end; i++)
		n += !f->v[i].accepted != accepted;
	return n;
}

/* The findings are sorted by severity. */
static void add_severity(const struct hull_report_work *w, size_t from, size_t end,
			 struct hull_buf *out)
{
	enum hull_severity s = w->report->findings->v[from].severity;
	const char *name = hull_severity_name(s);
	size_t n = count(w->report->findings, from, end, false);

	if (n == 0)
		return;
	hull_buf_addf(out,
		      "<section class=\"%s\" aria-labelledby=\"%s\">\n<h3 id=\"%s\">%s <span "
		      "class=\"count\">%zu</span></h3>\n",
		      name, name, name, headings[s], n);
	add_table(w, from, end, headings[s], false, out);
	hull_buf_adds(out, "</section>\n");
}

static void add_errors(const struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_strv *errors = &w->report->findings->errors;

	if (errors->n == 0)
		return;
	hull_buf_adds(out, "<section class=\"errors\"><h3>Could not be checked</h3>\n<ul>\n");
	for (size_t i = 0; i < errors->n; i++)
		hull_report_element(out, "<li>", errors->v[i], "</li>\n");
	hull_buf_adds(out, "</ul></section>\n");
}

void hull_report_findings(struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_findings *f = w->report->findings;
	size_t accepted = count(f, 0, f->n, true);

	add_errors(w, out);
	if (accepted == f->n)
		hull_buf_adds(out, "<p>Nothing was found.</p>\n");
	for (size_t from = 0, end; from < f->n; from = end) {
		for (end = from; end < f->n && f->v[end].severity == f->v[from].severity; end++)
			;
		add_severity(w, from, end, out);
	}
	if (accepted == 0)
		return;
	hull_buf_addf(
		out,
		"<section class=\"accepted\" aria-labelledby=\"accepted\"><h3 id=\"accepted\">"
		"Accepted <span class=\"count\">%zu</span></h3>\n",
		accepted);
	add_table(w, 0, f->n, "Accepted findings, with their justification", true, out);
	hull_buf_adds(out, "</section>\n");
}
