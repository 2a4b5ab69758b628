// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "report/report_section.h"

/* The difference to a second image. */

enum { MAX_FILES = 3000 }; /* in the table; those with privileges come first */

static void add_bytes(struct hull_buf *out, int64_t bytes)
{
	if (bytes < 0)
		hull_buf_adds(out, "–");
	else
		hull_report_size(out, (uint64_t)bytes);
}

/* "+1.2 MB" */
static void add_growth(struct hull_buf *out, int64_t old, int64_t now)
{
	int64_t by = (now < 0 ? 0 : now) - (old < 0 ? 0 : old);

	hull_buf_addf(out, "<td class=\"n\" data-v=\"%" PRId64 "\">%s", by,
		      by > 0   ? "+"
		      : by < 0 ? "−"
			       : "");
	hull_report_size(out, (uint64_t)(by < 0 ? -by : by));
	hull_buf_adds(out, "</td>");
}

static void open_table(struct hull_buf *out, const char *style, const char *caption,
		       const char *const *columns)
{
	hull_buf_addf(out,
		      "<div class=\"wide\"><table class=\"%s\"><caption>%s</caption>\n<thead><tr>",
		      style, caption);
	for (; *columns; columns++) /* ">Size": a column of numbers */
		hull_buf_addf(out, "<th scope=\"col\"%s%s</th>",
			      **columns == '>' ? " class=\"n\"" : ">", *columns);
	hull_buf_adds(out, "</tr></thead>\n<tbody>\n");
}

static void close_table(struct hull_buf *out)
{
	hull_buf_adds(out, "</tbody></table></div>\n");
}

static void add_kind(struct hull_buf *out, enum hull_difference kind)
{
	hull_buf_addf(out, "<td><span class=\"kind %s\">%s</span></td>", hull_difference_name(kind),
		      hull_difference_name(kind));
}

/* --- packages --- */

static void add_log(const struct hull_package_difference *p, struct hull_buf *out)
{
	hull_buf_adds(out, "<td>");
	for (const char *const *c = p->cves; c && *c; c++)
		hull_report_element(out, "<span class=\"cve\">", *c, "</span> ");
	if (p->nlog)
		hull_buf_addf(out, "<details><summary>%zu %s%s</summary><ul>", p->nlog,
			      p->nlog == 1 ? "entry" : "entries", p->reverted ? " gone" : "");
	for (size_t i = 0; i < p->nlog; i++) {
		hull_report_element(out, "<li>", p->log[i]->author, "<br>");
		hull_report_element(out, "", p->log[i]->text, "</li>");
	}
	hull_buf_adds(out, p->nlog ? "</ul></details></td>" : "</td>");
}

static void add_packages(const struct hull_report_work *w, const struct hull_comparison *c,
			 struct hull_buf *out)
{
	static const char *const columns[] = {"Package", "Change",    "Before", "Now",
					      ">Size",	 "Changelog", NULL};

	open_table(out, "stack packages", "Packages that differ", columns);
	for (size_t i = 0; i < c->npackages; i++) {
		const struct hull_package_difference *p = &c->packages[i];
		int package = hull_report_package(w, p->name);

		hull_buf_adds(out, "<tr><th scope=\"row\">");
		if (package >= 0)
			hull_report_link(w, (size_t)package, out);
		else
			hull_report_text(out, p->name);
		hull_buf_adds(out, "</th>");
		add_kind(out, p->kind);
		hull_report_element(out, "<td>", p->old_evr ? p->old_evr : "–", "</td>");
		hull_report_element(out, "<td>", p->new_evr ? p->new_evr : "–", "</td>");
		add_growth(out, p->old_bytes, p->new_bytes);
		add_log(p, out);
		hull_buf_adds(out, "</tr>\n");
	}
	close_table(out);
}

/* --- files --- */

static void add_state(struct hull_buf *out, const struct hull_file_state *s)
{
	hull_buf_addf(out, "%04o %" PRIu32 ":%" PRIu32, (unsigned int)(s->mode & 07777), s->uid,
		      s->gid);
	if (s->capabilities)
		hull_report_element(out, " ", s->capabilities, "");
	if (s->target)
		hull_report_element(out, " → ", s->target, "");
	if (S_ISREG(s->mode)) {
		hull_buf_adds(out, ", ");
		hull_report_size(out, s->size_bytes);
	}
}

static void add_aspects(struct hull_buf *out, unsigned int aspects)
{
	static const char *const names[HULL_ASPECTS] = {
		"type", "content", "target", "mode", "owner", "capabilities", "attributes"};
	bool any = false;

	for (unsigned int i = 0; i < HULL_ASPECTS; i++)
		if (aspects & 1U << i) {
			hull_buf_addf(out, any ? ", %s" : ": %s", names[i]);
			any = true;
		}
}

static void add_file(const struct hull_file_difference *f, struct hull_buf *out)
{
	hull_report_element(out, "<tr><td><code>", f->path, "</code>");
	hull_report_element(out, f->package ? " <span class=\"of\">of " : "", f->package,
			    f->package ? "</span></td>" : "</td>");
	hull_buf_addf(out, "<td><span class=\"kind %s\">%s</span>", hull_difference_name(f->kind),
		      hull_difference_name(f->kind));
	add_aspects(out, f->kind == HULL_CHANGED ? f->aspects : 0);
	hull_buf_adds(out, f->privilege ? " <strong class=\"privilege\">privilege</strong></td><td>"
					: "</td><td>");
	if (f->old.mode)
		add_state(out, &f->old);
	hull_buf_adds(out, "</td><td>");
	if (f->now.mode)
		add_state(out, &f->now);
	hull_buf_adds(out, "</td></tr>\n");
}

static void add_files(const struct hull_comparison *c, struct hull_buf *out)
{
	static const char *const columns[] = {"File", "Change", "Before", "Now", NULL};
	size_t shown = 0;

	open_table(out, "stack files", "Files that differ, those with privileges first", columns);
	for (int privilege = 1; privilege >= 0; privilege--)
		for (size_t i = 0; i < c->nfiles; i++)
			if (c->files[i].privilege == (privilege == 1) && shown++ < MAX_FILES)
				add_file(&c->files[i], out);
	close_table(out);
	if (shown > MAX_FILES) {
		hull_buf_adds(out, "<p>");
		hull_report_number(out, shown - MAX_FILES);
		hull_buf_adds(out, " further files differ; <code>hull diff --json</code> lists "
				   "them.</p>\n");
	}
}

/* --- settings --- */

static void add_settings(const char *caption, const struct hull_setting_differences *d,
			 struct hull_buf *out)
{
	static const char *const columns[] = {"Name", "Before", "Now", NULL};

	if (d->n == 0)
		return;
	open_table(out, "stack settings", caption, columns);
	for (size_t i = 0; i < d->n; i++) {
		hull_report_element(out, "<tr><th scope=\"row\"><code>", d->v[i].name,
				    "</code></th>");
		hull_report_element(out, "<td>", d->v[i].old ? d->v[i].old : "–", "</td>");
		hull_report_element(out, "<td>", d->v[i].now ? d->v[i].now : "–", "</td></tr>\n");
	}
	close_table(out);
}

static void add_sizes(const struct hull_comparison *c, struct hull_buf *out)
{
	static const char *const columns[] = {"Part", ">Before", ">Now", ">Change", NULL};

	open_table(out, "stack sizes", "Sizes", columns);
	for (size_t i = 0; i < c->nsizes; i++) {
		const struct hull_size_difference *s = &c->sizes[i];

		hull_report_element(out, "<tr><th scope=\"row\">", s->name,
				    "</th><td class=\"n\">");
		add_bytes(out, s->old_bytes);
		hull_buf_adds(out, "</td><td class=\"n\">");
		add_bytes(out, s->new_bytes);
		hull_buf_adds(out, "</td>");
		add_growth(out, s->old_bytes, s->new_bytes);
		hull_buf_adds(out, "</tr>\n");
	}
	close_table(out);
}

static void add_summary(const struct hull_comparison *c, struct hull_buf *out)
{
	size_t counts[4] = {0};

	for (size_t i = 0; i < c->npackages; i++)
		counts[c->packages[i].kind]++;
	hull_report_element(out, "<p>Against <code>", c->old_path, "</code>: ");
	hull_buf_addf(
		out,
		"of the packages %zu added, %zu removed, %zu changed, %zu rebuilt; files that "
		"differ: %zu.</p>\n",
		counts[HULL_ADDED], counts[HULL_REMOVED], counts[HULL_CHANGED],
		counts[HULL_REBUILT], c->nfiles);
}

void hull_report_compare(struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_comparison *c = w->report->comparison;

	if (!c)
		return;
	hull_buf_adds(out, "<section aria-labelledby=\"difference\">\n"
			   "<h2 id=\"difference\">Difference</h2>\n");
	if (hull_comparison_is_empty(c))
		hull_report_element(out, "<p>Nothing differs from <code>", c->old_path,
				    "</code>.</p>\n");
	else
		add_summary(c, out);
	if (c->nsizes)
		add_sizes(c, out);
	if (c->npackages)
		add_packages(w, c, out);
	add_settings("Units", &c->units, out);
	add_settings("Presets", &c->presets, out);
	add_settings("Kernel options", &c->kernel, out);
	add_settings("Kernel command line", &c->command_line, out);
	add_settings("Operating system", &c->os_release, out);
	if (c->nfiles)
		add_files(c, out);
	hull_buf_adds(out, "</section>\n");
}

void hull_report_compare_link(struct hull_report_work *w, struct hull_buf *out)
{
	if (w->report->comparison)
		hull_buf_adds(out, "<li><a href=\"#difference\">Difference</a></li>\n");
}
