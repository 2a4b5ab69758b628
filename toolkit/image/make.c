// SPDX-License-Identifier: MIT
#include "image/make.h"

#include <sys/stat.h>

#include "image/artifact.h"
#include "image/assemble.h"

void hull_made_fini(struct hull_made *m)
{
	if (m->has_disk)
		hull_disk_plan_fini(&m->disk);
	*m = (struct hull_made){0};
}

void hull_make_seed(const struct hull_image_config *c, const struct hull_lock *l, const char *arch,
		    char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	hull_hash_field(h, "configuration", c->digest);
	hull_hash_field(h, "architecture", arch);
	for (size_t i = 0; i < l->n; i++)
		hull_hash_field(h, "package", l->v[i].sha256);
	hull_hash_hex(h, out);
}

static void count(const struct hull_tree *t, struct hull_made *out)
{
	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		out->files++;
		if (t->v[i].inode == i && S_ISREG(t->v[i].mode))
			out->installed_bytes += t->v[i].size_bytes;
	}
}

/* Process 1: what the kernel starts without an init= on its command line. */
static int check_init(const struct hull_image_config *c, const struct hull_tree *t,
		      struct hull_err *e)
{
	static const char *const inits[] = {"sbin/init", "etc/init", "bin/init", "bin/sh"};

	if (!c->efi)
		return 0;
	for (size_t i = 0; i < sizeof inits / sizeof *inits; i++)
		if (hull_tree_find(t, inits[i]) != HULL_NO_NODE)
			return 0;
	return hull_fail(e, HULL_FAILED,
			 "%s: nothing would start: no package of the image has /sbin/init",
			 c->path);
}

static int write_all(const struct hull_make_request *r, const char *seed, struct hull_tree *t,
		     struct hull_made *out, struct hull_err *e)
{
	struct hull_disk_request d = {r->config, r->arch, seed, out->time, r->threads};
	struct hull_artifact_request a = {.config = r->config,
					  .arch = r->arch,
					  .tree = t,
					  .time = out->time,
					  .directory = r->directory,
					  .threads = r->threads};
	int task, result;

	if (r->config->has_disk) {
		task = hull_task_start(r->progress, "disk layout", 0);
		result = hull_disk_plan(&d, t, &out->disk, e);
		hull_task_end(r->progress, task);
		if (result < 0)
			return -1;
		out->has_disk = true;
		a.layout = &out->disk.layout;
		a.disk = out->disk.places.disk;
	}
	task = hull_task_start(r->progress, "artifacts", 0);
	result = hull_artifacts_write(&a, e);
	hull_task_end(r->progress, task);
	return result;
}

static int make(const struct hull_make_request *r, const struct hull_packages *p,
		struct hull_made *out, struct hull_err *e)
{
	struct hull_assemble_request a = {.store = r->store,
					  .config = r->config,
					  .lock = r->lock,
					  .packages = p,
					  .arch = r->arch,
					  .time = out->time,
					  .scriptlets = r->scriptlets};
	int task = hull_task_start(r->progress, "file tree", 0), result = -1;
	char seed[HULL_HEX];
	struct hull_tree t;

	hull_make_seed(r->config, r->lock, r->arch, seed);
	result = hull_assemble(&a, &t, e);
	hull_task_end(r->progress, task);
	if (result < 0)
		return -1;
	result = -1;
	if (check_init(r->config, &t, e) == 0)
		result = write_all(r, seed, &t, out, e);
	count(&t, out);
	hull_tree_fini(&t);
	return result;
}

static int attempt(const struct hull_make_request *r, struct hull_made *out, struct hull_err *e)
{
	struct hull_packages packages;
	int result;

	*out = (struct hull_made){0};
	if (hull_packages_open(r->store, r->lock, &packages, e) < 0)
		return -1;
	out->packages = packages.n;
	out->time = r->time >= 0 ? r->time : hull_packages_newest(packages.v, packages.n);
	result = make(r, &packages, out, e);
	hull_packages_fini(&packages);
	if (result < 0)
		hull_made_fini(out);
	return result;
}

/* Whatever went wrong may be damage to the store; then it is put right, and tried once more. */
int hull_make(const struct hull_make_request *r, struct hull_made *out, struct hull_err *e)
{
	struct hull_err why;
	int repaired;

	if (attempt(r, out, &why) == 0)
		return 0;
	if (why.code == HULL_INTERRUPTED)
		return hull_fail_as(e, &why);
	repaired = hull_packages_repair(r->store, r->lock, e);
	if (repaired < 0)
		return -1;
	return repaired ? attempt(r, out, e) : hull_fail_as(e, &why);
}
