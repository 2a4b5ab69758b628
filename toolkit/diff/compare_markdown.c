// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "diff/compare.h"
#include "diff/compare_line.h"
#include "text/printable.h"

enum { FEW_FILES = 20 }; /* are shown without being asked for */

struct markdown {
	const struct hull_comparison *c;
	struct hull_buf *out;
	struct hull_arena arena;
};

/* Text that Markdown, HTML and tables take for nothing else. */
static void plain(const char *s, struct markdown *m)
{
	for (s = hull_printable(s, &m->arena); *s; s++) {
		if (*s == '<')
			hull_buf_adds(m->out, "&lt;");
		else if (*s == '&' || *s == '@' || *s == '#') /* no mentions, no references */
			hull_buf_addf(m->out, "&#%d;", *s);
		else if (strchr("\\`*_{}[]|~", *s))
			hull_buf_addf(m->out, "\\%c", *s);
		else
			hull_buf_addc(m->out, *s);
	}
}

/* One that is there and empty is not one that is missing. */
static void cell(const char *s, struct markdown *m)
{
	hull_buf_addc(m->out, ' ');
	plain(!s ? "" : *s ? s : "(set)", m);
	hull_buf_adds(m->out, " |");
}

static void size_cell(int64_t bytes, bool sign, struct markdown *m)
{
	hull_buf_addc(m->out, ' ');
	hull_line_bytes(bytes, sign, m->out);
	hull_buf_adds(m->out, " |");
}

static void heading(const char *s, struct markdown *m)
{
	hull_buf_addf(m->out, "\n### %s\n\n", s);
}

static void add_packages(struct markdown *m)
{
	heading("Packages", m);
	hull_buf_adds(m->out, "| package | before | after | size |\n|---|---|---|---|\n");
	for (size_t i = 0; i < m->c->npackages; i++) {
		const struct hull_package_difference *p = &m->c->packages[i];

		hull_buf_addc(m->out, '|');
		cell(p->name, m);
		cell(p->old_evr, m);
		cell(p->kind == HULL_REBUILT ? "another build" : p->new_evr, m);
		size_cell(p->new_bytes - p->old_bytes, true, m);
		hull_buf_addc(m->out, '\n');
	}
}

static void add_entry(const struct hull_change *e, struct markdown *m)
{
	const char *s = e->text;

	hull_buf_adds(m->out, "- ");
	hull_line_date(e->time, m->out);
	hull_buf_addc(m->out, ' ');
	plain(e->author, m);
	hull_buf_addc(m->out, '\n');
	while (*s) {
		size_t n = strcspn(s, "\n"), skip = strspn(s, "-* ");

		if (skip > n)
			skip = n;
		hull_buf_adds(m->out, "  - ");
		plain(hull_arena_strndup(&m->arena, s + skip, n - skip), m);
		hull_buf_addc(m->out, '\n');
		s += n + (s[n] == '\n');
	}
}

static void add_logs(struct markdown *m)
{
	bool first = true;

	for (size_t i = 0; i < m->c->npackages; i++) {
		const struct hull_package_difference *p = &m->c->packages[i];

		if (!p->nlog || p->log_told)
			continue;
		if (first)
			heading("Changelogs", m);
		first = false;
		hull_buf_adds(m->out, "**");
		plain(p->name, m);
		hull_buf_adds(m->out, p->reverted ? "**, without:\n\n" : "**\n\n");
		for (size_t k = 0; k < p->nlog; k++)
			add_entry(p->log[k], m);
		hull_buf_addc(m->out, '\n');
	}
}

static void add_cves(struct markdown *m)
{
	size_t max = hull_line_max_cves(m->c), n;
	const char **ids = hull_arena_array(&m->arena, max + 1, sizeof *ids);
	const char **packages = hull_arena_array(&m->arena, max + 1, sizeof *packages);

	n = hull_line_cves(m->c, ids, packages);
	if (n)
		hull_buf_addf(m->out, "\nCVE ids in these changelogs: ");
	for (size_t i = 0; i < n; i++) {
		hull_buf_addf(m->out, "%s%s (", i ? ", " : "", ids[i]);
		plain(packages[i], m);
		hull_buf_addc(m->out, ')');
	}
	if (n)
		hull_buf_addc(m->out, '\n');
}

static void add_files(bool privileges, struct markdown *m)
{
	hull_autobuf struct hull_buf line = {0};

	hull_buf_adds(m->out, "| file | package | difference |\n|---|---|---|\n");
	for (size_t i = 0; i < m->c->nfiles; i++) {
		const struct hull_file_difference *f = &m->c->files[i];

		if (privileges && !f->privilege)
			continue;
		line.n = 0;
		if (f->kind != HULL_CHANGED)
			hull_buf_addf(&line, "%s: ", hull_difference_name(f->kind));
		hull_line_file(f, &line);
		hull_buf_addc(m->out, '|');
		cell(f->path, m);
		cell(f->package, m);
		cell(line.p, m);
		hull_buf_addc(m->out, '\n');
	}
}

static void add_privileges(struct markdown *m)
{
	for (size_t i = 0; i < m->c->nfiles; i++)
		if (m->c->files[i].privilege) {
			heading("Set-uid, set-gid and capabilities", m);
			add_files(true, m);
			return;
		}
}

static void add_settings(const char *title, const struct hull_setting_differences *d,
			 struct markdown *m)
{
	if (!d->n)
		return;
	heading(title, m);
	hull_buf_adds(m->out, "| name | before | after |\n|---|---|---|\n");
	for (size_t i = 0; i < d->n; i++) {
		hull_buf_addc(m->out, '|');
		cell(d->v[i].name, m);
		cell(d->v[i].old, m);
		cell(d->v[i].now, m);
		hull_buf_addc(m->out, '\n');
	}
}

static void add_sizes(struct markdown *m)
{
	if (!m->c->nsizes)
		return;
	heading("Sizes", m);
	hull_buf_adds(m->out, "| what | before | after | difference |\n|---|---|---|---|\n");
	for (size_t i = 0; i < m->c->nsizes; i++) {
		const struct hull_size_difference *s = &m->c->sizes[i];

		hull_buf_addc(m->out, '|');
		cell(s->name, m);
		if (s->old_bytes < 0)
			cell(NULL, m);
		else
			size_cell(s->old_bytes, false, m);
		if (s->new_bytes < 0)
			cell(NULL, m);
		else
			size_cell(s->new_bytes, false, m);
		if (s->old_bytes < 0 || s->new_bytes < 0)
			cell(NULL, m);
		else
			size_cell(s->new_bytes - s->old_bytes, true, m);
		hull_buf_addc(m->out, '\n');
	}
}

void hull_compare_markdown(const struct hull_comparison *c, bool files, struct hull_buf *out)
{
	struct markdown m = {.c = c, .out = out};

	hull_buf_adds(out, "## ");
	plain(hull_basename(c->old_path), &m);
	hull_buf_adds(out, " → ");
	plain(hull_basename(c->new_path), &m);
	hull_buf_addc(out, '\n');
	if (hull_comparison_is_empty(c))
		hull_buf_adds(out, "\nNo differences.\n");
	if (c->npackages) {
		add_packages(&m);
		add_cves(&m);
		add_logs(&m);
	}
	add_privileges(&m);
	add_settings("Units", &c->units, &m);
	add_settings("Presets", &c->presets, &m);
	add_settings("Kernel options", &c->kernel, &m);
	add_settings("Kernel command line", &c->command_line, &m);
	add_settings("os-release", &c->os_release, &m);
	if (c->nfiles) {
		heading("Files", &m);
		hull_line_counts(c, true, out);
		hull_buf_adds(out, "\n\n");
		if (files || c->nfiles <= FEW_FILES)
			add_files(false, &m);
	}
	add_sizes(&m);
	hull_arena_fini(&m.arena);
}
