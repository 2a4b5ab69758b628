// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const struct hull_option *find_long(const struct hull_option *t, const char *name, size_t n)
{
	for (; t && t->type != HULL_OPT_END; t++)
		if (strlen(t->name) == n && !memcmp(t->name, name, n))
			return t;
	return NULL;
}

static const struct hull_option *find_short(const struct hull_option *t, char letter)
{
	for (; t && t->type != HULL_OPT_END; t++)
		if (t->letter == letter)
			return t;
	return NULL;
}

static void nearest(const struct hull_option *t, const char *name, const char **best, size_t *dist)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		size_t d = hull_edit_distance(t->name, name);

		if (d < *dist && d <= 3) {
			*dist = d;
			*best = t->name;
		}
	}
}

/* That of a CHOICE is behind a "=" or is none. */
static bool takes_value(const struct hull_option *o)
{
	return o->type != HULL_OPT_FLAG && o->type != HULL_OPT_HELP && o->type != HULL_OPT_CHOICE;
}

static int store_value(const struct hull_option *o, void *into, const char *value,
		       struct hull_err *e)
{
	void *at = (char *)into + o->offset;
	const char *expected;
	bool ok;

	switch (o->type) {
	case HULL_OPT_FLAG:
		*(bool *)at = !value || !strcmp(value, "yes");
		ok = !value || *(bool *)at || !strcmp(value, "no");
		expected = "yes or no";
		break;
	case HULL_OPT_STRING:
	case HULL_OPT_DIRECTORY:
	case HULL_OPT_FILE:
		*(const char **)at = value;
		return 0;
	case HULL_OPT_LIST:
		hull_strv_add(at, value);
		return 0;
	case HULL_OPT_CHOICE:
		if (value && !*value)
			return hull_fail(e, HULL_USAGE, "--%s: nothing behind '='", o->name);
		hull_strv_add(at, value ? value : "");
		return 0;
	case HULL_OPT_COUNT:
		ok = hull_parse_u64(value, 0, UINT64_MAX, at);
		expected = "a number";
		break;
	case HULL_OPT_SIZE:
		ok = hull_parse_size(value, at);
		expected = "a size such as 512M or 4G";
		break;
	case HULL_OPT_SECONDS:
		ok = hull_parse_seconds(value, at);
		expected = "a time such as 90, 45m or 2h";
		break;
	case HULL_OPT_END:
	case HULL_OPT_HELP:
	default:
		return 0;
	}
	return ok ? 0 : hull_fail(e, HULL_USAGE, "--%s: '%s' is not %s", o->name, value, expected);
}

const struct hull_option *hull_option_find(const struct hull_option *table, const char *name)
{
	return find_long(table, name, strlen(name));
}

int hull_option_set(const struct hull_option *o, void *into, const char *value, struct hull_err *e)
{
	return store_value(o, into, value, e);
}

struct parse {
	char *const *argv;
	const struct hull_option *own, *common;
	void *into, *common_into;
	struct hull_strv *given;
	struct hull_err *e;
};

static int unknown(const struct parse *p, const char *arg)
{
	const char *best = NULL;
	size_t dist = SIZE_MAX;

	if (hull_starts(arg, "--")) {
		nearest(p->own, arg + 2, &best, &dist);
		nearest(p->common, arg + 2, &best, &dist);
	}
	return hull_fail(p->e, HULL_USAGE, "unknown option '%s'%s%s%s", arg,
			 best ? "; did you mean --" : "", best ? best : "", best ? "?" : "");
}

/* One option at argv[*i]; advances *i over its value. */
static int parse_one(const struct parse *p, int *i)
{
	const char *arg = p->argv[*i], *value = NULL, *eq = NULL;
	const struct hull_option *o;
	void *into = p->into;

	if (arg[1] == '-') {
		size_t n;

		eq = strchr(arg, '=');
		n = eq ? (size_t)(eq - arg) - 2 : strlen(arg) - 2;
		o = find_long(p->own, arg + 2, n);
		if (!o) {
			o = find_long(p->common, arg + 2, n);
			into = p->common_into;
		}
	} else {
		o = find_short(p->own, arg[1]);
		if (!o) {
			o = find_short(p->common, arg[1]);
			into = p->common_into;
		}
		if (o && takes_value(o) && arg[2])
			value = arg + 2;
		else if (arg[2])
			o = NULL;
	}
	if (!o)
		return unknown(p, arg);
	if (o->type == HULL_OPT_HELP)
		return 1;
	if (eq)
		value = eq + 1;
	if (!takes_value(o) && o->type != HULL_OPT_CHOICE && value)
		return hull_fail(p->e, HULL_USAGE, "--%s takes no value", o->name);
	if (takes_value(o) && !value) {
		value = p->argv[*i + 1];
		if (!value)
			return hull_fail(p->e, HULL_USAGE, "--%s needs a value: %s", o->name,
					 o->arg);
		++*i;
	}
	hull_strv_add(p->given, o->name);
	return store_value(o, into, value, p->e);
}

int hull_options_parse(char *const *argv, const struct hull_option *own, void *into,
		       const struct hull_option *common, void *common_into, struct hull_strv *rest,
		       struct hull_strv *given, struct hull_err *e)
{
	struct parse p = {argv, own, common, into, common_into, given, e};
	bool options = true;

	for (int i = 1; argv[i]; i++) {
		int r;

		if (!options || argv[i][0] != '-' || !argv[i][1]) {
			hull_strv_add(rest, argv[i]);
			continue;
		}
		if (!strcmp(argv[i], "--")) {
			options = false;
			continue;
		}
		r = parse_one(&p, &i);
		if (r)
			return r;
	}
	return 0;
}

void hull_options_help(const struct hull_option *t, struct hull_buf *out)
{
	for (; t && t->type != HULL_OPT_END; t++) {
		size_t start = out->n;

		if (t->letter)
			hull_buf_addf(out, "  -%c, --%s", t->letter, t->name);
		else
			hull_buf_addf(out, "      --%s", t->name);
		if (t->arg)
			hull_buf_addf(out, "%s%s", t->type == HULL_OPT_CHOICE ? "" : " ", t->arg);
		do
			hull_buf_addc(out, ' ');
		while (out->n - start < 30);
		hull_buf_addf(out, "%s\n", t->help);
	}
}
