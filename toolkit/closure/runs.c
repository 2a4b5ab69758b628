// SPDX-License-Identifier: MIT
#include "closure/runs.h"

#include <limits.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"

json_t *hull_runs_to_json(const struct hull_runs *r)
{
	json_t *runs, *changes;

	if (!r->ran)
		return NULL;
	runs = json_array();
	changes = json_array();
	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(runs, json_pack("{s:s, s:s, s:i}", "package", r->v[i].package,
						      "scriptlet", r->v[i].scriptlet, "status",
						      r->v[i].status));
	for (size_t i = 0; i < r->nchanges; i++) {
		const struct hull_run_change *c = &r->changes[i];
		json_t *j = json_pack("{s:s, s:s, s:s, s:s}", "path", c->path, "package",
				      c->package, "scriptlet", c->scriptlet, "kind", c->kind);

		hull_assert(j);
		hull_json_set(j, "type", c->type);
		if (c->type && !c->target)
			json_object_set_new(j, "mode", json_sprintf("%04o", (unsigned int)c->mode));
		hull_json_set(j, "sha256", c->sha256);
		hull_json_set(j, "target", c->target);
		if (c->uid >= 0)
			json_object_set_new(j, "uid", json_integer(c->uid));
		if (c->gid >= 0)
			json_object_set_new(j, "gid", json_integer(c->gid));
		json_array_append_new(changes, j);
	}
	return json_pack("{s:o, s:o}", "runs", runs, "changes", changes);
}

static bool is_one_of(const char *s, const char *const *list)
{
	while (*list && strcmp(*list, s) != 0)
		list++;
	return *list != NULL;
}

static int read_run(const json_t *j, struct hull_arena *a, struct hull_run *out, struct hull_err *e)
{
	const json_t *status = json_object_get(j, "status");

	out->package = hull_arena_strdup(a, hull_json_optional(j, "package"));
	out->scriptlet = hull_arena_strdup(a, hull_json_optional(j, "scriptlet"));
	out->status = (int)json_integer_value(status);
	if (out->package && out->scriptlet && json_is_integer(status) && out->status >= 0 &&
	    out->status < 256)
		return 0;
	return hull_fail(e, HULL_FAILED, "a run of a scriptlet without package, name and status");
}

static bool read_id(const json_t *j, const char *key, int64_t *out)
{
	const json_t *v = json_object_get(j, key);

	*out = v ? json_integer_value(v) : -1;
	return !v || (json_is_integer(v) && *out >= 0 && *out < UINT32_MAX);
}

static bool read_mode(const json_t *j, uint32_t *out)
{
	const char *mode = hull_json_optional(j, "mode");

	*out = 0;
	for (; mode && *mode; mode++) {
		if (*mode < '0' || *mode > '7' || *out > 0777)
			return false;
		*out = *out * 8 + (uint32_t)(*mode - '0');
	}
	return true;
}

static int read_change(const json_t *j, struct hull_arena *a, struct hull_run_change *out,
		       struct hull_err *e)
{
	static const char *const kinds[] = {"added", "changed", "removed", NULL};
	static const char *const types[] = {"file", "directory", "symlink", "fifo", NULL};
	bool removed, right;

	out->path = hull_arena_strdup(a, hull_json_optional(j, "path"));
	if (!out->path || *out->path != '/')
		return hull_fail(e, HULL_FAILED, "a change by a scriptlet without a path");
	out->package = hull_arena_strdup(a, hull_json_optional(j, "package"));
	out->scriptlet = hull_arena_strdup(a, hull_json_optional(j, "scriptlet"));
	out->kind = hull_arena_strdup(a, hull_json_optional(j, "kind"));
	out->type = hull_arena_strdup(a, hull_json_optional(j, "type"));
	out->sha256 = hull_arena_strdup(a, hull_json_optional(j, "sha256"));
	out->target = hull_arena_strdup(a, hull_json_optional(j, "target"));
	right = out->package && out->scriptlet && out->kind && is_one_of(out->kind, kinds) &&
		read_id(j, "uid", &out->uid) && read_id(j, "gid", &out->gid) &&
		read_mode(j, &out->mode);
	removed = right && !strcmp(out->kind, "removed");
	if (right && !removed)
		right = out->type && is_one_of(out->type, types) &&
			!strcmp(out->type, "file") == hull_is_sha256(out->sha256) &&
			!strcmp(out->type, "symlink") == (out->target != NULL);
	return right ? 0
		     : hull_fail(e, HULL_FAILED, "malformed change of %s by a scriptlet",
				 out->path);
}

int hull_runs_from_json(const json_t *j, struct hull_arena *a, struct hull_runs *out,
			struct hull_err *e)
{
	const json_t *runs = json_object_get(j, "runs"), *changes = json_object_get(j, "changes");

	*out = (struct hull_runs){.ran = j != NULL};
	if (!j)
		return 0;
	if (!json_is_array(runs) || !json_is_array(changes))
		return hull_fail(e, HULL_FAILED, "no lists \"runs\" and \"changes\" of scriptlets");
	out->v = hull_arena_array(a, json_array_size(runs) + 1, sizeof *out->v);
	out->changes = hull_arena_array(a, json_array_size(changes) + 1, sizeof *out->changes);
	for (; out->n < json_array_size(runs); out->n++)
		if (read_run(json_array_get(runs, out->n), a, &out->v[out->n], e) < 0)
			return -1;
	for (; out->nchanges < json_array_size(changes); out->nchanges++) {
		size_t i = out->nchanges;

		if (read_change(json_array_get(changes, i), a, &out->changes[i], e) < 0)
			return -1;
		if (i && strcmp(out->changes[i - 1].path, out->changes[i].path) >= 0)
			return hull_fail(e, HULL_FAILED,
					 "changes by scriptlets are not in order of path at %s",
					 out->changes[i].path);
	}
	return 0;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* What differs of a change of the same path; NULL if nothing does. */
static const char *change_difference(const struct hull_run_change *a,
				     const struct hull_run_change *b)
{
	if (!same(a->kind, b->kind))
		return "is added, changed or removed";
	if (!same(a->type, b->type))
		return "type";
	if (!same(a->sha256, b->sha256))
		return "content";
	if (!same(a->target, b->target))
		return "target";
	if (a->mode != b->mode)
		return "mode";
	if (a->uid != b->uid || a->gid != b->gid)
		return "owner";
	return same(a->package, b->package) && same(a->scriptlet, b->scriptlet)
		       ? NULL
		       : "package or scriptlet";
}

static const char *tell(const char *what, const struct hull_run_change *c, struct hull_arena *a)
{
	return hull_arena_printf(a, "%s (%s of %s): %s", c->path, c->scriptlet, c->package, what);
}

const char *hull_runs_difference(const struct hull_runs *x, const struct hull_runs *y,
				 struct hull_arena *a)
{
	for (size_t i = 0; i < x->nchanges || i < y->nchanges; i++) {
		const struct hull_run_change *c = &x->changes[i], *d = &y->changes[i];
		int order = i == x->nchanges ? 1 : i == y->nchanges ? -1 : strcmp(c->path, d->path);
		const char *what;

		if (order)
			return tell("changed in one and not in the other", order < 0 ? c : d, a);
		what = change_difference(c, d);
		if (what)
			return tell(hull_arena_printf(a, "another %s", what), d, a);
	}
	for (size_t i = 0; i < x->n || i < y->n; i++) {
		const struct hull_run *r = i < y->n ? &y->v[i] : &x->v[i];

		if (i >= x->n || i >= y->n || !same(x->v[i].package, r->package) ||
		    !same(x->v[i].scriptlet, r->scriptlet) || x->v[i].status != r->status)
			return hull_arena_printf(a, "%s of %s: ran in one only, or ended otherwise",
						 r->scriptlet, r->package);
	}
	return NULL;
}

const struct hull_run_change *hull_runs_find(const struct hull_runs *r, const char *path)
{
	for (size_t i = 0; i < r->nchanges; i++)
		if (!strcmp(r->changes[i].path, path))
			return &r->changes[i];
	return NULL;
}
