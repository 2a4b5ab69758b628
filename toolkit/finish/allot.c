// SPDX-License-Identifier: MIT
#include "finish/allot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "system/confdir.h"

enum { FIRST_ID = 400, LAST_ID = 999 };
#define NOLOGIN "/usr/sbin/nologin"

/* A name that needs a user, a group or both. */
struct claim {
	const char *name;
	bool user, group;
	int64_t uid, gid;		 /* -1: none yet */
	const struct hull_sysuser *line; /* of the user; NULL: asked for by an "m" line only */
	const char *user_where, *group_where;
};

struct claims {
	struct claim *v;
	size_t n, cap;
	struct hull_userdb *db;
	const struct hull_sysusers *lines;
};

static struct claim *claim(struct claims *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].name, name))
			return &c->v[i];
	c->v = hull_grow(c->v, &c->cap, c->n, sizeof *c->v);
	c->v[c->n] = (struct claim){.name = name, .uid = -1, .gid = -1};
	return &c->v[c->n++];
}

static void claim_group(struct claims *c, const char *name, int64_t gid, const char *where)
{
	struct claim *i;

	if (hull_userdb_group(c->db, name))
		return;
	i = claim(c, name);
	if (!i->group_where) {
		i->gid = gid;
		i->group_where = where;
	}
	i->group = true;
}

static void claim_user(struct claims *c, const struct hull_sysuser *line, const char *name)
{
	struct claim *i;

	if (hull_userdb_user(c->db, name))
		return;
	i = claim(c, name);
	if (i->user && (!line || i->line))
		return;
	i->user = true;
	i->line = line;
	i->uid = line ? line->id : -1;
	i->user_where = line ? line->where : NULL;
	if (!line || (!line->group && line->gid < 0))
		claim_group(c, name, -1, NULL);
}

static void collect(struct claims *c)
{
	for (size_t i = 0; i < c->lines->n; i++) {
		const struct hull_sysuser *l = &c->lines->v[i];

		if (l->type == 'g')
			claim_group(c, l->name, l->id, l->where);
		else if (l->type == 'u')
			claim_user(c, l, l->name);
	}
	for (size_t i = 0; i < c->lines->n; i++) {
		const struct hull_sysuser *l = &c->lines->v[i];

		if (l->type != 'm')
			continue;
		claim_user(c, NULL, l->name);
		claim_group(c, l->group, -1, NULL);
	}
}

static const struct claim *uid_holder(const struct claims *c, int64_t uid,
				      const struct claim *except)
{
	for (size_t i = 0; i < c->n; i++)
		if (&c->v[i] != except && c->v[i].uid == uid)
			return &c->v[i];
	return NULL;
}

static const struct claim *gid_holder(const struct claims *c, int64_t gid,
				      const struct claim *except)
{
	for (size_t i = 0; i < c->n; i++)
		if (&c->v[i] != except && c->v[i].gid == gid)
			return &c->v[i];
	return NULL;
}

static bool uid_free(const struct claims *c, int64_t uid)
{
	return !hull_userdb_uid(c->db, (uint32_t)uid) && !uid_holder(c, uid, NULL);
}

static bool gid_free(const struct claims *c, int64_t gid)
{
	return !hull_userdb_gid(c->db, (uint32_t)gid) && !gid_holder(c, gid, NULL);
}

/* Ids that lines ask for must not be asked for twice. */
static int check_fixed(const struct claims *c, const struct claim *i, struct hull_err *e)
{
	const struct hull_user_entry *u =
		i->uid < 0 ? NULL : hull_userdb_uid(c->db, (uint32_t)i->uid);
	const struct hull_group_entry *g =
		i->gid < 0 ? NULL : hull_userdb_gid(c->db, (uint32_t)i->gid);
	const struct claim *other = i->uid < 0 ? NULL : uid_holder(c, i->uid, i);

	if (u || other)
		return hull_fail(e, HULL_FAILED, "%s: uid %" PRId64 " of '%s' is that of '%s'%s%s",
				 i->user_where, i->uid, i->name, u ? u->name : other->name,
				 u ? " in /etc/passwd" : ", see ", u ? "" : other->user_where);
	other = i->gid < 0 ? NULL : gid_holder(c, i->gid, i);
	if (g || other)
		return hull_fail(e, HULL_FAILED, "%s: gid %" PRId64 " of '%s' is that of '%s'%s%s",
				 i->group_where, i->gid, i->name, g ? g->name : other->name,
				 g ? " in /etc/group" : ", see ", g ? "" : other->group_where);
	return 0;
}

/* A user and the group of the same name share their id where they can. */
static void share_id(const struct claims *c, struct claim *i)
{
	const struct hull_user_entry *u = hull_userdb_user(c->db, i->name);
	const struct hull_group_entry *g = hull_userdb_group(c->db, i->name);
	int64_t uid = u ? (int64_t)u->uid : i->uid, gid = g ? (int64_t)g->gid : i->gid;

	if (i->user && i->uid < 0 && gid >= 0 && uid_free(c, gid))
		i->uid = gid;
	if (i->group && i->gid < 0 && uid >= 0 && gid_free(c, uid))
		i->gid = uid;
}

static bool in_ranges(const struct claims *c, uint64_t index, uint64_t *total, uint32_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->lines->n; i++) {
		const struct hull_sysuser *l = &c->lines->v[i];
		uint64_t size = (uint64_t)l->high - l->low + 1;

		if (l->type != 'r')
			continue;
		if (index >= n && index < n + size)
			*out = l->low + (uint32_t)(index - n);
		n += size;
	}
	if (n == 0) {
		n = LAST_ID - FIRST_ID + 1;
		*out = FIRST_ID + (uint32_t)(index % n);
	}
	*total = n;
	return index < n;
}

static int hash_id(const struct claims *c, struct claim *i, struct hull_err *e)
{
	uint64_t total, start;
	char hex[HULL_HEX];
	uint32_t id = 0;

	hull_hash_bytes(i->name, strlen(i->name), hex);
	hex[15] = '\0';
	in_ranges(c, 0, &total, &id);
	start = strtoull(hex, NULL, 16) % total;
	for (uint64_t n = 0; n < total; n++) {
		in_ranges(c, (start + n) % total, &total, &id);
		if (!uid_free(c, id) || !gid_free(c, id))
			continue;
		if (i->user && i->uid < 0)
			i->uid = id;
		if (i->group && i->gid < 0)
			i->gid = id;
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "no id is left for '%s'", i->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct claim *)a)->name, ((const struct claim *)b)->name);
}

static int by_gid(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return (x->gid > y->gid) - (x->gid < y->gid);
}

static int by_uid(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int assign(struct claims *c, struct hull_err *e)
{
	for (size_t i = c->n; i > 0; i--)
		if (check_fixed(c, &c->v[i - 1], e) < 0)
			return -1;
	if (c->n)
		qsort(c->v, c->n, sizeof *c->v, by_name);
	for (size_t i = 0; i < c->n; i++)
		share_id(c, &c->v[i]);
	for (size_t i = 0; i < c->n; i++) {
		const struct claim *v = &c->v[i];

		if (((v->user && v->uid < 0) || (v->group && v->gid < 0)) &&
		    hash_id(c, &c->v[i], e) < 0)
			return -1;
	}
	return 0;
}

/* --- entries --- */

static int primary_group(const struct claims *c, const struct claim *i, uint32_t *out,
			 struct hull_err *e)
{
	const struct hull_sysuser *l = i->line;
	const char *name = l && l->group ? l->group : i->name;
	const struct hull_group_entry *g;

	if (l && l->gid >= 0) {
		*out = (uint32_t)l->gid;
		if (!hull_userdb_gid(c->db, *out))
			return hull_fail(e, HULL_FAILED,
					 "%s: no group has the gid %" PRId64 " of '%s'", l->where,
					 l->gid, i->name);
		return 0;
	}
	g = hull_userdb_group(c->db, name);
	if (!g)
		return hull_fail(e, HULL_FAILED, "%s: there is no group '%s' for user '%s'",
				 l ? l->where : "sysusers.d", name, i->name);
	*out = g->gid;
	return 0;
}

static const char *root_shell(const struct hull_tree *t)
{
	return hull_tree_follow(t, "/bin/bash") >= 0 ? "/bin/bash"
	       : hull_tree_follow(t, "/bin/sh") >= 0 ? "/bin/sh"
						     : NOLOGIN;
}

static int add_user(const struct claims *c, const struct claim *i, const struct hull_tree *t,
		    int64_t time, struct hull_err *e)
{
	const struct hull_sysuser *l = i->line;
	struct hull_user_entry u = {
		.name = hull_arena_strdup(&c->db->arena, i->name),
		.password = "x",
		.gecos = l && l->gecos ? hull_arena_strdup(&c->db->arena, l->gecos) : "",
		.home = l && l->home ? hull_arena_strdup(&c->db->arena, l->home) : "/",
		.uid = (uint32_t)i->uid,
	};

	u.shell = l && l->shell ? hull_arena_strdup(&c->db->arena, l->shell)
		  : i->uid == 0 ? root_shell(t)
				: NOLOGIN;
	u.shadow = hull_arena_printf(&c->db->arena, "!*:%" PRId64 ":::::%s:", time / 86400,
				     l && l->locked ? "1" : "");
	if (primary_group(c, i, &u.gid, e) < 0)
		return -1;
	hull_userdb_add_user(c->db, &u);
	return 0;
}

static void add_member(struct hull_group_entry *g, const char *name)
{
	if (!hull_strv_has(&g->members, name))
		hull_strv_add(&g->members, name);
}

static int add_entries(struct claims *c, const struct hull_tree *t, int64_t time,
		       struct hull_err *e)
{
	if (c->n)
		qsort(c->v, c->n, sizeof *c->v, by_gid);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].group)
			hull_userdb_add_group(c->db, hull_arena_strdup(&c->db->arena, c->v[i].name),
					      (uint32_t)c->v[i].gid);
	if (c->n)
		qsort(c->v, c->n, sizeof *c->v, by_uid);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].user && add_user(c, &c->v[i], t, time, e) < 0)
			return -1;
	for (size_t i = 0; i < c->lines->n; i++)
		if (c->lines->v[i].type == 'm')
			add_member(hull_userdb_group(c->db, c->lines->v[i].group),
				   c->lines->v[i].name);
	return 0;
}

int hull_sysusers_allot(const struct hull_sysusers *s, const struct hull_tree *t, int64_t time,
			struct hull_userdb *db, struct hull_err *e)
{
	static const struct hull_sysuser root = {.type = 'u',
						 .name = "root",
						 .id = 0,
						 .gid = -1,
						 .gecos = "root",
						 .home = "/root",
						 .where = "hull's own line for root"};
	struct claims c = {.db = db, .lines = s};
	int rc;

	collect(&c);
	claim_user(&c, &root, "root");
	claim_group(&c, "root", 0, root.where);
	rc = assign(&c, e);
	if (rc == 0)
		rc = add_entries(&c, t, time, e);
	free(c.v);
	return rc;
}
