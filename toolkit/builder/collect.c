// SPDX-License-Identifier: MIT
#include "builder/collect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "rpm/rpmfile.h"

static bool declared(const json_t *job, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(job, "packages"), i, item) {
		if (!strcmp(json_string_value(item), name))
			return true;
	}
	return false;
}

/* "/usr/lib/libz.so.1.3.1" is a library that others link to; "/usr/lib/security/pam_unix.so" is
 * not. */
static bool is_shared_library(const struct hull_file *f)
{
	static const char dir[] = "/usr/lib/lib";
	const char *so;

	if (!S_ISREG(f->mode) || !hull_starts(f->path, dir) ||
	    strchr(f->path + sizeof dir - 1, '/') || hull_starts(f->path, "/usr/lib/lib/"))
		return false;
	so = strstr(f->path, ".so.");
	return so != NULL;
}

/* The generators of rpm leave sonames out silently when something is wrong with their set-up. */
static int check_sonames(const struct hull_package *p, struct hull_err *e)
{
	const struct hull_deps *provides = &p->deps[HULL_PROVIDES];

	for (size_t i = 0; i < p->nfiles; i++) {
		bool found = false;

		if (!is_shared_library(&p->files[i]))
			continue;
		for (size_t j = 0; j < provides->n && !found; j++)
			found = strstr(provides->v[j].name, ".so") != NULL;
		if (!found)
			return hull_fail(
				e, HULL_FAILED,
				"package %s ships %s but provides no soname: rpm's dependency "
				"generators did not run",
				p->name, p->files[i].path);
	}
	return 0;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct hull_package *)x)->name,
		      ((const struct hull_package *)y)->name);
}

static int check_complete(const struct hull_package *v, size_t n, const json_t *job,
			  struct hull_err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (!declared(job, v[i].name))
			return hull_fail(
				e, HULL_FAILED,
				"the build made a package %s that the spec does not declare",
				v[i].name);
		if (check_sonames(&v[i], e) < 0)
			return -1;
	}
	return n ? 0 : hull_fail(e, HULL_FAILED, "the build made no package: there is no %%files");
}

int hull_collect(const struct hull_store *s, const char *rpms_dir, const json_t *job,
		 struct hull_arena *a, struct hull_built_packages *out, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	hull_autofree struct hull_package *packages = NULL;

	*out = (struct hull_built_packages){0};
	if (hull_dir_list(s->fd, rpms_dir, &names, e) < 0)
		return -1;
	packages = hull_alloc_array(names.n, sizeof *packages);
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", rpms_dir, names.v[i]);

		if (hull_rpm_store(s, s->fd, path, a, &packages[i], e) < 0)
			return -1;
	}
	if (check_complete(packages, names.n, job, e) < 0)
		return -1;
	qsort(packages, names.n, sizeof *packages, by_name);
	out->v = hull_arena_array(a, names.n, sizeof *out->v);
	for (size_t i = 0; i < names.n; i++) {
		if (hull_rpm_unpacked(s, packages[i].sha256, e) < 0)
			return -1;
		out->v[out->n++] =
			(struct hull_built_package){.name = packages[i].name,
						    .nevra = hull_package_nevra(&packages[i], a),
						    .sha256 = packages[i].sha256,
						    .content = packages[i].content};
	}
	return 0;
}
