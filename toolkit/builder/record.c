// SPDX-License-Identifier: MIT
#include "builder/record.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "rpm/rpmfile.h"

void hull_record_fini(struct hull_record *r)
{
	json_decref(r->json);
	*r = (struct hull_record){0};
}

static int read_packages(const struct hull_store *s, const json_t *list, struct hull_arena *a,
			 struct hull_record *out, struct hull_err *e)
{
	const json_t *item;
	size_t i;

	out->npackages = json_array_size(list);
	out->packages = hull_arena_alloc(a, out->npackages * sizeof *out->packages);
	json_array_foreach (list, i, item) {
		const char *sha256 = hull_json_string(item, "sha256", "build record", e);

		if (!sha256)
			return -1;
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
	struct hull_store_path o = hull_store_path(HULL_STORE_BUILD, key);
	int r;

	*out = (struct hull_record){0};
	if (!hull_exists(s->fd, o.path))
		return 0;
	out->json = hull_json_read(s->fd, o.path, e);
	if (!out->json)
		return hull_wrap(e, "store %s: ", s->path);
	r = read_packages(s, json_object_get(out->json, "packages"), a, out, e);
	if (r <= 0) {
		hull_record_fini(out);
		return r;
	}
	memcpy(out->key, key, HULL_HEX);
	out->wall_ms = json_integer_value(json_object_get(out->json, "wall_ms"));
	out->cpu_ms = (uint64_t)json_integer_value(json_object_get(out->json, "cpu_ms"));
	out->peak_memory_bytes =
		(uint64_t)json_integer_value(json_object_get(out->json, "peak_memory_bytes"));
	return 1;
}

int hull_record_latest(const struct hull_store *s, const char *arch, const char *spec,
		       struct hull_arena *a, struct hull_record *out, struct hull_err *e)
{
	char key[HULL_HEX];
	int r = hull_store_latest(s, arch, spec, key, e);

	*out = (struct hull_record){0};
	return r > 0 ? hull_record_read(s, key, a, out, e) : r;
}

int hull_record_write(const struct hull_store *s, const json_t *record, struct hull_err *e)
{
	const json_t *spec = json_object_get(record, "spec");
	const char *key = hull_json_optional(record, "key");
	struct hull_store_path o = hull_store_path(HULL_STORE_BUILD, key);

	if (hull_json_write(s->fd, o.path, record, e) < 0)
		return -1;
	return hull_store_set_latest(s, hull_json_optional(record, "arch"),
				     hull_json_optional(spec, "name"), key, e);
}
