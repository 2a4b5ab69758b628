// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/stat.h>

#include "finish/finish.h"
#include "system/confdir.h"
#include "system/preset.h"
#include "system/unitfile.h"

/* Names in the order in which they came, each once. */
struct names {
	struct hull_strv list;
	struct hull_index places;
};

struct presets_work {
	struct hull_tree *t;
	const struct hull_unit_scope *scope;
	struct hull_arena arena;
	struct names plus, minus; /* units to enable and to disable */
	struct names never;	  /* those that the configuration switches off */
	struct names links;	  /* those made here */
};

static bool has(const struct names *v, const char *s)
{
	size_t place;

	return hull_index_find(&v->places, s, &place);
}

static void add_once(struct names *v, const char *s)
{
	if (has(v, s))
		return;
	hull_strv_add(&v->list, s);
	hull_index_put(&v->places, v->list.v[v->list.n - 1], v->list.n - 1);
}

static void names_fini(struct names *v)
{
	hull_index_fini(&v->places);
	hull_strv_fini(&v->list);
}

static bool has_with_template(struct presets_work *w, const struct names *v, const char *unit)
{
	const char *template_name = hull_unit_template(unit, &w->arena);

	return has(v, unit) || (template_name && has(v, template_name));
}

/* --- links --- */

/* A link of an alias does not replace anything, one of .wants and the like does. */
static int add_link(struct presets_work *w, const struct hull_unit *u, const char *path,
		    bool replace, struct hull_err *e)
{
	int node = hull_tree_find(w->t, path);

	if (node >= 0) {
		bool symlink = S_ISLNK(w->t->v[node].mode);

		if (symlink && !strcmp(w->t->v[node].target, u->path))
			return 0;
		if (!replace && has(&w->links, path))
			return hull_fail(e, HULL_FAILED,
					 "%s: is to be the name of two units, %s and %s; switch "
					 "one of them off",
					 path, w->t->v[node].target, u->path);
		if (!replace || !symlink)
			return 0;
		hull_tree_remove(w->t, node);
	}
	node = hull_tree_add(w->t, path, e);
	if (node < 0)
		return -1;
	hull_tree_set_symlink(w->t, node, u->path);
	add_once(&w->links, path);
	return 0;
}

static int add_dependency_links(struct presets_work *w, const struct hull_unit *u,
				const struct hull_strv *list, const char *suffix,
				struct hull_err *e)
{
	bool bare = hull_unit_kind(u->name) == HULL_UNIT_TEMPLATE && !u->default_instance;
	const char *name = hull_unit_kind(u->name) == HULL_UNIT_TEMPLATE && u->default_instance
				   ? hull_unit_instantiate(u->name, u->default_instance, &w->arena)
				   : u->name;
	hull_autobuf struct hull_buf by = {0};

	for (size_t i = 0; i < list->n; i++) {
		enum hull_unit_kind kind;

		if (hull_unit_expand(w->t, u, list->v[i], &by, e) < 0)
			return -1;
		kind = hull_unit_kind(by.p);
		if (kind == HULL_UNIT_INVALID)
			return hull_fail(e, HULL_FAILED, "'%s' in [Install] is not a unit", by.p);
		/* a template without an instance can only be wanted by another template */
		if (bare && kind != HULL_UNIT_TEMPLATE)
			continue;
		if (add_link(w, u,
			     hull_arena_printf(&w->arena, "%s/%s%s/%s", w->scope->config, by.p,
					       suffix, name),
			     true, e) < 0)
			return -1;
	}
	return 0;
}

/* "multi-user.target.wants/x.service", which old units have as an alias. */
static bool is_path_alias(const char *alias)
{
	const char *slash = strchr(alias, '/');
	hull_autofree char *directory = slash ? hull_strndup(alias, (size_t)(slash - alias)) : NULL;

	return directory && (hull_ends(directory, ".wants") || hull_ends(directory, ".requires")) &&
	       hull_unit_kind(slash + 1) != HULL_UNIT_INVALID;
}

static bool may_have_aliases(const char *unit)
{
	return !hull_ends(unit, ".mount") && !hull_ends(unit, ".slice") &&
	       !hull_ends(unit, ".swap") && !hull_ends(unit, ".automount");
}

static int add_aliases(struct presets_work *w, const struct hull_unit *u, struct hull_err *e)
{
	enum hull_unit_kind own = hull_unit_kind(u->name);
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; may_have_aliases(u->name) && i < u->alias.n; i++) {
		enum hull_unit_kind kind;
		const char *alias;

		if (hull_unit_expand(w->t, u, u->alias.v[i], &text, e) < 0)
			return -1;
		alias = text.p;
		kind = hull_unit_kind(alias);
		if (kind == HULL_UNIT_TEMPLATE && own == HULL_UNIT_INSTANCE) {
			const char *at = strchr(u->name, '@') + 1;

			alias = hull_unit_instantiate(
				alias,
				hull_arena_strndup(&w->arena, at,
						   (size_t)(strrchr(u->name, '.') - at)),
				&w->arena);
		} else if (!is_path_alias(alias) &&
			   (kind == HULL_UNIT_INVALID ||
			    strcmp(strrchr(alias, '.'), strrchr(u->name, '.')) != 0 ||
			    (kind == HULL_UNIT_TEMPLATE) != (own == HULL_UNIT_TEMPLATE))) {
			return hull_fail(e, HULL_FAILED, "'%s' cannot be an alias of '%s'", alias,
					 u->name);
		}
		if (add_link(w, u, hull_arena_printf(&w->arena, "%s/%s", w->scope->config, alias),
			     false, e) < 0)
			return -1;
	}
	return 0;
}

/* --- enabling and disabling --- */

/* The units of Also= at the end of the list. */
static int add_also(struct presets_work *w, const struct hull_unit *u, struct names *list,
		    struct hull_err *e)
{
	hull_autobuf struct hull_buf name = {0};

	for (size_t i = 0; i < u->also.n; i++) {
		if (hull_unit_expand(w->t, u, u->also.v[i], &name, e) < 0)
			return hull_wrap(e, "%s: ", u->path);
		if (hull_unit_kind(name.p) == HULL_UNIT_INVALID)
			return hull_fail(e, HULL_FAILED, "%s: '%s' in Also= is not a unit", u->path,
					 name.p);
		add_once(list, name.p);
	}
	return 0;
}

static int enable(struct presets_work *w, const char *name, struct hull_err *e)
{
	struct hull_unit u;
	int rc;

	if (hull_unit_read(w->t, w->scope, name, &w->arena, &u, e) < 0)
		return -1;
	if (u.state != HULL_UNIT_FOUND || has_with_template(w, &w->never, u.name)) {
		hull_unit_fini(&u);
		return 0;
	}
	rc = add_also(w, &u, &w->plus, e);
	if (rc == 0 && (add_aliases(w, &u, e) < 0 ||
			add_dependency_links(w, &u, &u.wanted_by, ".wants", e) < 0 ||
			add_dependency_links(w, &u, &u.required_by, ".requires", e) < 0 ||
			add_dependency_links(w, &u, &u.upheld_by, ".upholds", e) < 0))
		rc = hull_wrap(e, "%s: ", u.path);
	hull_unit_fini(&u);
	return rc;
}

static bool is_link_of_disabled(struct presets_work *w, int node)
{
	const struct hull_node *n = &w->t->v[node];

	return S_ISLNK(n->mode) && strcmp(n->target, "/dev/null") != 0 &&
	       hull_unit_kind(n->name) != HULL_UNIT_INVALID &&
	       (has_with_template(w, &w->minus, n->name) ||
		has_with_template(w, &w->minus, hull_basename(n->target)));
}

/* Removes the links of units to disable below a directory, and directories that they leave
 * empty. */
static void remove_links(struct presets_work *w, int directory)
{
	for (int i = w->t->v[directory].first_child, next; i >= 0; i = next) {
		next = w->t->v[i].next_sibling;
		if (S_ISDIR(w->t->v[i].mode)) {
			bool had = w->t->v[i].first_child >= 0;

			remove_links(w, i);
			if (had && w->t->v[i].first_child < 0)
				hull_tree_remove(w->t, i);
		} else if (is_link_of_disabled(w, i)) {
			hull_tree_remove(w->t, i);
		}
	}
}

static int disable_all(struct presets_work *w, struct hull_err *e)
{
	int config = hull_tree_find(w->t, w->scope->config), rc = 0;

	for (size_t i = 0; rc == 0 && i < w->minus.list.n; i++) {
		struct hull_unit u;

		if (hull_unit_read(w->t, w->scope, w->minus.list.v[i], &w->arena, &u, e) < 0)
			return -1;
		if (u.state == HULL_UNIT_FOUND)
			rc = add_also(w, &u, &w->minus, e);
		hull_unit_fini(&u);
	}
	if (rc == 0 && config >= 0 && S_ISDIR(w->t->v[config].mode))
		remove_links(w, config);
	return rc;
}

/* --- presets --- */

/* Names of all units, sorted. */
static void list_units(const struct presets_work *w, struct hull_strv *out)
{
	for (int f = 0; w->scope->directories[f]; f++) {
		int dir = hull_tree_follow(w->t, w->scope->directories[f]);

		if (dir < 0 || !S_ISDIR(w->t->v[dir].mode))
			continue;
		for (int i = w->t->v[dir].first_child; i >= 0; i = w->t->v[i].next_sibling)
			if (!S_ISDIR(w->t->v[i].mode) &&
			    hull_unit_kind(w->t->v[i].name) != HULL_UNIT_INVALID)
				hull_strv_add(out, w->t->v[i].name);
	}
	hull_strv_sort(out);
}

static int query_all(struct presets_work *w, const struct hull_presets *presets,
		     const struct hull_strv *units, struct hull_err *e)
{
	for (size_t i = 0; i < units->n; i++) {
		hull_autostrv struct hull_strv instances = {0};
		enum hull_preset_action action;
		struct hull_unit u;
		bool skip;

		if (hull_unit_read(w->t, w->scope, units->v[i], &w->arena, &u, e) < 0)
			return -1;
		skip = u.state != HULL_UNIT_FOUND || strcmp(u.name, units->v[i]) != 0;
		hull_unit_fini(&u);
		if (skip || has(&w->plus, units->v[i]))
			continue;
		action = hull_presets_query(presets, units->v[i], &instances);
		if (action == HULL_PRESET_DISABLE)
			add_once(&w->minus, units->v[i]);
		if (action != HULL_PRESET_ENABLE)
			continue;
		for (size_t j = 0; j < instances.n; j++)
			add_once(&w->plus, instances.v[j]);
		if (!instances.n)
			add_once(&w->plus, units->v[i]);
	}
	return 0;
}

/* --- the configuration --- */

static int no_such_unit(const struct hull_service *s, const struct hull_strv *units,
			struct hull_err *e)
{
	hull_autobuf struct hull_buf near = {0};

	for (size_t i = 0; i < units->n; i++)
		if (hull_edit_distance(s->unit, units->v[i]) <= 3)
			hull_buf_addf(&near, "%s%s", near.n ? ", " : "; near names: ", units->v[i]);
	return hull_fail(e, HULL_FAILED, "%s: there is no unit '%s' in the image%s", s->where,
			 s->unit, near.n ? near.p : "");
}

/* A unit that nothing in [Install] can switch is switched off by a mask. */
static int mask(struct presets_work *w, const struct hull_service *s, const char *unit,
		struct hull_err *e)
{
	const char *path = hull_arena_printf(&w->arena, "%s/%s", w->scope->config, unit);
	int node = hull_tree_find(w->t, path);

	if (node >= 0)
		return hull_fail(e, HULL_FAILED,
				 "%s: '%s' has no [Install] section and cannot be masked, since "
				 "its file is %s",
				 s->where, unit, path);
	node = hull_tree_add(w->t, path, e);
	if (node < 0)
		return -1;
	hull_tree_set_symlink(w->t, node, "/dev/null");
	return 0;
}

static int take_service(struct presets_work *w, const struct hull_service *s,
			const struct hull_strv *units, struct hull_err *e)
{
	struct hull_unit u;
	int rc = 0;

	if (hull_unit_kind(s->unit) == HULL_UNIT_INVALID)
		return no_such_unit(s, units, e);
	if (hull_unit_read(w->t, w->scope, s->unit, &w->arena, &u, e) < 0)
		return -1;
	if (u.state == HULL_UNIT_MISSING)
		rc = no_such_unit(s, units, e);
	else if (u.state == HULL_UNIT_MASKED && s->enable)
		rc = hull_fail(e, HULL_FAILED, "%s: '%s' is masked in the image", s->where,
			       s->unit);
	else if (u.state == HULL_UNIT_FOUND && s->enable && hull_unit_is_static(&u))
		rc = hull_fail(e, HULL_FAILED,
			       "%s: '%s' has no [Install] section: it is started by other units",
			       s->where, s->unit);
	else if (u.state == HULL_UNIT_FOUND && s->enable)
		add_once(&w->plus, u.name);
	else if (u.state == HULL_UNIT_FOUND) {
		add_once(&w->minus, u.name);
		add_once(&w->never, u.name);
		if (hull_unit_is_static(&u))
			rc = mask(w, s, u.name, e);
	}
	hull_unit_fini(&u);
	return rc;
}

static int apply_scope(struct presets_work *w, const struct hull_image_config *c,
		       struct hull_err *e)
{
	hull_autostrv struct hull_strv units = {0};
	struct hull_presets presets = {0};
	int rc = 0;

	list_units(w, &units);
	for (size_t i = 0; c && rc == 0 && i < c->nservices; i++)
		rc = take_service(w, &c->services[i], &units, e);
	if (rc == 0)
		rc = hull_presets_read(w->t, w->scope->presets, &presets, e);
	if (rc == 0)
		rc = query_all(w, &presets, &units, e);
	if (rc == 0)
		rc = disable_all(w, e);
	for (size_t i = 0; rc == 0 && i < w->plus.list.n; i++) /* grows by Also= */
		rc = enable(w, w->plus.list.v[i], e);
	hull_presets_fini(&presets);
	return rc;
}

int hull_presets_apply(const struct hull_image_config *c, struct hull_tree *t, struct hull_err *e)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < 2; i++) {
		struct presets_work w = {.t = t, .scope = &hull_unit_scopes[i]};

		rc = apply_scope(&w, i == 0 ? c : NULL, e);
		names_fini(&w.plus);
		names_fini(&w.minus);
		names_fini(&w.never);
		names_fini(&w.links);
		hull_arena_fini(&w.arena);
	}
	return rc;
}
