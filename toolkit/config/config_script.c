// SPDX-License-Identifier: MIT
#include <string.h>

#include "config/config_document.h"
#include "config/config_field.h"

/* PostInstallScripts and FinalizeImageScripts. */

static const char white[] = " \t\r\n";

/* The interpreter of the first line, as a kernel would take it: one argument at most. */
static const char *const *read_program(struct hull_arena *a, const char *body)
{
	const char **program = hull_arena_array(a, 3, sizeof *program);
	size_t n = strcspn(body, "\r\n"), word;

	program[0] = "/bin/sh";
	if (!hull_starts(body, "#!"))
		return program;
	body += 2;
	n -= 2;
	while (n && strchr(" \t", *body)) {
		body++;
		n--;
	}
	word = strcspn(body, white);
	if (!word)
		return program;
	program[0] = hull_arena_strndup(a, body, word);
	body += word;
	n -= word;
	word = strspn(body, " \t");
	while (n > word && strchr(" \t", body[n - 1]))
		n--;
	if (n > word)
		program[1] = hull_arena_strndup(a, body + word, n - word);
	return program;
}

static int read_path(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	struct hull_config_script *s = into;
	hull_autobuf struct hull_buf text = {0};
	const char *name = hull_config_string(v, e), *path;

	if (!name || hull_config_text(r, v, name, &path, &text, e) < 0)
		return -1;
	if (!text.n)
		return hull_jsonpos_fail(e, v, "%s: %s is empty", v->name, path);
	if (strlen(text.p) != text.n)
		return hull_jsonpos_fail(e, v, "%s: %s is no script: it has a NUL", v->name, path);
	s->path = hull_arena_strdup(&r->c->arena, name);
	s->body = hull_arena_strdup(&r->c->arena, text.p);
	s->program = read_program(&r->c->arena, s->body);
	if (s->program[0][0] != '/')
		return hull_jsonpos_fail(e, v, "%s: %s: its first line has no absolute path: %s",
					 v->name, path, s->program[0]);
	return 0;
}

static int read_arguments(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	struct hull_config_script *s = into;
	const char *at = hull_config_string(v, e);
	size_t n = 0;

	if (!at)
		return -1;
	if (strpbrk(at, "'\"\\$`|&;<>()*?[]#~"))
		return hull_jsonpos_fail(e, v,
					 "Args: words are separated by blanks; nothing is "
					 "quoted or expanded");
	for (at += strspn(at, white); *at; at += strspn(at, white)) {
		size_t word = strcspn(at, white);

		if (n == sizeof s->arguments / sizeof *s->arguments)
			return hull_jsonpos_fail(e, v, "Args: more than %zu words", n);
		s->arguments[n++] = hull_arena_strndup(&r->c->arena, at, word);
		at += word;
	}
	return 0;
}

static const struct hull_config_field script_fields[] = {
	{"Path", HULL_FIELD_CALL, .read = read_path},
	{"Args", HULL_FIELD_CALL, .read = read_arguments},
	{.kind = HULL_FIELD_END},
};

static int read_script(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		       const char *member, bool last, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct hull_config_script s = {.member = member, .where = hull_config_where(r, v)};
	size_t at;

	if (hull_config_object(r, v, script_fields, &s, e) < 0)
		return -1;
	if (!s.path)
		return hull_jsonpos_fail(e, v, "%s: a script without a Path", member);
	c->scripts = hull_config_more(c->scripts, &c->nscripts, sizeof s);
	for (at = c->nscripts - 1; !last && at && strcmp(c->scripts[at - 1].member, member) != 0;
	     at--)
		c->scripts[at] = c->scripts[at - 1];
	c->scripts[at] = s;
	return 0;
}

int hull_config_post_script(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			    void *into, struct hull_err *e)
{
	(void)into;
	return read_script(r, v, "PostInstallScripts", false, e);
}

int hull_config_finalize_script(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
				void *into, struct hull_err *e)
{
	(void)into;
	return read_script(r, v, "FinalizeImageScripts", true, e);
}

int hull_config_refuse_scripts(const struct hull_image_config *c, struct hull_strv *errors,
			       struct hull_err *e)
{
	for (size_t i = 0; i < c->nscripts; i++) {
		const struct hull_config_script *s = &c->scripts[i];
		hull_autofree char *text = hull_asprintf(
			"%s: %s: %s: scripts run with --scriptlets=sandbox only; without it, use "
			"AdditionalFiles, Users, Groups and Services",
			s->where, s->member, s->path);

		if (errors)
			hull_strv_add(errors, text);
		if (i == 0)
			hull_fail(e, HULL_FAILED, "%-s", text);
	}
	return c->nscripts ? -1 : 0;
}
