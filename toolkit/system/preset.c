// SPDX-License-Identifier: MIT
#include "system/preset.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "system/confdir.h"
#include "system/unitfile.h"

static int parse_rule(const char *line, struct hull_presets *out, struct hull_err *e)
{
	static const char *const actions[] = {"enable", "disable", "ignore"};
	struct hull_preset_rule rule = {0};
	hull_autobuf struct hull_buf word = {0};
	size_t i, n;
	const char *p;

	if (!*line || *line == '#' || *line == ';' || !hull_word(&line, &p, &n))
		return 0;
	for (i = 0; i < 3 && (strlen(actions[i]) != n || memcmp(p, actions[i], n) != 0); i++)
		;
	if (i == 3)
		return hull_fail(e, HULL_FAILED, "'%.*s' is neither enable, disable nor ignore",
				 (int)n, p);
	rule.action = (enum hull_preset_action)i;
	if (!hull_word(&line, &p, &n))
		return hull_fail(e, HULL_FAILED, "%s: no unit", actions[i]);
	rule.pattern = hull_arena_strndup(&out->arena, p, n);
	while (hull_line_word(&line, false, &word) > 0)
		hull_strv_add(&rule.instances, word.p);
	if (rule.instances.n && (rule.action != HULL_PRESET_ENABLE ||
				 hull_unit_kind(rule.pattern) != HULL_UNIT_TEMPLATE)) {
		hull_strv_fini(&rule.instances);
		return hull_fail(e, HULL_FAILED, "only \"enable\" of a template takes instances");
	}
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n++] = rule;
	return 0;
}

static int parse_line(const struct hull_tree *t, const char *line, const char *where, void *out,
		      struct hull_err *e)
{
	(void)t;
	return parse_rule(line, out, e) < 0 ? hull_wrap(e, "%s: ", where) : 0;
}

int hull_presets_read(const struct hull_tree *t, const char *directory, struct hull_presets *out,
		      struct hull_err *e)
{
	*out = (struct hull_presets){0};
	if (hull_confdir_read(t, directory, ".preset", parse_line, out, e) == 0)
		return 0;
	hull_presets_fini(out);
	return -1;
}

void hull_presets_fini(struct hull_presets *p)
{
	for (size_t i = 0; i < p->n; i++)
		hull_strv_fini(&p->v[i].instances);
	free(p->v);
	hull_arena_fini(&p->arena);
	*p = (struct hull_presets){0};
}

/* A rule with instances is about exactly these, and about the template that has them. */
static bool matches_instances(const struct hull_preset_rule *r, const char *unit,
			      struct hull_strv *out_instances)
{
	struct hull_arena a = {0};
	const char *template_name = hull_unit_template(unit, &a);
	bool found = false;

	if (!strcmp(unit, r->pattern)) {
		for (size_t i = 0; i < r->instances.n; i++)
			hull_strv_add(out_instances,
				      hull_unit_instantiate(unit, r->instances.v[i], &a));
		found = true;
	} else if (template_name && !strcmp(template_name, r->pattern)) {
		for (size_t i = 0; i < r->instances.n; i++)
			found |= !strcmp(unit, hull_unit_instantiate(unit, r->instances.v[i], &a));
	}
	hull_arena_fini(&a);
	return found;
}

enum hull_preset_action hull_presets_query(const struct hull_presets *p, const char *unit,
					   struct hull_strv *out_instances)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_preset_rule *r = &p->v[i];

		if ((r->instances.n && matches_instances(r, unit, out_instances)) ||
		    fnmatch(r->pattern, unit, FNM_NOESCAPE) == 0)
			return r->action;
	}
	return HULL_PRESET_ENABLE;
}
