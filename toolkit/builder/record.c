// SPDX-License-Identifier: MIT
#include "builder/record.h"

#include <string.h>

#include "rpm/rpmfile.h"
#include "store/intact.h"

void hull_record_fini(struct hull_record *r)
{
	hull_build_record_fini(&r->build);
	*r = (struct hull_record){0};
}

static int read_packages(const struct hull_store *s, struct hull_arena *a, struct hull_record *out,
			 struct hull_err *e)
{
	const struct hull_built_packages *list = &out->build.packages;
	const char **digests = hull_arena_array(a, list->n + 1, sizeof *digests);

	for (size_t i = 0; i < list->n; i++)
		digests[i] = list->v[i].sha256;
	/* what is damaged is away then, and built again */
	if (hull_intact_files(s, HULL_STORE_RPM, digests, list->n, e) < 0)
		return -1;
	out->packages = hull_arena_array(a, list->n, sizeof *out->packages);
	for (size_t i = 0; i < list->n; i++) {
		const char *sha256 = list->v[i].sha256;

		if (!sha256)
			return hull_fail(e, HULL_FAILED, "build record: no string \"sha256\"");
		if (!hull_store_has(s, HULL_STORE_RPM, sha256))
			return 0; /* collected: as if never built */
		if (hull_rpm_stored(s, sha256, a, &out->packages[i], e) < 0)
			return -1;
	}
	return 1;
}

/* A record that is damaged is away then, as if there never was one. */
static int read_build(const struct hull_store *s, const char *key, struct hull_build_record *out,
		      struct hull_err *e)
{
	struct hull_err why;
	int r = hull_build_record_read(s, key, out, &why);

	if (r > 0 && (!out->own_key || strcmp(out->own_key, key) != 0)) {
		hull_build_record_fini(out);
		r = hull_fail(&why, HULL_FAILED, "it is the record of another build");
	}
	if (r >= 0)
		return r;
	if (!hull_intact_is_damage(&why))
		return hull_fail_as(e, &why);
	return hull_intact_set_aside(s, HULL_STORE_BUILD, key, why.msg, e);
}

int hull_record_read(const struct hull_store *s, const char *key, struct hull_arena *a,
		     struct hull_record *out, struct hull_err *e)
{
	int r;

	*out = (struct hull_record){0};
	r = read_build(s, key, &out->build, e);
	if (r < 0)
		return hull_wrap(e, "store %s: ", s->path);
	if (r > 0)
		r = read_packages(s, a, out, e);
	if (r <= 0)
		hull_record_fini(out);
	return r;
}

int hull_record_latest(const struct hull_store *s, const char *arch, const char *spec,
		       struct hull_arena *a, struct hull_record *out, struct hull_err *e)
{
	char key[HULL_HEX];
	int r = hull_store_latest(s, arch, spec, key, e);

	*out = (struct hull_record){0};
	if (r > 0)
		r = hull_record_read(s, key, a, out, e);
	if (r <= 0 || (out->build.spec && !strcmp(out->build.spec, spec)))
		return r;
	/* the name of another spec's build: which is the newest one is not known any more */
	hull_record_fini(out);
	return 0;
}

static bool has_dep(const struct hull_deps *deps, const char *name)
{
	for (size_t i = 0; i < deps->n; i++)
		if (!strcmp(deps->v[i].name, name))
			return true;
	return false;
}

struct hull_package hull_record_learned(const struct hull_record *latest,
					const struct hull_package *declared, struct hull_arena *a)
{
	struct hull_package p = *declared;
	const struct hull_package *old = NULL;
	struct hull_deps *provides = &p.deps[HULL_PROVIDES];
	const struct hull_deps *more;

	for (size_t i = 0; i < latest->build.packages.n && !old; i++)
		if (!strcmp(latest->packages[i].name, p.name))
			old = &latest->packages[i];
	if (!old)
		return p;
	p.installed_bytes = old->installed_bytes;
	more = &old->deps[HULL_PROVIDES];
	provides->v = hull_arena_array(a, provides->n + more->n, sizeof *provides->v);
	if (declared->deps[HULL_PROVIDES].n)
		memcpy(provides->v, declared->deps[HULL_PROVIDES].v,
		       provides->n * sizeof *provides->v);
	for (size_t i = 0; i < more->n; i++)
		if (!hull_starts(more->v[i].name, p.name) &&
		    !has_dep(&declared->deps[HULL_PROVIDES], more->v[i].name))
			provides->v[provides->n++] = more->v[i];
	p.files = hull_arena_array(a, p.nfiles + old->nfiles, sizeof *p.files);
	if (declared->nfiles)
		memcpy(p.files, declared->files, declared->nfiles * sizeof *p.files);
	if (old->nfiles)
		memcpy(p.files + p.nfiles, old->files, old->nfiles * sizeof *p.files);
	p.nfiles += old->nfiles;
	return p;
}
