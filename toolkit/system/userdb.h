// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree.h"

/* The account files of a tree: /etc/passwd, group, shadow and gshadow, see passwd(5), shadow(5). */

struct hull_user_entry {
	const char *name, *password, *gecos, *home, *shell;
	const char *shadow; /* what follows "name:" in /etc/shadow; NULL: no line there */
	uint32_t uid, gid;
};

struct hull_group_entry {
	const char *name, *password;
	const char *shadow, *admins; /* of /etc/gshadow; NULL: no line there */
	uint32_t gid;
	struct hull_strv members;
};

struct hull_userdb {
	struct hull_arena arena;
	struct hull_user_entry *users;
	size_t nusers, cap_users;
	struct hull_group_entry *groups;
	size_t ngroups, cap_groups;
	struct hull_index user, group, uid, gid; /* the first of each name and number */
};

/* A missing file counts as empty; a malformed line is an error with file and line. */
HULL_CHECKED int hull_userdb_read(const struct hull_tree *t, struct hull_userdb *out,
				  struct hull_err *e);
void hull_userdb_fini(struct hull_userdb *db);

/* Writes all four files: 0644 passwd and group, 0600 the others. Members are sorted. */
HULL_CHECKED int hull_userdb_write(struct hull_userdb *db, int64_t time, struct hull_tree *t,
				   struct hull_err *e);

/* By name, by number; NULL if there is none. Valid until the next entry is added. */
struct hull_user_entry *hull_userdb_user(const struct hull_userdb *db, const char *name);
struct hull_group_entry *hull_userdb_group(const struct hull_userdb *db, const char *name);
struct hull_user_entry *hull_userdb_uid(const struct hull_userdb *db, uint32_t uid);
struct hull_group_entry *hull_userdb_gid(const struct hull_userdb *db, uint32_t gid);

/* Appends an entry; its strings are not copied, and its name and number stay. */
struct hull_user_entry *hull_userdb_add_user(struct hull_userdb *db,
					     const struct hull_user_entry *u);
struct hull_group_entry *hull_userdb_add_group(struct hull_userdb *db, const char *name,
					       uint32_t gid);

/* The number of a user or group given by name or as a number; false if nobody has the name. */
bool hull_userdb_resolve_user(const struct hull_userdb *db, const char *text, uint32_t *out);
bool hull_userdb_resolve_group(const struct hull_userdb *db, const char *text, uint32_t *out);

/* A decimal id that is no reserved value (-1 in 16 or 32 bits). */
bool hull_parse_id(const char *text, uint32_t *out);
