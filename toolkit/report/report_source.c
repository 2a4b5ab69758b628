// SPDX-License-Identifier: MIT
#include "report/report_section.h"

/* The sources of the packages, from the records of their builds: those that are built together
 * have the same. */

/* Downloads, and files of the spec's directory: the spec itself, patches, units; patches that are taken out of
 * downloads. */
static size_t count_files(const struct hull_build_record *r)
{
	return r->sources.n + r->patches.n + json_object_size(r->inputs.files);
}

void hull_report_source(const struct hull_report_work *w, size_t package, struct hull_buf *out)
{
	const char *name = w->system->packages[package].source_rpm;
	int record = w->shares[package].record;
	size_t n = 0;

	if (record < 0) {
		hull_report_text(out, name ? name : "not known");
		return;
	}
	n = count_files(&w->records.v[record]);
	hull_report_text(out, name);
	hull_buf_addf(out, " <a href=\"#s%d\">%zu %s</a>", record, n, n == 1 ? "file" : "files");
}

static void add_file(const char *file, const char *sha256, const char *from, struct hull_buf *out)
{
	hull_report_element(out, "<tr><td>", file, "</td>");
	hull_report_element(out, "<td><code>", sha256, "</code></td>");
	hull_report_element(out, "<td>", from, "</td></tr>\n");
}

static void add_record(const struct hull_report_work *w, size_t package, struct hull_buf *out)
{
	int record = w->shares[package].record;
	const struct hull_build_record *r = &w->records.v[record];
	const char *file;
	json_t *digest;
	size_t n = 0;

	hull_buf_addf(out, "<tbody id=\"s%d\" tabindex=\"-1\">\n", record);
	hull_report_element(out, "<tr class=\"rule\"><th colspan=\"3\" scope=\"rowgroup\">",
			    w->system->packages[package].source_rpm, " <span class=\"of\">for ");
	for (size_t p = package; p < w->system->npackages; p++) {
		if (w->shares[p].record != record)
			continue;
		hull_buf_adds(out, n++ ? ", " : "");
		hull_report_link(w, p, out);
	}
	hull_buf_adds(out, "</span></th></tr>\n");
	for (size_t i = 0; i < r->sources.n; i++)
		add_file(r->sources.v[i].file, r->sources.v[i].sha256, r->sources.v[i].url, out);
	for (size_t i = 0; i < r->patches.n; i++)
		add_file(r->patches.v[i].name, r->patches.v[i].sha256, r->patches.v[i].archive,
			 out);
	json_object_foreach (r->inputs.files, file, digest)
		add_file(file, json_string_value(digest), "tree of specs", out);
	hull_buf_adds(out, "</tbody>\n");
}

static bool is_first(const struct hull_report_work *w, size_t package)
{
	for (size_t i = 0; i < package; i++)
		if (w->shares[i].record == w->shares[package].record)
			return false;
	return w->shares[package].record >= 0;
}

void hull_report_sources(struct hull_report_work *w, struct hull_buf *out)
{
	if (w->records.n == 0)
		hull_buf_adds(out, "<p>No records of builds were at hand.</p>\n");
	else
		hull_buf_adds(out, "<table class=\"groups\" id=\"source-table\"><caption>"
				   "What the packages were built from</caption>\n<thead><tr>"
				   "<th scope=\"col\">File</th><th scope=\"col\">SHA-256</th>"
				   "<th scope=\"col\">From</th></tr></thead>\n");
	for (size_t i = 0; i < w->system->npackages; i++)
		if (is_first(w, i))
			add_record(w, i, out);
	if (w->records.n)
		hull_buf_adds(out, "</table>\n");
}
