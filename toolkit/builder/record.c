// SPDX-License-Identifier: MIT
#include "builder/record.h"

#include "rpm/rpmfile.h"

void hull_record_fini(struct hull_record *r)
{
	hull_build_record_fini(&r->build);
	*r = (struct hull_record){0};
}

static int read_packages(const struct hull_store *s, struct hull_arena *a, struct hull_record *out,
			 struct hull_err *e)
{
	const struct hull_built_packages *list = &out->build.packages;

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

int hull_record_read(const struct hull_store *s, const char *key, struct hull_arena *a,
		     struct hull_record *out, struct hull_err *e)
{
	int r;

	*out = (struct hull_record){0};
	r = hull_build_record_read(s, key, &out->build, e);
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
	return r > 0 ? hull_record_read(s, key, a, out, e) : r;
}
