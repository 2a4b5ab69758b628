// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "report/report_section.h"

static void term(struct hull_buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	hull_buf_addf(out, "<div><dt>%s</dt>", name);
	hull_report_element(out, "<dd>", value, "</dd></div>\n");
}

static void add_date(struct hull_buf *out, int64_t seconds)
{
	struct hull_arena a = {0};
	const char *at = hull_time_text(&a, seconds);

	term(out, "As of",
	     hull_arena_printf(&a, "%s %.5s UTC", hull_date_text(&a, seconds),
			       strchr(at, 'T') + 1));
	hull_arena_fini(&a);
}

static void add_facts(const struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_system *s = w->system;
	hull_autobuf struct hull_buf os = {0};

	hull_buf_adds(&os, s->os_name ? s->os_name : s->os_id ? s->os_id : "");
	if (s->os_version && !(s->os_name && strstr(s->os_name, s->os_version)))
		hull_buf_addf(&os, " %s", s->os_version);
	hull_buf_adds(out, "<dl class=\"facts\">\n");
	term(out, "System", os.p);
	term(out, "Kernel", s->kernel_version);
	add_date(out, w->report->time);
	term(out, "Architecture", s->has_lock ? s->lock.arch : NULL);
	term(out, "Command line", s->command_line);
	term(out, "Note", s->note);
	hull_buf_adds(out, "</dl>\n");
}

static void figure(struct hull_buf *out, const char *value, const char *what)
{
	hull_buf_addf(out, "<li><strong>%s</strong> %s</li>\n", value, what);
}

static void add_figures(const struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_system *s = w->system;
	hull_autobuf struct hull_buf packages = {0}, bytes = {0}, files = {0}, disk = {0};

	hull_report_number(&packages, s->npackages);
	hull_report_size(&bytes, w->bytes);
	hull_report_number(&files, w->files);
	hull_buf_adds(out, "<ul class=\"figures\" aria-label=\"Figures\">\n");
	figure(out, packages.p, s->npackages == 1 ? "package" : "packages");
	figure(out, bytes.p, "in files");
	figure(out, files.p, w->files == 1 ? "file" : "files");
	if (s->disk && hull_disk_size(s->disk)) {
		hull_report_size(&disk, hull_disk_size(s->disk));
		figure(out, disk.p, "disk");
	}
	hull_buf_adds(out, "</ul>\n");
}

static void add_severities(const struct hull_report_work *w, struct hull_buf *out)
{
	const struct hull_findings *f = w->report->findings;
	size_t counts[HULL_SEVERITIES] = {0}, accepted = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].accepted)
			accepted++;
		else
			counts[f->v[i].severity]++;
	hull_buf_adds(out, "<ul class=\"severities\" aria-label=\"Findings by severity\">\n");
	for (int s = HULL_SEVERITIES - 1; s >= 0; s--) {
		const char *name = hull_severity_name((enum hull_severity)s);

		if (counts[s])
			hull_buf_addf(out,
				      "<li class=\"%s\"><a href=\"#%s\"><strong>%zu</strong> %s"
				      "</a></li>\n",
				      name, name, counts[s], name);
		else
			hull_buf_addf(out, "<li class=\"%s none\"><strong>0</strong> %s</li>\n",
				      name, name);
	}
	if (accepted)
		hull_buf_addf(out,
			      "<li class=\"accepted\"><a href=\"#accepted\"><strong>%zu</strong> "
			      "accepted</a></li>\n",
			      accepted);
	hull_buf_adds(out, "</ul>\n");
}

void hull_report_header(struct hull_report_work *w, struct hull_buf *out)
{
	add_facts(w, out);
	add_figures(w, out);
	add_severities(w, out);
}
