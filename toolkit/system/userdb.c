// SPDX-License-Identifier: MIT
#include "system/userdb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "system/confdir.h"

enum { MAX_FIELDS = 9 };

bool hull_parse_id(const char *text, uint32_t *out)
{
	uint64_t n;

	if (!hull_parse_u64(text, 0, UINT32_MAX - 1, &n) || n == UINT16_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

struct hull_user_entry *hull_userdb_user(const struct hull_userdb *db, const char *name)
{
	size_t i;

	return hull_index_find(&db->user, name, &i) ? &db->users[i] : NULL;
}

struct hull_group_entry *hull_userdb_group(const struct hull_userdb *db, const char *name)
{
	size_t i;

	return hull_index_find(&db->group, name, &i) ? &db->groups[i] : NULL;
}

/* A number as the indexes have it. */
enum { ID_TEXT = 11 };

static const char *id_text(char out[ID_TEXT], uint32_t id)
{
	snprintf(out, ID_TEXT, "%" PRIu32, id);
	return out;
}

struct hull_user_entry *hull_userdb_uid(const struct hull_userdb *db, uint32_t uid)
{
	char text[ID_TEXT];
	size_t i;

	return hull_index_find(&db->uid, id_text(text, uid), &i) ? &db->users[i] : NULL;
}

struct hull_group_entry *hull_userdb_gid(const struct hull_userdb *db, uint32_t gid)
{
	char text[ID_TEXT];
	size_t i;

	return hull_index_find(&db->gid, id_text(text, gid), &i) ? &db->groups[i] : NULL;
}

bool hull_userdb_resolve_user(const struct hull_userdb *db, const char *text, uint32_t *out)
{
	const struct hull_user_entry *u = hull_userdb_user(db, text);

	if (!u)
		return hull_parse_id(text, out);
	*out = u->uid;
	return true;
}

bool hull_userdb_resolve_group(const struct hull_userdb *db, const char *text, uint32_t *out)
{
	const struct hull_group_entry *g = hull_userdb_group(db, text);

	if (!g)
		return hull_parse_id(text, out);
	*out = g->gid;
	return true;
}

struct hull_user_entry *hull_userdb_add_user(struct hull_userdb *db,
					     const struct hull_user_entry *u)
{
	char text[ID_TEXT];

	db->users = hull_grow(db->users, &db->cap_users, db->nusers, sizeof *db->users);
	db->users[db->nusers] = *u;
	hull_index_put(&db->user, u->name, db->nusers);
	hull_index_put(&db->uid, hull_arena_strdup(&db->arena, id_text(text, u->uid)), db->nusers);
	return &db->users[db->nusers++];
}

struct hull_group_entry *hull_userdb_add_group(struct hull_userdb *db, const char *name,
					       uint32_t gid)
{
	char text[ID_TEXT];

	db->groups = hull_grow(db->groups, &db->cap_groups, db->ngroups, sizeof *db->groups);
	db->groups[db->ngroups] = (struct hull_group_entry){
		.name = name, .password = "x", .shadow = "!*", .admins = "", .gid = gid};
	hull_index_put(&db->group, name, db->ngroups);
	hull_index_put(&db->gid, hull_arena_strdup(&db->arena, id_text(text, gid)), db->ngroups);
	return &db->groups[db->ngroups++];
}

/* --- reading --- */

typedef int parse_line(struct hull_userdb *db, char **field, struct hull_err *e);

/* Splits in place at colons; the number of fields, or MAX_FIELDS + 1 if there are more. */
static int split(char *line, char **field)
{
	int n = 0;

	for (char *p = line; p; n++) {
		char *colon = strchr(p, ':');

		if (n == MAX_FIELDS)
			return MAX_FIELDS + 1;
		field[n] = p;
		if (colon)
			*colon++ = '\0';
		p = colon;
	}
	return n;
}

static void add_members(struct hull_strv *v, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n)
			hull_strv_take(v, hull_strndup(list, n));
		list += n + (list[n] == ',');
	}
}

static int passwd_line(struct hull_userdb *db, char **f, struct hull_err *e)
{
	struct hull_user_entry u = {
		.name = f[0], .password = f[1], .gecos = f[4], .home = f[5], .shell = f[6]};

	if (!hull_parse_id(f[2], &u.uid) || !hull_parse_id(f[3], &u.gid))
		return hull_fail(e, HULL_FAILED, "'%s' has no valid uid and gid", u.name);
	if (hull_userdb_user(db, u.name))
		return hull_fail(e, HULL_FAILED, "user '%s' for the second time", u.name);
	hull_userdb_add_user(db, &u);
	return 0;
}

static int group_line(struct hull_userdb *db, char **f, struct hull_err *e)
{
	struct hull_group_entry *g;
	uint32_t gid;

	if (!hull_parse_id(f[2], &gid))
		return hull_fail(e, HULL_FAILED, "'%s' has no valid gid", f[0]);
	if (hull_userdb_group(db, f[0]))
		return hull_fail(e, HULL_FAILED, "group '%s' for the second time", f[0]);
	g = hull_userdb_add_group(db, f[0], gid);
	g->password = f[1];
	g->shadow = g->admins = NULL;
	add_members(&g->members, f[3]);
	return 0;
}

static int shadow_line(struct hull_userdb *db, char **f, struct hull_err *e)
{
	struct hull_user_entry *u = hull_userdb_user(db, f[0]);

	if (!u)
		return hull_fail(e, HULL_FAILED, "'%s' is not in /etc/passwd", f[0]);
	u->shadow = hull_arena_printf(&db->arena, "%s:%s:%s:%s:%s:%s:%s:%s", f[1], f[2], f[3], f[4],
				      f[5], f[6], f[7], f[8]);
	return 0;
}

static int gshadow_line(struct hull_userdb *db, char **f, struct hull_err *e)
{
	struct hull_group_entry *g = hull_userdb_group(db, f[0]);

	if (!g)
		return hull_fail(e, HULL_FAILED, "'%s' is not in /etc/group", f[0]);
	g->shadow = f[1];
	g->admins = f[2];
	add_members(&g->members, f[3]);
	return 0;
}

static const struct {
	const char *path;
	int fields;
	parse_line *parse;
	mode_t mode;
} files[] = {
	{"/etc/passwd", 7, passwd_line, 0644},
	{"/etc/group", 4, group_line, 0644},
	{"/etc/shadow", 9, shadow_line, 0600},
	{"/etc/gshadow", 4, gshadow_line, 0600},
};
enum { NFILES = sizeof files / sizeof *files };

static int read_lines(struct hull_userdb *db, size_t file, const struct hull_buf *text,
		      struct hull_err *e)
{
	struct hull_lines lines;
	const char *line;
	int rc = 0;

	hull_lines_init(&lines, text->p, text->n);
	while (rc == 0 && (line = hull_lines_next(&lines))) {
		char *field[MAX_FIELDS];

		if (!*line)
			continue;
		if (split(hull_arena_strdup(&db->arena, line), field) != files[file].fields)
			rc = hull_fail(e, HULL_FAILED, "not a line of %d fields",
				       files[file].fields);
		else
			rc = files[file].parse(db, field, e);
		if (rc < 0)
			hull_wrap(e, "%s:%d: ", files[file].path, lines.number);
	}
	hull_lines_fini(&lines);
	return rc;
}

int hull_userdb_read(const struct hull_tree *t, struct hull_userdb *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	*out = (struct hull_userdb){0};
	for (size_t i = 0; i < NFILES; i++) {
		int node = hull_tree_find(t, files[i].path);

		if (node < 0)
			continue;
		if (hull_tree_read(t, node, &text, e) < 0) {
			hull_wrap(e, "%s: ", files[i].path);
			hull_userdb_fini(out);
			return -1;
		}
		if (read_lines(out, i, &text, e) < 0) {
			hull_userdb_fini(out);
			return -1;
		}
	}
	return 0;
}

void hull_userdb_fini(struct hull_userdb *db)
{
	for (size_t i = 0; i < db->ngroups; i++)
		hull_strv_fini(&db->groups[i].members);
	free(db->groups);
	free(db->users);
	hull_index_fini(&db->user);
	hull_index_fini(&db->group);
	hull_index_fini(&db->uid);
	hull_index_fini(&db->gid);
	hull_arena_fini(&db->arena);
	*db = (struct hull_userdb){0};
}

/* --- writing --- */

static void add_list(const struct hull_strv *v, struct hull_buf *out)
{
	for (size_t i = 0; i < v->n; i++)
		hull_buf_addf(out, "%s%s", i ? "," : "", v->v[i]);
	hull_buf_addc(out, '\n');
}

int hull_userdb_write(struct hull_userdb *db, int64_t time, struct hull_tree *t, struct hull_err *e)
{
	struct hull_buf text[NFILES] = {0};
	int node = 0;

	for (size_t i = 0; i < db->nusers; i++) {
		const struct hull_user_entry *u = &db->users[i];

		hull_buf_addf(&text[0], "%s:%s:%" PRIu32 ":%" PRIu32 ":%s:%s:%s\n", u->name,
			      u->password, u->uid, u->gid, u->gecos, u->home, u->shell);
		if (u->shadow)
			hull_buf_addf(&text[2], "%s:%s\n", u->name, u->shadow);
		else if (!strcmp(u->password, "x"))
			hull_buf_addf(&text[2], "%s:!*:%" PRId64 "::::::\n", u->name, time / 86400);
	}
	for (size_t i = 0; i < db->ngroups; i++) {
		struct hull_group_entry *g = &db->groups[i];

		hull_strv_sort(&g->members);
		hull_buf_addf(&text[1], "%s:%s:%" PRIu32 ":", g->name, g->password, g->gid);
		add_list(&g->members, &text[1]);
		hull_buf_addf(&text[3], "%s:%s:%s:", g->name, g->shadow ? g->shadow : "!*",
			      g->admins ? g->admins : "");
		add_list(&g->members, &text[3]);
	}
	for (size_t i = 0; i < NFILES; i++) {
		if (node >= 0)
			node = hull_tree_put_file(t, files[i].path, text[i].p, text[i].n,
						  files[i].mode, time, e);
		hull_buf_fini(&text[i]);
	}
	return node < 0 ? -1 : 0;
}
