// SPDX-License-Identifier: MIT
#include "system/sysusers.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "system/confdir.h"
#include "system/specifier.h"
#include "system/userdb.h"

enum { TYPE, NAME, ID, GECOS, HOME, SHELL, NFIELDS };
enum { MAX_NAME = 31, MAX_LINES = 20000 };

static bool valid_name(const char *s)
{
	size_t n = 0;

	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	for (; s[n]; n++)
		if (!isalnum((unsigned char)s[n]) && !strchr("_-.", s[n]))
			return false;
	return n <= MAX_NAME;
}

static bool valid_text(const char *s)
{
	for (; *s; s++)
		if (*s == ':' || iscntrl((unsigned char)*s))
			return false;
	return true;
}

/* The fields of a line with specifiers expanded; those left out or "-" are NULL. */
static int split(const struct hull_tree *t, const char *line, struct hull_arena *a,
		 const char **field, struct hull_err *e)
{
	hull_autobuf struct hull_buf word = {0}, text = {0};
	int rc = 1;

	for (int i = 0; i < NFIELDS; i++) {
		rc = hull_line_word(&line, false, &word);
		if (rc < 0)
			return hull_fail(e, HULL_FAILED, "a quote without its end");
		if (rc == 0)
			break;
		if (!strcmp(word.p, "-") || !word.n)
			continue;
		rc = hull_specifier_expand(t, word.p, &text, e);
		if (rc < 0)
			return -1;
		if (rc == 1)
			return hull_fail(e, HULL_FAILED,
					 "'%s': a specifier that only the running system knows",
					 word.p);
		field[i] = hull_arena_strdup(a, text.p);
	}
	if (*line)
		return hull_fail(e, HULL_FAILED, "'%s' behind the last field", line);
	return 0;
}

static int parse_range(const char *text, struct hull_sysuser *out, struct hull_err *e)
{
	hull_autofree char *low = NULL;
	const char *dash = text ? strchr(text, '-') : NULL;

	low = dash ? hull_strndup(text, (size_t)(dash - text)) : hull_strdup(text);
	if (!low || !hull_parse_id(low, &out->low) ||
	    !hull_parse_id(dash ? dash + 1 : low, &out->high) || out->low > out->high)
		return hull_fail(e, HULL_FAILED, "'%s' is not a range of ids", text ? text : "-");
	return 0;
}

/* A number, or nothing, or the path of a file whose owner has the id: it will get the id that the
 * name is given, since files belong to names. */
static bool parse_own_id(const char *text, int64_t *out)
{
	uint32_t id;

	*out = -1;
	if (!text || !strcmp(text, "-") || *text == '/')
		return true;
	if (!hull_parse_id(text, &id))
		return false;
	*out = id;
	return true;
}

static int parse_user_id(const char *text, struct hull_arena *a, struct hull_sysuser *out,
			 struct hull_err *e)
{
	const char *colon = text && *text != '/' ? strchr(text, ':') : NULL;
	const char *own = colon ? hull_arena_strndup(a, text, (size_t)(colon - text)) : text;
	uint32_t gid;

	if (!parse_own_id(own, &out->id))
		return hull_fail(e, HULL_FAILED, "'%s' is not a uid", text);
	if (!colon)
		return 0;
	if (hull_parse_id(colon + 1, &gid))
		out->gid = gid;
	else if (valid_name(colon + 1))
		out->group = colon + 1;
	else
		return hull_fail(e, HULL_FAILED, "'%s' is not a group", colon + 1);
	return 0;
}

static int parse_user(const char **f, struct hull_arena *a, struct hull_sysuser *out,
		      struct hull_err *e)
{
	for (int i = GECOS; i <= SHELL; i++)
		if (f[i] && !valid_text(f[i]))
			return hull_fail(e, HULL_FAILED, "'%s' cannot stand in /etc/passwd", f[i]);
	for (int i = HOME; i <= SHELL; i++)
		if (f[i] && *f[i] != '/')
			return hull_fail(e, HULL_FAILED, "'%s' is not an absolute path", f[i]);
	out->gecos = f[GECOS];
	out->home = f[HOME];
	out->shell = f[SHELL];
	return parse_user_id(f[ID], a, out, e);
}

static int parse_fields(const char **f, struct hull_arena *a, struct hull_sysuser *out,
			struct hull_err *e)
{
	const char *type = f[TYPE] ? f[TYPE] : "-";

	if (!strchr("ugmr", *type) || !(type[1] == '\0' || !strcmp(type, "u!")))
		return hull_fail(e, HULL_FAILED, "unknown type '%s'", type);
	out->type = *type;
	out->locked = type[1] == '!';
	out->name = f[NAME];
	if (out->type == 'r' ? out->name != NULL : !out->name || !valid_name(out->name))
		return hull_fail(e, HULL_FAILED, "'%s' is not a valid name here",
				 out->name ? out->name : "-");
	if (out->type == 'u')
		return parse_user(f, a, out, e);
	if (f[GECOS] || f[HOME] || f[SHELL])
		return hull_fail(e, HULL_FAILED, "a line of type '%s' has three fields", type);
	if (out->type == 'r')
		return parse_range(f[ID], out, e);
	if (out->type == 'm') {
		out->group = f[ID];
		if (!out->group || !valid_name(out->group))
			return hull_fail(e, HULL_FAILED, "'%s' is not the name of a group",
					 out->group ? out->group : "-");
		return 0;
	}
	if (!parse_own_id(f[ID], &out->id))
		return hull_fail(e, HULL_FAILED, "'%s' is not a gid", f[ID]);
	return 0;
}

static int parse_line(const struct hull_tree *t, const char *line, const char *where, void *to,
		      struct hull_err *e)
{
	struct hull_sysusers *out = to;
	const char *field[NFIELDS] = {0};
	struct hull_sysuser item = {.id = -1, .gid = -1};

	if (!*line || *line == '#')
		return 0;
	if (split(t, line, &out->arena, field, e) < 0 ||
	    parse_fields(field, &out->arena, &item, e) < 0)
		return hull_wrap(e, "%s: ", where);
	item.where = hull_arena_strdup(&out->arena, where);
	if (out->n == MAX_LINES)
		return hull_fail(e, HULL_FAILED, "%s: more than %d lines", where, MAX_LINES);
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n++] = item;
	return 0;
}

int hull_sysusers_read(const struct hull_tree *t, struct hull_sysusers *out, struct hull_err *e)
{
	*out = (struct hull_sysusers){0};
	if (hull_confdir_read(t, "sysusers.d", ".conf", parse_line, out, e) == 0)
		return 0;
	hull_sysusers_fini(out);
	return -1;
}

void hull_sysusers_fini(struct hull_sysusers *s)
{
	hull_arena_fini(&s->arena);
	free(s->v);
	*s = (struct hull_sysusers){0};
}
