// SPDX-License-Identifier: MIT
#include "finish/accounts.h"

#include <string.h>

#include "finish/allot.h"
#include "finish/logins.h"

static int resolve(const struct hull_userdb *db, const struct hull_package *p,
		   const struct hull_file *f, uint32_t *out_uid, uint32_t *out_gid,
		   struct hull_err *e)
{
	bool user = hull_userdb_resolve_user(db, f->user, out_uid);

	if (user && hull_userdb_resolve_group(db, f->group, out_gid))
		return 0;
	return hull_fail(e, HULL_FAILED, "%s: %s belongs to the %s '%s', which nothing defines",
			 p->name, f->path, user ? "group" : "user", user ? f->group : f->user);
}

/* The owners in the headers; most are root's, so the last answer is usually the next. */
static int set_owners(const struct hull_packages *p, const struct hull_userdb *db,
		      struct hull_tree *t, struct hull_err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *user = "", *group = "";
		uint32_t uid = 0, gid = 0;

		for (size_t j = 0; j < p->v[i].nfiles; j++) {
			const struct hull_file *f = &p->v[i].files[j];
			int node = hull_tree_find(t, f->path);

			if (node < 0 || t->v[node].owner != (int)i)
				continue;
			if ((strcmp(f->user, user) != 0 || strcmp(f->group, group) != 0) &&
			    resolve(db, &p->v[i], f, &uid, &gid, e) < 0)
				return -1;
			user = f->user;
			group = f->group;
			node = t->v[node].inode;
			t->v[node].uid = uid;
			t->v[node].gid = gid;
		}
	}
	return 0;
}

int hull_accounts_prepare(int64_t time, struct hull_tree *t, struct hull_err *e)
{
	struct hull_sysusers lines = {0};
	struct hull_userdb db;
	int rc;

	if (hull_userdb_read(t, &db, e) < 0)
		return -1;
	rc = hull_sysusers_read(t, &lines, e);
	if (rc == 0)
		rc = hull_sysusers_allot(&lines, t, time, &db, e);
	if (rc == 0)
		rc = hull_userdb_write(&db, time, t, e);
	hull_sysusers_fini(&lines);
	hull_userdb_fini(&db);
	return rc;
}

int hull_accounts_apply(const struct hull_image_config *c, const struct hull_packages *p,
			int64_t time, struct hull_tree *t, struct hull_err *e)
{
	struct hull_sysusers lines = {0};
	struct hull_userdb db;
	int rc;

	if (hull_userdb_read(t, &db, e) < 0)
		return -1;
	rc = hull_sysusers_read(t, &lines, e);
	if (rc == 0)
		rc = hull_sysusers_allot(&lines, t, time, &db, e);
	if (rc == 0)
		rc = hull_logins_add(c, t, time, &db, e);
	if (rc == 0)
		rc = set_owners(p, &db, t, e);
	if (rc == 0)
		rc = hull_userdb_write(&db, time, t, e);
	if (rc == 0)
		rc = hull_logins_add_homes(c, &db, time, t, e);
	hull_sysusers_fini(&lines);
	hull_userdb_fini(&db);
	return rc;
}
