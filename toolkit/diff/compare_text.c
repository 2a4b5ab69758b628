// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "diff/compare.h"
#include "diff/compare_line.h"
#include "text/printable.h"

struct text {
	const struct hull_comparison *c;
	struct hull_buf *out;
	struct hull_arena arena;
};

/* A text of several lines, each behind the same blanks. */
static void indent(const char *s, const char *blanks, struct text *t)
{
	while (*s) {
		size_t n = strcspn(s, "\n");
		const char *line = hull_arena_strndup(&t->arena, s, n);

		hull_buf_showf(t->out, "%s%s\n", blanks, line);
		s += n + (s[n] == '\n');
	}
}

static void add_log(const struct hull_package_difference *p, struct text *t)
{
	if (p->reverted)
		hull_buf_adds(t->out, "      without:\n");
	for (size_t i = 0; i < p->nlog; i++) {
		hull_buf_adds(t->out, "      ");
		hull_line_date(p->log[i]->time, t->out);
		hull_buf_showf(t->out, " %s\n", p->log[i]->author);
		indent(p->log[i]->text, "        ", t);
	}
}

static void add_package(size_t i, struct text *t)
{
	const struct hull_package_difference *p = &t->c->packages[i];
	int64_t bytes = p->new_bytes - p->old_bytes;

	hull_buf_showf(t->out, "  %c %s", hull_line_sign(p->kind), p->name);
	if (p->kind == HULL_CHANGED)
		hull_buf_showf(t->out, " %s -> %s", p->old_evr, p->new_evr);
	else
		hull_buf_showf(t->out, " %s%s", p->new_evr ? p->new_evr : p->old_evr,
			       p->kind == HULL_REBUILT ? ", another build" : "");
	if (bytes) {
		hull_buf_adds(t->out, "  ");
		hull_line_bytes(bytes, true, t->out);
	}
	hull_buf_addc(t->out, '\n');
	if (p->nlog && !p->log_told)
		add_log(p, t);
}

static void add_cves(struct text *t)
{
	size_t max = hull_line_max_cves(t->c), n;
	const char **ids = hull_arena_array(&t->arena, max + 1, sizeof *ids);
	const char **packages = hull_arena_array(&t->arena, max + 1, sizeof *packages);

	n = hull_line_cves(t->c, ids, packages);
	if (n)
		hull_buf_showf(t->out, "CVE ids in these changelogs: %zu\n", n);
	for (size_t i = 0; i < n; i++)
		hull_buf_showf(t->out, "  %s (%s)\n", ids[i], packages[i]);
}

static void add_files(bool privileges, struct text *t)
{
	for (size_t i = 0; i < t->c->nfiles; i++) {
		const struct hull_file_difference *f = &t->c->files[i];

		if (privileges && !f->privilege)
			continue;
		hull_buf_showf(t->out, "  %c %s: ", hull_line_sign(f->kind), f->path);
		hull_line_file(f, t->out);
		if (f->package)
			hull_buf_showf(t->out, " (%s)", f->package);
		hull_buf_addc(t->out, '\n');
	}
}

static bool has_privileges(const struct hull_comparison *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		if (c->files[i].privilege)
			return true;
	return false;
}

static void add_settings(const char *title, const struct hull_setting_differences *d,
			 struct text *t)
{
	if (d->n)
		hull_buf_showf(t->out, "%s: %zu differ\n", title, d->n);
	for (size_t i = 0; i < d->n; i++) {
		const struct hull_setting_difference *s = &d->v[i];
		const char *one = s->old ? s->old : s->now ? s->now : "";

		hull_buf_showf(t->out, "  %c %s",
			       s->old && s->now ? '~'
			       : s->now		? '+'
						: '-',
			       s->name);
		if (s->old && s->now)
			hull_buf_showf(t->out, ": %s -> %s", s->old, s->now);
		else if (*one)
			hull_buf_showf(t->out, ": %s", one);
		hull_buf_addc(t->out, '\n');
	}
}

static void add_sizes(struct text *t)
{
	if (t->c->nsizes)
		hull_buf_adds(t->out, "sizes:\n");
	for (size_t i = 0; i < t->c->nsizes; i++) {
		const struct hull_size_difference *s = &t->c->sizes[i];

		hull_buf_showf(t->out, "  %s: ", s->name);
		if (s->old_bytes < 0 || s->new_bytes < 0) {
			hull_buf_adds(t->out, s->old_bytes < 0 ? "new, " : "gone, ");
			hull_line_bytes(s->old_bytes < 0 ? s->new_bytes : s->old_bytes, false,
					t->out);
		} else {
			hull_line_bytes(s->old_bytes, false, t->out);
			hull_buf_adds(t->out, " -> ");
			hull_line_bytes(s->new_bytes, false, t->out);
			hull_buf_adds(t->out, " (");
			hull_line_bytes(s->new_bytes - s->old_bytes, true, t->out);
			hull_buf_addc(t->out, ')');
		}
		hull_buf_addc(t->out, '\n');
	}
}

static void add_packages(struct text *t)
{
	if (!t->c->npackages)
		return;
	hull_buf_adds(t->out, "packages: ");
	hull_line_counts(t->c, false, t->out);
	hull_buf_addc(t->out, '\n');
	for (size_t i = 0; i < t->c->npackages; i++)
		add_package(i, t);
	add_cves(t);
}

void hull_compare_text(const struct hull_comparison *c, bool files, struct hull_buf *out)
{
	struct text t = {.c = c, .out = out};

	if (hull_comparison_is_empty(c))
		hull_buf_adds(out, "no differences\n");
	add_packages(&t);
	if (has_privileges(c)) {
		hull_buf_adds(out, "set-uid, set-gid and capabilities:\n");
		add_files(true, &t);
	}
	add_settings("units", &c->units, &t);
	add_settings("presets", &c->presets, &t);
	add_settings("kernel options", &c->kernel, &t);
	add_settings("kernel command line", &c->command_line, &t);
	add_settings("os-release", &c->os_release, &t);
	if (c->nfiles) {
		hull_buf_adds(out, "files: ");
		hull_line_counts(c, true, out);
		hull_buf_adds(out, files ? "\n" : " (--files lists them)\n");
	}
	if (files)
		add_files(false, &t);
	add_sizes(&t);
	if (!c->with_files)
		hull_buf_adds(out, "only packages were compared: not both are images\n");
	hull_arena_fini(&t.arena);
}
