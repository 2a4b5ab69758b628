// SPDX-License-Identifier: MIT
#include "cmd/whyimage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "cli/print.h"
#include "closure/presence.h"
#include "inspect/imagefile.h"
#include "inspect/made.h"

/* --- packages --- */

static bool is_package(const struct hull_locked *l, const struct hull_package *p)
{
	struct hull_arena a = {0};
	bool same = !strcmp(l->name, p->name) && !strcmp(l->arch, p->arch) &&
		    !strcmp(l->evr, hull_package_evr(p, &a));

	hull_arena_fini(&a);
	return same;
}

/* The place of an installed package in a lock; l->n if it has none. */
static size_t find_locked(const struct hull_lock *l, const struct hull_package *p)
{
	const struct hull_locked *first = hull_lock_find(l, p->name);
	size_t i = first ? (size_t)(first - l->v) : l->n;

	for (; i < l->n && !strcmp(l->v[i].name, p->name); i++)
		if (is_package(&l->v[i], p))
			return i;
	return l->n;
}

/* Whether the lock speaks of the packages that are installed. */
static bool is_valid(const struct hull_system *s)
{
	if (!s->has_lock || s->lock.n != s->npackages)
		return false;
	for (size_t i = 0; i < s->npackages; i++)
		if (find_locked(&s->lock, &s->packages[i]) == s->lock.n)
			return false;
	return true;
}

/* Chooses whose reasons are told, with all packages read. */
static int choose_reasons(struct hull_why_image *w, struct hull_context *ctx, bool all,
			  struct hull_err *e)
{
	struct hull_system *s = &w->system;

	if (is_valid(s)) {
		w->lock = &s->lock;
		return all ? hull_requirements_present(&w->requirements, &s->lock, s->packages,
						       s->npackages, e)
			   : 0;
	}
	hull_requirements_derive(&w->requirements, &w->derived, s->packages, s->npackages);
	w->lock = &w->derived;
	if (!ctx->json)
		hull_print("%s: what no other package requires counts as asked for\n",
			   s->has_lock ? "the lock file in the image is not that of its packages"
				       : "no reasons are recorded in the image");
	return 0;
}

static int find_package(struct hull_why_image *w, struct hull_context *ctx, const char *name,
			bool all, struct hull_err *e)
{
	struct hull_system *s = &w->system;

	w->lock = &s->lock;
	if (s->has_lock && !all && hull_chain_package(&s->lock, name, &w->package, e) == 0)
		return 0;
	if (hull_system_read_packages(s, e) < 0 || choose_reasons(w, ctx, all, e) < 0)
		return -1;
	if (hull_chain_package(w->lock, name, &w->package, e) < 0)
		return hull_wrap(e, "%s: ", s->path);
	return 0;
}

/* --- files --- */

/* The node whose name is nearest, of several the one whose directory is. */
static int find_near(const struct hull_tree *t, const char *path, struct hull_arena *a)
{
	const char *name = hull_basename(path);
	size_t best = strlen(name) / 3 + 2, best_directory = SIZE_MAX;
	int found = HULL_NO_NODE;

	for (int i = hull_tree_next(t, HULL_TREE_ROOT, HULL_TREE_ROOT); i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		size_t d = hull_edit_distance(t->v[i].name, name), directory;

		if (d > best || (d == best && found == HULL_NO_NODE))
			continue;
		directory = hull_edit_distance(hull_tree_path(t, i, a), path);
		if (d == best && directory >= best_directory)
			continue;
		best = d;
		best_directory = directory;
		found = i;
	}
	return found;
}

static int no_file(const struct hull_system *s, const char *path, struct hull_err *e)
{
	struct hull_arena a = {0};
	int near = find_near(&s->tree, path, &a);
	const char *name = near == HULL_NO_NODE ? NULL : hull_tree_path(&s->tree, near, &a);
	int r = hull_fail(e, HULL_FAILED, "%s: '%s' is not in the image%s%s%s", s->path, path,
			  name ? "; did you mean '" : "", name ? name : "", name ? "'?" : "");

	hull_arena_fini(&a);
	return r;
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFREG:
		return "file";
	case S_IFCHR:
	case S_IFBLK:
		return "device";
	default:
		return "special file";
	}
}

/* How many packages list a directory: the first of them is its owner. */
static size_t count_owners(const struct hull_system *s, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < s->npackages; i++)
		for (size_t k = 0; k < s->packages[i].nfiles; k++)
			if (!strcmp(s->packages[i].files[k].path, path)) {
				n++;
				break;
			}
	return n;
}

/* What a scriptlet has done to it, which the lock file in the image says. */
static const struct hull_run_change *change_of(const struct hull_why_image *w, const char *path)
{
	return w->system.has_lock ? hull_runs_find(&w->system.lock.runs, path) : NULL;
}

static void add_change(struct hull_why_image *w, const char *path)
{
	const struct hull_run_change *c = change_of(w, path);

	if (c)
		json_object_set_new(w->file, "scriptlet",
				    json_pack("{s:s, s:s, s:s}", "kind", c->kind, "name",
					      c->scriptlet, "package", c->package));
}

static void print_change(const struct hull_why_image *w, const char *path)
{
	const struct hull_run_change *c = change_of(w, path);

	if (c)
		hull_print("  %s by %s of %s when the image was made\n", c->kind, c->scriptlet,
			   c->package);
}

static void describe_file(struct hull_why_image *w, struct hull_context *ctx, int node)
{
	const struct hull_system *s = &w->system;
	const struct hull_node *v = &s->tree.v[node], *f = &s->tree.v[v->inode];
	struct hull_arena *a = &w->system.arena;
	const char *path = hull_tree_path(&s->tree, node, a);
	const char *mode = hull_arena_printf(a, "%04o", f->mode & 07777);
	char size[HULL_AMOUNT];
	size_t owners = v->owner < 0 ? 0 : count_owners(s, path);

	w->node = node;
	w->file = json_pack("{s:o, s:s, s:s, s:I, s:I}", "path", hull_json_clean(path), "type",
			    type_name(f->mode), "mode", mode, "uid", (json_int_t)f->uid, "gid",
			    (json_int_t)f->gid);
	if (S_ISREG(f->mode))
		json_object_set_new(w->file, "bytes", json_integer((json_int_t)f->size_bytes));
	hull_json_set_clean(w->file, "target", f->target);
	if (v->owner >= 0)
		hull_json_set_clean(w->file, "package", s->packages[v->owner].name);
	add_change(w, path);
	if (ctx->json)
		return;
	hull_print("%s: %s, mode %s, owner %u:%u", path, type_name(f->mode), mode, f->uid, f->gid);
	if (S_ISREG(f->mode))
		hull_print(", %s", hull_kb_text(f->size_bytes, size));
	if (f->target)
		hull_print(", to %s", f->target);
	if (v->owner < 0)
		hull_print(", of no package\n");
	else if (owners > 1)
		hull_print(", of %s and %zu more\n", s->packages[v->owner].name, owners - 1);
	else
		hull_print(", of %s\n", s->packages[v->owner].name);
	print_change(w, path);
}

static int find_file(struct hull_why_image *w, struct hull_context *ctx, const char *path, bool all,
		     struct hull_err *e)
{
	struct hull_system *s = &w->system;
	int node = hull_tree_find(&s->tree, path);

	if (node == HULL_NO_NODE)
		return no_file(s, path, e);
	if (hull_system_read_packages(s, e) < 0)
		return -1;
	describe_file(w, ctx, node);
	if (s->tree.v[node].owner < 0)
		return 0;
	if (choose_reasons(w, ctx, all, e) < 0)
		return -1;
	w->package = find_locked(w->lock, &s->packages[s->tree.v[node].owner]);
	hull_assert(w->package < w->lock->n);
	return 0;
}

int hull_why_image_made(struct hull_why_image *w, struct hull_context *ctx, struct hull_err *e)
{
	struct hull_made_map made;
	bool is_made;

	if (hull_made_map_init(&made, &w->system.tree, e) < 0)
		return -1;
	is_made = made.v[w->node] & HULL_MADE;
	hull_made_map_fini(&made);
	if (!is_made && json_object_get(w->file, "scriptlet")) {
		if (ctx->json)
			hull_print_document(w->file, 1);
		return 0;
	}
	if (!is_made)
		return hull_fail(
			e, HULL_FAILED,
			"%s: '%s' is of no package, and nothing that hull image makes by itself",
			w->system.path, hull_tree_path(&w->system.tree, w->node, &w->system.arena));
	json_object_set_new(w->file, "made", json_true());
	if (ctx->json)
		hull_print_document(w->file, 1);
	else
		hull_print("  hull image makes it: accounts, caches, links and the like\n");
	return 0;
}

/* --- all of it --- */

int hull_why_image_open(struct hull_why_image *out, struct hull_context *ctx, const char *path,
			const char *what, bool all, struct hull_err *e)
{
	int r;

	*out = (struct hull_why_image){0};
	if (hull_system_open(&ctx->store, path, HULL_SYSTEM_TREE, &out->system, e) < 0)
		return -1;
	r = *what == '/' ? find_file(out, ctx, what, all, e) : find_package(out, ctx, what, all, e);
	if (out->system.note)
		hull_log(ctx->progress, "%s: %s", path, out->system.note);
	if (r < 0)
		hull_why_image_fini(out);
	return r;
}

void hull_why_image_fini(struct hull_why_image *w)
{
	json_decref(w->file);
	hull_requirements_fini(&w->requirements);
	hull_lock_fini(&w->derived);
	hull_system_fini(&w->system);
}
