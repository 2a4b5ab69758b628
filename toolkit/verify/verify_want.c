// SPDX-License-Identifier: MIT
#include "verify/verify_want.h"

#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "image/assemble.h"
#include "image/make.h"
#include "inspect/system.h"

/* The time that the image writer was told: it is that of /usr. */
static int64_t time_of(const struct hull_tree *t)
{
	int usr = hull_tree_find(t, "usr");

	return usr < 0 ? 0 : t->v[usr].mtime;
}

static int assemble(const struct hull_verify_request *r, struct hull_wanted_tree *out,
		    struct hull_err *e)
{
	const struct hull_lock *lock = &r->system->lock;
	struct hull_assemble_request a = {.store = r->store,
					  .config = r->config,
					  .lock = lock,
					  .packages = &out->packages,
					  .arch = lock->arch,
					  .time = time_of(&r->system->tree)};
	struct hull_disk_request d = {.config = r->config,
				      .arch = lock->arch,
				      .seed = out->seed,
				      .time = a.time,
				      .threads = r->threads};

	if (lock->runs.n)
		return hull_fail(e, HULL_FAILED,
				 "scriptlets ran when the image was made: its lock file says what "
				 "they did, and only hull image does it again");
	if (hull_packages_open(r->store, lock, &out->packages, e) < 0)
		return -1;
	hull_make_seed(r->config, lock, lock->arch, out->seed);
	if (hull_assemble(&a, &out->tree, e) < 0)
		goto undo_packages;
	/* only for what it adds to the tree: fstab and directories to mount on */
	if (r->system->disk && r->config->has_disk) {
		if (hull_disk_plan(&d, &out->tree, &out->plan, e) < 0)
			goto undo_tree;
		out->has_plan = true;
	}
	return 0;
undo_tree:
	hull_tree_fini(&out->tree);
undo_packages:
	hull_packages_fini(&out->packages);
	return -1;
}

bool hull_wanted_tree_init(struct hull_wanted_tree *out, const struct hull_verify_request *r,
			   struct hull_verification *v)
{
	int slot = hull_task_start(r->progress, "configuration", 0);
	struct hull_err e;
	int rc;

	*out = (struct hull_wanted_tree){0};
	if (!r->system->has_lock)
		rc = hull_fail(&e, HULL_FAILED, "the image has no lock file");
	else
		rc = assemble(r, out, &e);
	hull_task_end(r->progress, slot);
	if (rc < 0)
		hull_verification_add(v, HULL_VERIFY_FILES, true, r->config->path,
				      "what it makes of the packages is not known: %s", e.msg);
	return rc == 0;
}

void hull_wanted_tree_fini(struct hull_wanted_tree *w)
{
	if (w->has_plan)
		hull_disk_plan_fini(&w->plan);
	hull_tree_fini(&w->tree);
	hull_packages_fini(&w->packages);
}
