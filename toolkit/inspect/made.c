// SPDX-License-Identifier: MIT
#include "inspect/made.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "image/assemble.h"
#include "system/confdir.h"
#include "system/fstab.h"
#include "system/pathglob.h"
#include "system/tmpfile.h"
#include "system/unitfile.h"
#include "system/userdb.h"

enum { CHANGED = HULL_MADE | HULL_MADE_CONTENT | HULL_MADE_MODE };

static const char *const fixed[] = {
	"/etc/passwd",
	"/etc/group",
	"/etc/shadow",
	"/etc/gshadow",
	"/etc/hostname",
	"/etc/machine-id",
	"/etc/fstab",
	"/etc/os-release",
	"/usr/lib/os-release",
	"/etc/ld.so.cache",
	"/etc/.updated",
	"/var/.updated",
	"/usr/lib/udev/hwdb.bin",
	"/var/lib/systemd/catalog/database",
	"/var/lib/rpmmanifest/container-manifest-2",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/lost+found",
	("/" HULL_IMAGE_LOCK),
};

struct made_work {
	struct hull_made_map *made;
	const struct hull_tree *t;
};

static void mark(const struct made_work *w, int node, int flags)
{
	if (node < 0)
		return;
	w->made->v[node] |= (uint8_t)flags;
	w->made->v[w->t->v[node].inode] |= (uint8_t)(flags & ~HULL_MADE);
}

static void mark_below(const struct made_work *w, int top, int flags)
{
	for (int i = top; i >= 0; i = hull_tree_next(w->t, i, top))
		mark(w, i, flags);
}

static int child(const struct made_work *w, int directory, const char *name)
{
	return directory < 0 ? HULL_NO_NODE : hull_tree_child(w->t, directory, name, strlen(name));
}

/* The indexes that depmod makes; what it reads comes with the kernel. */
static void mark_modules(const struct made_work *w)
{
	int modules = hull_tree_find(w->t, "usr/lib/modules");

	for (int v = modules < 0 ? HULL_NO_NODE : w->t->v[modules].first_child; v >= 0;
	     v = w->t->v[v].next_sibling)
		for (int i = w->t->v[v].first_child; i >= 0; i = w->t->v[i].next_sibling)
			if (hull_starts(w->t->v[i].name, "modules.") && S_ISREG(w->t->v[i].mode) &&
			    w->t->v[i].owner < 0)
				mark(w, i, CHANGED);
}

/* Links to units, masks. */
static void mark_units(const struct made_work *w)
{
	for (int s = 0; s < 2; s++) {
		int top = hull_tree_find(w->t, hull_unit_scopes[s].config);

		for (int i = top; i >= 0; i = hull_tree_next(w->t, i, top))
			if (S_ISLNK(w->t->v[i].mode) &&
			    hull_unit_kind(w->t->v[i].name) != HULL_UNIT_INVALID)
				mark(w, i, HULL_MADE | HULL_MADE_CONTENT);
	}
}

/* "libz.so.1" -> "libz.so.1.3.1" beside it, which a package has. */
static void mark_sonames(const struct made_work *w)
{
	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(w->t, i, HULL_TREE_ROOT)) {
		const struct hull_node *n = &w->t->v[i];
		int to;

		if (!S_ISLNK(n->mode) || n->owner >= 0 || !strstr(n->name, ".so") ||
		    strchr(n->target, '/'))
			continue;
		to = child(w, n->parent, n->target);
		if (to >= 0 && S_ISREG(w->t->v[w->t->v[to].inode].mode) && w->t->v[to].owner >= 0)
			mark(w, i, HULL_MADE);
	}
}

static int mark_tmpfiles(const struct made_work *w, struct hull_err *e)
{
	struct hull_tmpfiles all = {0};
	int r = hull_tmpfiles_read(w->t, &all, e);

	for (size_t i = 0; r == 0 && i < all.n; i++) {
		const struct hull_tmpfile *f = &all.v[i];
		bool glob = strchr("wezZtT", f->type), deep = strchr("ZTC", f->type);
		hull_autofree int *found = NULL;
		int flags = HULL_MADE_MODE, one = hull_tree_find(w->t, f->path);
		size_t n = one >= 0;

		if (glob)
			r = hull_tree_glob(w->t, f->path, &found, &n, e);
		else
			flags |= HULL_MADE;
		if (f->type == 'w' || f->force || f->replace)
			flags |= HULL_MADE_CONTENT;
		if (r < 0)
			hull_wrap(e, "%s: ", f->where);
		for (size_t k = 0; r == 0 && k < n; k++) {
			int node = found ? found[k] : one;

			mark(w, node, flags);
			if (deep)
				mark_below(w, node, flags);
		}
	}
	hull_tmpfiles_fini(&all);
	return r;
}

/* Home directories with what comes from /etc/skel, and the keys of logins. */
static int mark_homes(const struct made_work *w, struct hull_err *e)
{
	int skel = hull_tree_follow(w->t, "/etc/skel");
	struct hull_userdb db;

	if (hull_userdb_read(w->t, &db, e) < 0)
		return -1;
	for (size_t i = 0; i < db.nusers; i++) {
		const char *path = db.users[i].home;
		int home = path && *path == '/' ? hull_tree_follow(w->t, path) : HULL_NO_NODE;
		int ssh = child(w, home, ".ssh");

		if (home < 0 || home == HULL_TREE_ROOT)
			continue;
		mark(w, home, HULL_MADE);
		mark(w, ssh, HULL_MADE);
		mark(w, child(w, ssh, "authorized_keys"), CHANGED);
		for (int k = skel < 0 ? HULL_NO_NODE : w->t->v[skel].first_child; k >= 0;
		     k = w->t->v[k].next_sibling)
			mark_below(w, child(w, home, w->t->v[k].name), HULL_MADE);
	}
	hull_userdb_fini(&db);
	return 0;
}

static int mark_mounts(const struct made_work *w, struct hull_err *e)
{
	struct hull_fstab fstab;

	if (hull_fstab_read(w->t, &fstab, e) < 0)
		return -1;
	for (size_t i = 0; i < fstab.n; i++) {
		int node = hull_tree_find(w->t, fstab.v[i].path);

		mark(w, node, HULL_MADE | HULL_MADE_MODE);
		mark(w, child(w, node, "lost+found"), HULL_MADE);
	}
	hull_fstab_fini(&fstab);
	return 0;
}

static void mark_parents(const struct made_work *w)
{
	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(w->t, i, HULL_TREE_ROOT)) {
		if (!(w->made->v[i] & HULL_MADE) && w->t->v[i].owner < 0)
			continue;
		for (int p = i; p != HULL_TREE_ROOT; p = w->t->v[p].parent)
			if (w->t->v[w->t->v[p].parent].owner < 0)
				w->made->v[w->t->v[p].parent] |= HULL_MADE;
	}
	w->made->v[HULL_TREE_ROOT] |= HULL_MADE;
}

int hull_made_map_init(struct hull_made_map *m, const struct hull_tree *t, struct hull_err *e)
{
	struct made_work w = {m, t};

	*m = (struct hull_made_map){.v = hull_alloc(t->n + 1), .n = t->n};
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		mark(&w, hull_tree_find(t, fixed[i]), CHANGED);
	mark_modules(&w);
	mark_units(&w);
	mark_sonames(&w);
	if (mark_tmpfiles(&w, e) < 0 || mark_homes(&w, e) < 0 || mark_mounts(&w, e) < 0) {
		hull_made_map_fini(m);
		return -1;
	}
	mark_parents(&w);
	return 0;
}

void hull_made_map_fini(struct hull_made_map *m)
{
	free(m->v);
	*m = (struct hull_made_map){0};
}
