// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diff/compare_subjects.h"
#include "system/confdir.h"
#include "system/preset.h"
#include "system/unitfile.h"

enum unit_state { ABSENT, DISABLED, ENABLED, MASKED };

static const char *const state_names[] = {NULL, "disabled", "enabled", "masked"};

struct unit {
	const char *name;
	enum unit_state state;
	size_t order; /* of its finding: what is found first is masked or not */
};

struct units {
	struct unit *v;
	size_t n, cap;
};

static void add(struct units *u, const char *name, enum unit_state state)
{
	if (hull_unit_kind(name) == HULL_UNIT_INVALID)
		return;
	u->v = hull_grow(u->v, &u->cap, u->n, sizeof *u->v);
	u->v[u->n] = (struct unit){name, state, u->n};
	u->n++;
}

static bool is_link_directory(const char *name)
{
	return hull_ends(name, ".wants") || hull_ends(name, ".requires") ||
	       hull_ends(name, ".upholds");
}

static void add_directory(const struct hull_tree *t, int directory, struct units *u)
{
	for (int i = t->v[directory].first_child; i >= 0; i = t->v[i].next_sibling) {
		if (!S_ISDIR(t->v[i].mode)) {
			add(u, t->v[i].name, hull_node_is_null(t, i) ? MASKED : DISABLED);
			continue;
		}
		if (!is_link_directory(t->v[i].name))
			continue;
		for (int k = t->v[i].first_child; k >= 0; k = t->v[k].next_sibling)
			add(u, t->v[k].name, ENABLED);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->order > y->order) - (x->order < y->order);
}

/* Where a unit was found several times, the first file tells whether it is masked; any link enables
 * it. */
static void merge(struct units *u)
{
	size_t n = 0;

	qsort(u->v, u->n, sizeof *u->v, by_name);
	for (size_t i = 0; i < u->n;) {
		struct unit one = {u->v[i].name, ABSENT, 0};
		bool enabled = false;

		for (; i < u->n && !strcmp(u->v[i].name, one.name); i++) {
			enabled |= u->v[i].state == ENABLED;
			if (one.state == ABSENT && u->v[i].state != ENABLED)
				one.state = u->v[i].state;
		}
		if (enabled && one.state != MASKED)
			one.state = ENABLED;
		u->v[n++] = one;
	}
	u->n = n;
}

static struct units list(const struct hull_tree *t, const struct hull_unit_scope *s)
{
	struct units u = {0};

	for (int f = 0; s->directories[f]; f++) {
		int directory = hull_tree_follow(t, s->directories[f]);

		if (directory >= 0 && S_ISDIR(t->v[directory].mode))
			add_directory(t, directory, &u);
	}
	if (u.n)
		merge(&u);
	return u;
}

static const char *preset(const struct hull_presets *p, const char *unit)
{
	static const char *const names[] = {"enable", "disable", "ignore"};
	hull_autostrv struct hull_strv instances = {0};

	return names[hull_presets_query(p, unit, &instances)];
}

struct unit_scope {
	struct units x, y;
	struct hull_presets old, now;
	const char *prefix;
	struct hull_comparison *out;
};

static void compare(struct unit_scope *s)
{
	size_t i = 0, k = 0;

	while (i < s->x.n || k < s->y.n) {
		int r = i == s->x.n ? 1 : k == s->y.n ? -1 : strcmp(s->x.v[i].name, s->y.v[k].name);
		const struct unit *u = r <= 0 ? &s->x.v[i] : &s->y.v[k];
		const char *name = hull_arena_printf(&s->out->arena, "%s%s", s->prefix, u->name);
		enum unit_state old = r <= 0 ? s->x.v[i++].state : ABSENT;
		enum unit_state now = r >= 0 ? s->y.v[k++].state : ABSENT;

		/* one that comes or goes without being switched on is a file like others */
		if (old != now && !(old <= DISABLED && now <= DISABLED))
			hull_setting_add(&s->out->units, &s->out->arena, name, state_names[old],
					 state_names[now]);
		if (r == 0 && strcmp(preset(&s->old, u->name), preset(&s->now, u->name)) != 0)
			hull_setting_add(&s->out->presets, &s->out->arena, name,
					 preset(&s->old, u->name), preset(&s->now, u->name));
	}
}

int hull_compare_units(const struct hull_side *old, const struct hull_side *now,
		       struct hull_comparison *out, struct hull_err *e)
{
	const struct hull_tree *x = &old->system->tree, *y = &now->system->tree;
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		const struct hull_unit_scope *scope = &hull_unit_scopes[i];
		struct unit_scope s = {.prefix = i ? "user: " : "", .out = out};

		if (hull_presets_read(x, scope->presets, &s.old, e) < 0)
			r = hull_wrap(e, "%s: ", old->path);
		else if (hull_presets_read(y, scope->presets, &s.now, e) < 0)
			r = hull_wrap(e, "%s: ", now->path);
		if (r == 0) {
			s.x = list(x, scope);
			s.y = list(y, scope);
			compare(&s);
		}
		free(s.x.v);
		free(s.y.v);
		hull_presets_fini(&s.old);
		hull_presets_fini(&s.now);
	}
	return r;
}
