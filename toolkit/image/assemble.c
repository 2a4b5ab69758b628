// SPDX-License-Identifier: MIT
#include "image/assemble.h"

#include "base/str.h"
#include "finish/accounts.h"
#include "finish/finish.h"
#include "payload/rpmdb.h"
#include "scriptrun/scriptrun.h"

/*
 * systemd compares these files with the time of /usr and, when they are older, makes again at boot
 * what is in the image already (ConditionNeedsUpdate).
 */
static int mark_updated(int64_t time, struct hull_tree *t, struct hull_err *e)
{
	static const char *const directories[] = {"etc", "var"};
	int usr = hull_tree_find(t, "usr");

	if (usr < 0)
		return 0;
	t->v[usr].mtime = time;
	for (size_t i = 0; i < 2; i++) {
		hull_autofree char *path = hull_asprintf("%s/.updated", directories[i]);
		hull_autobuf struct hull_buf text = {0};

		hull_buf_addf(&text, "TIMESTAMP_NSEC=%lld000000000\n", (long long)time);
		if (hull_tree_put_file(t, path, text.p, text.n, 0644, time, e) < 0)
			return -1;
	}
	return 0;
}

static int add_lock(const struct hull_assemble_request *r, struct hull_tree *t, struct hull_err *e)
{
	hull_autojson json_t *j = hull_lock_to_image_json(r->lock);
	hull_autobuf struct hull_buf text = {0};

	if (r->scriptlets && r->scriptlets->runs.ran)
		json_object_set_new(j, "scriptlets", hull_runs_to_json(&r->scriptlets->runs));
	hull_json_text(j, true, &text);
	return hull_tree_put_file(t, HULL_IMAGE_LOCK, text.p, text.n, 0644, 0, e) < 0 ? -1 : 0;
}

/* What Hull made itself has no time of its own. */
static void set_times(int64_t time, struct hull_tree *t)
{
	for (int i = hull_tree_next(t, HULL_TREE_ROOT, HULL_TREE_ROOT); i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (t->v[i].mtime == 0 || t->v[i].mtime > time)
			t->v[i].mtime = time;
	if (t->v[HULL_TREE_ROOT].mtime == 0 || t->v[HULL_TREE_ROOT].mtime > time)
		t->v[HULL_TREE_ROOT].mtime = time;
}

void hull_image_scriptlets_fini(struct hull_image_scriptlets *s)
{
	hull_arena_fini(&s->arena);
	hull_strv_fini(&s->warnings);
	s->runs = (struct hull_runs){0};
}

/* Scripts of the configuration find its files, and may change them. */
static bool run_late(const struct hull_assemble_request *r)
{
	return r->scriptlets && r->scriptlets->nmore;
}

/* They find the accounts and libraries that they would find on a machine. */
static int run_scriptlets(const struct hull_assemble_request *r, struct hull_tree *t,
			  struct hull_err *e)
{
	struct hull_image_scriptlets *s = r->scriptlets;
	struct hull_scriptrun_request run = {
		.store = r->store, .packages = r->packages, .arch = r->arch, .time = r->time};
	const char *difference;

	if (!s)
		return 0;
	run.more = s->more;
	run.nmore = s->nmore;
	hull_image_scriptlets_fini(s);
	if (run_late(r) && hull_identity_apply(r->config, r->time, t, e) < 0)
		return -1;
	if (hull_accounts_prepare(r->time, t, e) < 0 || hull_ldcache_add(t, e) < 0 ||
	    hull_scriptrun(&run, t, &s->arena, &s->runs, &s->warnings, e) < 0)
		return -1;
	if (!r->lock->runs.ran || s->accept)
		return 0;
	difference = hull_runs_difference(&r->lock->runs, &s->runs, &s->arena);
	return difference
		       ? hull_fail(e, HULL_FAILED,
				   "scriptlets do not do what the lock file says (--update accepts "
				   "the difference): %s",
				   difference)
		       : 0;
}

static int set_owners(const struct hull_assemble_request *r, struct hull_tree *t)
{
	if (r->scriptlets)
		hull_scriptrun_set_owners(&r->scriptlets->runs, t);
	return 0;
}

static int finish(const struct hull_assemble_request *r, struct hull_tree *t, struct hull_err *e)
{
	const struct hull_image_config *c = r->config;

	/* additional files first: they may bring users, units and settings of their own */
	if ((!run_late(r) && hull_identity_apply(c, r->time, t, e) < 0) ||
	    hull_accounts_apply(c, r->packages, r->time, t, e) < 0 || set_owners(r, t) < 0 ||
	    hull_presets_apply(c, t, e) < 0 || hull_tmpfiles_apply(r->time, t, e) < 0 ||
	    hull_ldcache_add(t, e) < 0 || hull_modules_add(r->store, t, e) < 0 ||
	    hull_hwdb_add(t, e) < 0 || hull_catalog_add(t, e) < 0)
		return -1;
	if (hull_rpmdb_add(r->store, r->packages, r->time, !c->remove_rpm_db, t, e) < 0)
		return -1;
	if (add_lock(r, t, e) < 0)
		return -1;
	return mark_updated(r->time, t, e);
}

int hull_assemble(const struct hull_assemble_request *r, struct hull_tree *out, struct hull_err *e)
{
	struct hull_payload_options o = {.no_docs = r->config->no_docs,
					 .locales = r->config->locales,
					 .time = r->time,
					 .scriptlets = r->scriptlets != NULL};

	hull_tree_init(out);
	if (hull_payload_add(r->packages, &o, out, e) < 0 || run_scriptlets(r, out, e) < 0 ||
	    finish(r, out, e) < 0) {
		hull_tree_fini(out);
		return -1;
	}
	set_times(r->time, out);
	return 0;
}
