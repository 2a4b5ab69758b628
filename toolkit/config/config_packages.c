// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <ctype.h>
#include <string.h>

/* "name", "name >= 1.2" or "name=1.2" as "name op evr"; a file, a rich dependency as it is. NULL if
 * it is none of these. */
static const char *parse_want(struct hull_arena *a, const char *s)
{
	static const char *const operators[] = {">=", "<=", "==", "=", ">", "<"};
	size_t name = strcspn(s, " \t\n<>="), n;
	const char *op = s + name, *sign = NULL;

	if (s[0] == '(')
		return s[strlen(s) - 1] == ')' && !strpbrk(s, "\t\n") ? hull_arena_strdup(a, s)
								      : NULL;
	if (!name || (!isalnum((unsigned char)s[0]) && s[0] != '/' && s[0] != '_'))
		return NULL;
	op += strspn(op, " ");
	if (!*op)
		return op == s + name ? hull_arena_strdup(a, s) : NULL;
	for (size_t i = 0; i < sizeof operators / sizeof *operators && !sign; i++)
		if (hull_starts(op, operators[i]))
			sign = operators[i];
	if (!sign)
		return NULL;
	op += strlen(sign);
	op += strspn(op, " ");
	n = strlen(op);
	if (!n || strcspn(op, " \t\n<>=()") != n)
		return NULL;
	return hull_arena_printf(a, "%.*s %s %s", (int)name, s, strcmp(sign, "==") ? sign : "=",
				 op);
}

static int add_want(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		    enum hull_want_kind kind, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	const char *s = hull_config_string(v, e);
	struct hull_want w = {.kind = kind};
	size_t place;

	if (!s)
		return -1;
	w.package = parse_want(&c->arena, s);
	if (!w.package)
		return hull_jsonpos_fail(e, v,
					 "%s: '%s' is no package: a name, or a name with a "
					 "version like 'zlib >= 1.3'",
					 v->name, s);
	if (hull_index_find(&r->wanted, w.package, &place)) {
		if (kind == HULL_WANT_KERNEL)
			c->wants[place].kind = kind;
		return 0;
	}
	hull_index_put(&r->wanted, w.package, c->nwants);
	w.origin = hull_config_origin(r, v);
	c->wants = hull_config_more(c->wants, &c->nwants, sizeof w);
	c->wants[c->nwants - 1] = w;
	return 0;
}

static int read_listed(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	(void)into;
	return add_want(r, v, HULL_WANT_LIST, e);
}

int hull_config_package(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	(void)into;
	return add_want(r, v, HULL_WANT_PACKAGES, e);
}

static const struct hull_config_field list_fields[] = {
	{"packages", HULL_FIELD_EACH, .read = read_listed},
	{.kind = HULL_FIELD_END},
};

/* A file of its own: {"packages": [...]}. */
int hull_config_package_list(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			     void *into, struct hull_err *e)
{
	const char *s = hull_config_string(v, e), *path, *shown = r->shown;
	hull_autobuf struct hull_buf text = {0};
	struct hull_jsonpos doc;
	struct hull_jsonpos_value root;
	int result;

	(void)into;
	if (!s)
		return -1;
	if (hull_config_text(r, v, s, &path, &text, e) < 0 ||
	    hull_jsonpos_parse(&text, path, &doc, e) < 0)
		return -1;
	r->shown = hull_arena_strdup(&r->c->arena, s);
	root = hull_jsonpos_root(&doc);
	result = hull_config_object(r, &root, list_fields, NULL, e);
	r->shown = shown;
	hull_jsonpos_fini(&doc);
	return result;
}

static int read_kernel(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	(void)into;
	if (json_is_string(v->json) && !json_string_length(v->json))
		return hull_jsonpos_fail(e, v, "KernelOptions: the default kernel has no name");
	return add_want(r, v, HULL_WANT_KERNEL, e);
}

static const struct hull_config_field kernel_fields[] = {
	{"default", HULL_FIELD_CALL, .read = read_kernel},
	{.kind = HULL_FIELD_END},
};

int hull_config_kernels(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	struct hull_jsonpos_value m;

	for (bool more = json_is_object(v->json) && hull_jsonpos_first(v, &m); more;
	     more = hull_jsonpos_next(&m))
		if (strcasecmp(m.key, "default") != 0 && m.key[0] != '_')
			return hull_jsonpos_fail_key(e, &m,
						     "KernelOptions: %s: an image has one "
						     "kernel, the one of 'default'",
						     m.key);
	return hull_config_object(r, v, kernel_fields, into, e);
}

int hull_config_pattern(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (!*s || strpbrk(s, " \t\n<>="))
		return hull_jsonpos_fail(e, v,
					 "ForbiddenPackages: '%s' is no pattern of package "
					 "names, like 'perl*'",
					 s);
	return 0;
}
