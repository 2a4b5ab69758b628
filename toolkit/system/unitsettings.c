// SPDX-License-Identifier: MIT
#include "system/unitsettings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "system/confdir.h"

struct settings_reader {
	struct hull_arena *a;
	struct hull_unit_settings *out;
	const char *section;
};

static void take_line(struct settings_reader *r, const char *line)
{
	const char *equals = strchr(line, '='), *end;

	if (*line == '[') {
		end = strchr(line, ']');
		r->section =
			end ? hull_arena_strndup(r->a, line + 1, (size_t)(end - line - 1)) : "";
		return;
	}
	if (!equals)
		return;
	for (end = equals; end > line && isspace((unsigned char)end[-1]);)
		end--;
	for (equals++; isspace((unsigned char)*equals);)
		equals++;
	r->out->v = hull_grow(r->out->v, &r->out->cap, r->out->n, sizeof *r->out->v);
	r->out->v[r->out->n++] = (struct hull_unit_setting){
		r->section, hull_arena_strndup(r->a, line, (size_t)(end - line)),
		hull_arena_strdup(r->a, equals)};
}

/* Lines that end in a backslash go on in the next one that is no comment. */
static void take_text(struct settings_reader *r, const struct hull_buf *text)
{
	hull_autobuf struct hull_buf joined = {0};
	struct hull_lines lines;
	const char *line;

	r->section = "";
	hull_buf_adds(&joined, "");
	hull_lines_init(&lines, text->p, text->n);
	while ((line = hull_lines_next(&lines))) {
		if (*line == '#' || *line == ';')
			continue;
		hull_buf_adds(&joined, line);
		if (joined.n && joined.p[joined.n - 1] == '\\') {
			joined.p[joined.n - 1] = ' ';
			continue;
		}
		take_line(r, joined.p);
		joined.n = 0;
		hull_buf_adds(&joined, "");
	}
	if (joined.n)
		take_line(r, joined.p);
	hull_lines_fini(&lines);
}

static int take_file(struct settings_reader *r, const struct hull_tree *t, int node,
		     const char *path, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_tree_read(t, node, &text, e) < 0)
		return hull_wrap(e, "%s: ", path);
	take_text(r, &text);
	return 0;
}

static int take_drop_ins(struct settings_reader *r, const struct hull_tree *t,
			 const struct hull_unit *u, struct hull_err *e)
{
	const char *template_name = hull_unit_template(u->name, r->a), *dot = strrchr(u->name, '.');
	const char *const names[] = {u->name, template_name, dot ? dot + 1 : NULL};
	struct hull_confdir files = {0};
	int rc = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (int f = 0; names[i] && hull_unit_scopes[0].directories[f]; f++)
			hull_confdir_add(t,
					 hull_arena_printf(r->a, "%s/%s.d",
							   hull_unit_scopes[0].directories[f],
							   names[i]),
					 ".conf", &files);
	hull_confdir_sort(&files);
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		rc = take_file(r, t, files.v[i].node, files.v[i].path, e);
	hull_confdir_fini(&files);
	return rc;
}

int hull_unit_settings_read(const struct hull_tree *t, const struct hull_unit *u,
			    struct hull_arena *a, struct hull_unit_settings *out,
			    struct hull_err *e)
{
	struct settings_reader r = {.a = a, .out = out};
	int node = hull_tree_follow(t, u->path);

	*out = (struct hull_unit_settings){0};
	if (node < 0)
		return hull_fail(e, HULL_FAILED, "%s: is not there", u->path);
	if (take_file(&r, t, node, u->path, e) < 0 || take_drop_ins(&r, t, u, e) < 0) {
		hull_unit_settings_fini(out);
		return -1;
	}
	return 0;
}

void hull_unit_settings_fini(struct hull_unit_settings *s)
{
	free(s->v);
	*s = (struct hull_unit_settings){0};
}

const char *hull_unit_setting(const struct hull_unit_settings *s, const char *section,
			      const char *key)
{
	for (size_t i = s->n; i-- > 0;)
		if (!strcmp(s->v[i].key, key) && !strcmp(s->v[i].section, section))
			return *s->v[i].value ? s->v[i].value : NULL;
	return NULL;
}

void hull_unit_setting_list(const struct hull_unit_settings *s, const char *section,
			    const char *key, struct hull_strv *out)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].key, key) != 0 || strcmp(s->v[i].section, section) != 0)
			continue;
		if (*s->v[i].value)
			hull_strv_add(out, s->v[i].value);
		else
			hull_strv_fini(out);
	}
}
