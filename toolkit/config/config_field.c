// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Whether an object says of itself that nothing of it is wanted. */
static bool is_off(const json_t *j)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)j, key, v)
		if (!strcasecmp(key, "Enable") && json_is_false(v))
			return true;
	return false;
}

/* Whether a value asks for nothing, so that even a field that is not supported may have it. */
static bool is_nothing(const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;

	switch (json_typeof(j)) {
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	case JSON_STRING:
		return json_string_length(j) == 0;
	case JSON_INTEGER:
		return json_integer_value(j) == 0;
	case JSON_ARRAY:
		json_array_foreach (j, i, v)
			if (!is_nothing(v))
				return false;
		return true;
	case JSON_OBJECT:
		if (is_off(j))
			return true;
		json_object_foreach ((json_t *)j, key, v)
			if (!is_nothing(v))
				return false;
		return true;
	case JSON_REAL:
	case JSON_TRUE:
		break;
	}
	return false;
}

const char *hull_config_near(const char *name, const char *const *names, size_t n)
{
	size_t best = strlen(name) / 3 + 1;
	const char *near = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = strcasecmp(name, names[i]) ? hull_edit_distance(name, names[i]) : 0;

		if (d < best || (d == best && !near)) {
			best = d;
			near = names[i];
		}
	}
	return near;
}

static int unknown_field(const struct hull_jsonpos_value *v, const struct hull_config_field *fields,
			 struct hull_err *e)
{
	hull_autobuf struct hull_buf all = {0};
	const char *names[64], *near;
	size_t n = 0;

	for (; fields[n].kind != HULL_FIELD_END && n < 64; n++) {
		names[n] = fields[n].name;
		if (fields[n].kind != HULL_FIELD_REFUSED)
			hull_buf_addf(&all, "%s%s", all.n ? ", " : "", names[n]);
	}
	near = hull_config_near(v->key, names, n);
	if (near)
		return hull_jsonpos_fail_key(e, v, "%s: unknown field; did you mean %s?", v->key,
					     near);
	return hull_jsonpos_fail_key(e, v, "%s: unknown field; here may be %s", v->key, all.p);
}

static int wrong_type(const struct hull_jsonpos_value *v, const char *want, struct hull_err *e)
{
	return hull_jsonpos_fail(e, v, "%s: %s was expected", *v->name ? v->name : "the file",
				 want);
}

const char *hull_config_string(const struct hull_jsonpos_value *v, struct hull_err *e)
{
	if (json_is_string(v->json))
		return json_string_value(v->json);
	wrong_type(v, "a string", e);
	return NULL;
}

static int read_number(const struct hull_jsonpos_value *v, uint64_t max, uint64_t *out,
		       struct hull_err *e)
{
	if (!json_is_integer(v->json))
		return wrong_type(v, "a whole number", e);
	if (json_integer_value(v->json) < 0 || (uint64_t)json_integer_value(v->json) > max)
		return hull_jsonpos_fail(e, v, "%s: %lld is not between 0 and %llu", v->name,
					 (long long)json_integer_value(v->json),
					 (unsigned long long)max);
	*out = (uint64_t)json_integer_value(v->json);
	return 0;
}

static int read_strings(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			const struct hull_config_field *f, struct hull_strv *out,
			struct hull_err *e)
{
	struct hull_jsonpos_value item;
	int result = 0;

	if (!json_is_array(v->json))
		return wrong_type(v, "an array of strings", e);
	for (bool more = hull_jsonpos_first(v, &item); more; more = hull_jsonpos_next(&item)) {
		const char *s = hull_config_string(&item, e);

		if (s && (!f->read || f->read(r, &item, NULL, e) == 0)) {
			hull_strv_add(out, s);
			continue;
		}
		hull_config_note(r, e);
		result = -1;
	}
	return result;
}

static int read_each(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		     const struct hull_config_field *f, void *at, struct hull_err *e)
{
	struct hull_jsonpos_value item;
	int result = 0;

	if (!json_is_array(v->json))
		return wrong_type(v, "an array", e);
	for (bool more = hull_jsonpos_first(v, &item); more; more = hull_jsonpos_next(&item))
		if (f->read(r, &item, at, e) < 0) {
			hull_config_note(r, e);
			result = -1;
		}
	return result;
}

static int read_string(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		       const struct hull_config_field *f, const char **out, struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	if (!s)
		return -1;
	if (!*s)
		return 0;
	if (f->read && f->read(r, v, NULL, e) < 0)
		return -1;
	*out = hull_arena_strdup(&r->c->arena, s);
	return 0;
}

static int read_choice(const struct hull_jsonpos_value *v, const char *const *choices,
		       const char **out, struct hull_err *e)
{
	int i = hull_config_choice(v, choices, e);

	if (i > 0)
		*out = choices[i];
	return i < 0 ? -1 : 0;
}

static int read_field(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		      const struct hull_config_field *f, void *at, struct hull_err *e)
{
	if (json_is_null(v->json))
		return 0;
	switch (f->kind) {
	case HULL_FIELD_STRING:
		return read_string(r, v, f, at, e);
	case HULL_FIELD_CHOICE:
		return read_choice(v, f->choices, at, e);
	case HULL_FIELD_BOOL:
		if (!json_is_boolean(v->json))
			return wrong_type(v, "true or false", e);
		*(bool *)at = json_is_true(v->json);
		return 0;
	case HULL_FIELD_NUMBER:
		return read_number(v, f->max, at, e);
	case HULL_FIELD_STRINGS:
		return read_strings(r, v, f, at, e);
	case HULL_FIELD_OBJECT:
		return hull_config_object(r, v, f->fields, at, e);
	case HULL_FIELD_EACH:
		return read_each(r, v, f, at, e);
	case HULL_FIELD_CALL:
		return f->read(r, v, at, e);
	case HULL_FIELD_REFUSED:
		if (!r->asks_nothing && !is_nothing(v->json))
			return hull_jsonpos_fail_key(e, v, "%s: %s", v->key, f->reason);
		return 0;
	case HULL_FIELD_NOTE:
	case HULL_FIELD_END:
		break;
	}
	return 0;
}

/* The field of a member; NULL with e set if there is none. */
static const struct hull_config_field *find_field(struct hull_config_reader *r,
						  const struct hull_jsonpos_value *m,
						  const struct hull_config_field *fields,
						  struct hull_err *e)
{
	const struct hull_config_field *f = fields;

	while (f->kind != HULL_FIELD_END && strcmp(f->name, m->key) != 0)
		f++;
	if (f->kind != HULL_FIELD_END)
		return f;
	for (f = fields; f->kind != HULL_FIELD_END && strcasecmp(f->name, m->key) != 0;)
		f++;
	if (f->kind == HULL_FIELD_END) {
		unknown_field(m, fields, e);
		return NULL;
	}
	hull_config_warn(r, m, "%s: taken for %s, as it is spelled", m->key, f->name);
	return f;
}

int hull_config_object(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		       const struct hull_config_field *fields, void *into, struct hull_err *e)
{
	bool outer = r->asks_nothing;
	struct hull_jsonpos_value m;
	uint64_t seen = 0; /* no table has more than 64 fields */
	int result = 0;

	if (!json_is_object(v->json))
		return wrong_type(v, "an object", e);
	r->asks_nothing = outer || is_off(v->json);
	for (bool more = hull_jsonpos_first(v, &m); more; more = hull_jsonpos_next(&m)) {
		const struct hull_config_field *f;
		uint64_t bit;

		if (m.key[0] == '_')
			continue;
		f = find_field(r, &m, fields, e);
		bit = f ? UINT64_C(1) << (f - fields) : 0;
		if (seen & bit)
			hull_jsonpos_fail_key(e, &m, "%s: comes twice, in different cases", m.key);
		else if (f && read_field(r, &m, f, (char *)into + f->offset, e) == 0) {
			seen |= bit;
			continue;
		}
		seen |= bit;
		hull_config_note(r, e);
		result = -1;
	}
	r->asks_nothing = outer;
	return result;
}

const char *hull_config_where(struct hull_config_reader *r, const struct hull_jsonpos_value *v)
{
	unsigned line, column;

	hull_jsonpos_place(v, false, &line, &column);
	return hull_arena_printf(&r->c->arena, "%s:%u:%u", v->doc->path, line, column);
}

const char *hull_config_origin(struct hull_config_reader *r, const struct hull_jsonpos_value *v)
{
	unsigned line, column;

	hull_jsonpos_place(v, false, &line, &column);
	return hull_arena_printf(&r->c->arena, "%s:%u", r->shown, line);
}

int hull_config_choice(const struct hull_jsonpos_value *v, const char *const *choices,
		       struct hull_err *e)
{
	const char *s = hull_config_string(v, e);
	hull_autobuf struct hull_buf all = {0};

	if (!s)
		return -1;
	for (int i = 0; choices[i]; i++) {
		if (!strcmp(choices[i], s))
			return i;
		if (*choices[i])
			hull_buf_addf(&all, "%s%s", all.n ? ", " : "", choices[i]);
	}
	hull_jsonpos_fail(e, v, "%s: '%s' is not supported; %s %s", v->name, s,
			  all.n ? all.p : "nothing", all.n && strchr(all.p, ',') ? "are" : "is");
	return -1;
}

int hull_config_id(const struct hull_jsonpos_value *v, uint64_t max, int64_t *out,
		   struct hull_err *e)
{
	uint64_t n = 0;

	if (json_is_string(v->json)) {
		const char *s = json_string_value(v->json);

		if (!*s)
			return 0;
		if (!hull_parse_u64(s, 0, max, &n))
			return hull_jsonpos_fail(e, v,
						 "%s: '%s' is not a number between 0 and %llu",
						 v->name, s, (unsigned long long)max);
	} else if (read_number(v, max, &n, e) < 0) {
		return -1;
	}
	*out = (int64_t)n;
	return 0;
}

void *hull_config_more(void *array, size_t *n, size_t size)
{
	char *p = hull_realloc_array(array, *n + 1, size);

	memset(p + *n * size, 0, size);
	(*n)++;
	return p;
}

int hull_config_name(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *s = hull_config_string(v, e);

	(void)r;
	(void)into;
	if (!s)
		return -1;
	if (!*s || !strchr(first, *s) || strlen(s) > 31 ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-")])
		return hull_jsonpos_fail(e, v,
					 "%s: '%s' is no name of a user or group: at most 31 of "
					 "a-z A-Z 0-9 _ -, not starting with a digit or -",
					 v->name, s);
	return 0;
}

int hull_config_path(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	const char *s = hull_config_string(v, e);
	size_t n;

	(void)r;
	(void)into;
	if (!s)
		return -1;
	if (s[0] != '/')
		return hull_jsonpos_fail(e, v, "%s: '%s' is not an absolute path", v->name, s);
	if (strpbrk(s, " \t\n\\"))
		return hull_jsonpos_fail(e, v, "%s: a path with white space or '\\'", v->name);
	for (const char *p = s; *p; p += n) {
		p++;
		n = strcspn(p, "/");
		if ((!n && s[1]) || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return hull_jsonpos_fail(e, v, "%s: '%s' has an empty, '.' or '..' part",
						 v->name, s);
		if (n > 255)
			return hull_jsonpos_fail(e, v, "%s: a name of more than 255 bytes",
						 v->name);
	}
	return 0;
}
