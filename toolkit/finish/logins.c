// SPDX-License-Identifier: MIT
#include "finish/logins.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "system/confdir.h"
#include "tree/copy.h"

enum { FIRST_ID = 1000, LAST_ID = 60000 };

static int add_group(const struct hull_group *g, uint32_t gid, struct hull_userdb *db,
		     struct hull_err *e)
{
	const struct hull_group_entry *other = hull_userdb_gid(db, gid);

	if (other)
		return hull_fail(e, HULL_FAILED, "%s: gid %" PRIu32 " of '%s' is that of '%s'",
				 g->where, gid, g->name, other->name);
	hull_userdb_add_group(db, hull_arena_strdup(&db->arena, g->name), gid);
	return 0;
}

/* The lowest id that neither a user nor a group has. */
static int next_id(const struct hull_userdb *db, const char *where, uint32_t *out,
		   struct hull_err *e)
{
	for (uint32_t id = FIRST_ID; id <= LAST_ID; id++) {
		if (hull_userdb_uid(db, id) || hull_userdb_gid(db, id))
			continue;
		*out = id;
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "%s: no id is left", where);
}

static int add_groups(const struct hull_image_config *c, bool with_gid, struct hull_userdb *db,
		      struct hull_err *e)
{
	for (size_t i = 0; i < c->ngroups; i++) {
		const struct hull_group *g = &c->groups[i];
		const struct hull_group_entry *old = hull_userdb_group(db, g->name);
		uint32_t gid = (uint32_t)g->gid;

		if ((g->gid >= 0) != with_gid)
			continue;
		if (old && with_gid && old->gid != gid)
			return hull_fail(e, HULL_FAILED,
					 "%s: group '%s' has the gid %" PRIu32 " already", g->where,
					 g->name, old->gid);
		if (old)
			continue;
		if (!with_gid && next_id(db, g->where, &gid, e) < 0)
			return -1;
		if (add_group(g, gid, db, e) < 0)
			return -1;
	}
	return 0;
}

static const char *default_shell(const struct hull_tree *t)
{
	return hull_tree_follow(t, "/bin/bash") >= 0 ? "/bin/bash" : "/bin/sh";
}

/* The group of a user's own name, made if nobody has defined it. */
static int own_group(const struct hull_account *a, uint32_t uid, struct hull_userdb *db,
		     struct hull_err *e)
{
	const struct hull_group own = {.name = a->name, .where = a->where};
	uint32_t gid = uid;

	if (hull_userdb_group(db, a->name))
		return 0;
	if (hull_userdb_gid(db, gid) && next_id(db, a->where, &gid, e) < 0)
		return -1;
	return add_group(&own, gid, db, e);
}

static int add_user(const struct hull_account *a, const struct hull_tree *t, struct hull_userdb *db,
		    struct hull_err *e)
{
	const struct hull_user_entry *old = hull_userdb_user(db, a->name);
	struct hull_user_entry u = {.password = "x", .gecos = "", .uid = (uint32_t)a->uid};

	if (old && a->uid >= 0 && old->uid != u.uid)
		return hull_fail(e, HULL_FAILED, "%s: user '%s' has the uid %" PRIu32 " already",
				 a->where, a->name, old->uid);
	if (old)
		return 0;
	if (a->uid < 0 && next_id(db, a->where, &u.uid, e) < 0)
		return -1;
	old = hull_userdb_uid(db, u.uid);
	if (old)
		return hull_fail(e, HULL_FAILED, "%s: uid %" PRIu32 " of '%s' is that of '%s'",
				 a->where, u.uid, a->name, old->name);
	if (!a->primary_group && own_group(a, u.uid, db, e) < 0)
		return -1;
	u.name = hull_arena_strdup(&db->arena, a->name);
	u.home = hull_arena_printf(&db->arena, "/home/%s", a->name);
	u.shell = default_shell(t);
	/* the group of a primary_group is set when all groups are there */
	u.gid = a->primary_group ? 0 : hull_userdb_group(db, a->name)->gid;
	hull_userdb_add_user(db, &u);
	return 0;
}

/* shadow(5): "*" is no password at all, which unlike "!" does not lock keys out. */
static const char *shadow(const struct hull_account *a, const struct hull_user_entry *u,
			  int64_t time, struct hull_arena *arena)
{
	const char *password = a->password ? a->password : a->ssh_keys.n ? "*" : NULL;
	int64_t days = time / 86400;

	if (!password && u->shadow && a->password_expires_days < 0)
		return u->shadow;
	if (!password)
		password = "!*";
	return hull_arena_printf(arena, "%s:%" PRId64 ":0:%" PRId64 ":7:::", password, days,
				 a->password_expires_days < 0 ? INT64_C(99999)
							      : a->password_expires_days);
}

static struct hull_group_entry *group_of(const struct hull_account *a, const char *name,
					 const struct hull_userdb *db, struct hull_err *e)
{
	struct hull_group_entry *g = hull_userdb_group(db, name);

	if (!g)
		hull_fail(e, HULL_FAILED, "%s: there is no group '%s' for user '%s'", a->where,
			  name, a->name);
	return g;
}

static int complete_user(const struct hull_account *a, int64_t time, struct hull_userdb *db,
			 struct hull_err *e)
{
	struct hull_user_entry *u = hull_userdb_user(db, a->name);
	struct hull_group_entry *g;

	if (a->primary_group) {
		g = group_of(a, a->primary_group, db, e);
		if (!g)
			return -1;
		u->gid = g->gid;
	}
	for (size_t i = 0; i < a->groups.n; i++) {
		g = group_of(a, a->groups.v[i], db, e);
		if (!g)
			return -1;
		hull_strv_add(&g->members, a->name);
	}
	if (a->home)
		u->home = hull_arena_strdup(&db->arena, a->home);
	if (a->shell)
		u->shell = hull_arena_strdup(&db->arena, a->shell);
	u->password = "x";
	u->shadow = shadow(a, u, time, &db->arena);
	return 0;
}

int hull_logins_add(const struct hull_image_config *c, const struct hull_tree *t, int64_t time,
		    struct hull_userdb *db, struct hull_err *e)
{
	if (add_groups(c, true, db, e) < 0)
		return -1;
	for (int fixed = 1; fixed >= 0; fixed--)
		for (size_t i = 0; i < c->nusers; i++)
			if ((c->users[i].uid >= 0) == fixed && add_user(&c->users[i], t, db, e) < 0)
				return -1;
	if (add_groups(c, false, db, e) < 0)
		return -1;
	for (size_t i = 0; i < c->nusers; i++)
		if (complete_user(&c->users[i], time, db, e) < 0)
			return -1;
	return 0;
}

/* --- home directories --- */

static void own(struct hull_tree *t, int node, const struct hull_user_entry *u, int64_t time)
{
	t->v[node].uid = u->uid;
	t->v[node].gid = u->gid;
	t->v[node].mtime = time;
}

/* The directory, made if it is missing; *out_new tells. */
static int directory(struct hull_tree *t, const char *path, const struct hull_user_entry *u,
		     int64_t time, bool *out_new, struct hull_err *e)
{
	int node = hull_tree_follow(t, path);

	*out_new = node < 0;
	if (node < 0)
		node = hull_tree_add(t, path, e);
	if (node < 0)
		return -1;
	if (*out_new) {
		if (t->v[node].mode)
			return hull_fail(e, HULL_FAILED, "%s: not a directory", path);
		hull_tree_set_directory(t, node, 0700);
		own(t, node, u, time);
	}
	if (!S_ISDIR(t->v[node].mode))
		return hull_fail(e, HULL_FAILED, "%s: not a directory", path);
	return node;
}

static int add_keys(const struct hull_account *a, const struct hull_user_entry *u, int64_t time,
		    struct hull_tree *t, struct hull_err *e)
{
	hull_autofree char *ssh = hull_asprintf("%s/.ssh", u->home);
	hull_autofree char *keys = hull_asprintf("%s/authorized_keys", ssh);
	hull_autobuf struct hull_buf text = {0};
	bool made;
	int node;

	if (directory(t, ssh, u, time, &made, e) < 0)
		return -1;
	for (size_t i = 0; i < a->ssh_keys.n; i++)
		hull_buf_addf(&text, "%s\n", a->ssh_keys.v[i]);
	node = hull_tree_put_file(t, keys, text.p, text.n, 0600, time, e);
	if (node < 0)
		return -1;
	own(t, node, u, time);
	return 0;
}

static int add_home(const struct hull_account *a, const struct hull_user_entry *u, int64_t time,
		    struct hull_tree *t, struct hull_err *e)
{
	const struct hull_copy_owner owner = {.set = true, .uid = u->uid, .gid = u->gid};
	int skel = hull_tree_follow(t, "/etc/skel"), home;
	bool made;

	home = directory(t, u->home, u, time, &made, e);
	if (home < 0)
		return -1;
	if (made && skel >= 0 && S_ISDIR(t->v[skel].mode) &&
	    hull_tree_copy_below(t, skel, home, &owner, e) < 0)
		return -1;
	return a->ssh_keys.n ? add_keys(a, u, time, t, e) : 0;
}

int hull_logins_add_homes(const struct hull_image_config *c, const struct hull_userdb *db,
			  int64_t time, struct hull_tree *t, struct hull_err *e)
{
	for (size_t i = 0; i < c->nusers; i++) {
		const struct hull_account *a = &c->users[i];

		if (add_home(a, hull_userdb_user(db, a->name), time, t, e) < 0)
			return hull_wrap(e, "%s: home of user '%s': ", a->where, a->name);
	}
	return 0;
}
