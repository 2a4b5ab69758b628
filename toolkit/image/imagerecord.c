// SPDX-License-Identifier: MIT
#include "image/imagerecord.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/artifact.h"

enum { FORMAT = 1 }; /* of the record: toolkit/docs/json.md */

void hull_image_stamp(const struct hull_image_config *c, const struct hull_lock *l,
		      const char *arch, int64_t time, const char *program, char out[HULL_HEX])
{
	hull_autofree char *when = hull_asprintf("%lld", (long long)time);
	hull_autohash struct hull_hash *h = hull_hash_new();
	char seed[HULL_HEX];

	hull_make_seed(c, l, arch, seed);
	hull_hash_field(h, "seed", seed);
	hull_hash_field(h, "time", when);
	hull_hash_field(h, "program", program);
	hull_hash_hex(h, out);
}

static char *record_path(const char *directory, const char *name)
{
	return hull_asprintf("%s/%s.image.json", directory, name);
}

/* Size and time of an artifact as the record keeps them; NULL if there is none. */
static json_t *artifact_state(const char *directory, const char *file)
{
	hull_autofree char *path = hull_asprintf("%s/%s", directory, file);
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:I}", "file", file, "bytes", (json_int_t)st.st_size,
			 "allocated_bytes", (json_int_t)st.st_blocks * 512, "modified_ns",
			 (json_int_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
}

static bool is_unchanged(const char *directory, const json_t *artifact)
{
	const char *file = hull_json_optional(artifact, "file");
	hull_autojson json_t *now = file ? artifact_state(directory, file) : NULL;

	return now &&
	       json_equal(json_object_get(now, "bytes"), json_object_get(artifact, "bytes")) &&
	       json_equal(json_object_get(now, "modified_ns"),
			  json_object_get(artifact, "modified_ns"));
}

json_t *hull_image_current(const char *directory, const char *name, const char *stamp)
{
	hull_autofree char *path = record_path(directory, name);
	json_t *j = hull_json_read(AT_FDCWD, path, NULL), *artifacts, *artifact;
	const char *has = j ? hull_json_optional(j, "stamp") : NULL;
	size_t i;

	if (!has || strcmp(has, stamp) != 0) {
		json_decref(j);
		return NULL;
	}
	artifacts = json_object_get(j, "artifacts");
	json_array_foreach (artifacts, i, artifact)
		if (!is_unchanged(directory, artifact)) {
			json_decref(j);
			return NULL;
		}
	return j;
}

static json_t *partitions_json(const struct hull_made *m)
{
	json_t *all = json_array();

	for (size_t i = 0; m->has_disk && i < m->disk.places.n; i++) {
		const struct hull_place *p = &m->disk.places.v[i];
		char type[HULL_GUID_TEXT], id[HULL_GUID_TEXT];
		json_t *j;

		hull_guid_text(&p->type, type);
		hull_guid_text(&p->id, id);
		j = json_pack("{s:s, s:s, s:s, s:I, s:I}", "label", p->label, "type", type, "id",
			      id, "offset_bytes", (json_int_t)p->offset_bytes, "size_bytes",
			      (json_int_t)p->size_bytes);
		if (!p->hashes)
			hull_json_set(j, "mount_point", p->config->mount_point);
		json_array_append_new(all, j);
	}
	return all;
}

static json_t *figures_json(const struct hull_made *m, int64_t wall_ms)
{
	json_t *j = json_pack("{s:I, s:I, s:I, s:I}", "packages", (json_int_t)m->packages, "files",
			      (json_int_t)m->files, "installed_bytes",
			      (json_int_t)m->installed_bytes, "wall_ms", (json_int_t)wall_ms);

	if (m->has_disk) {
		json_object_set_new(j, "disk_bytes",
				    json_integer((json_int_t)m->disk.places.disk_bytes));
		json_object_set_new(j, "kernel_bytes",
				    json_integer((json_int_t)m->disk.kernel_bytes));
	}
	return j;
}

/* The figures of the image before: those of a record of another stamp. */
static void add_before(const char *path, const char *stamp, json_t *record)
{
	hull_autojson json_t *old = hull_json_read(AT_FDCWD, path, NULL);
	const char *was = old ? hull_json_optional(old, "stamp") : NULL;
	json_t *figures;

	if (!was)
		return;
	figures = json_object_get(old, strcmp(was, stamp) != 0 ? "figures" : "before");
	if (figures)
		json_object_set(record, "before", figures);
}

json_t *hull_image_record(const char *directory, const struct hull_image_config *c,
			  const struct hull_made *m, const char *stamp, int64_t wall_ms,
			  struct hull_err *e)
{
	hull_autofree char *path = record_path(directory, c->name);
	json_t *artifacts = json_array();
	hull_autojson json_t *j = json_pack(
		"{s:i, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "format", FORMAT, "name", c->name,
		"configuration", c->digest, "stamp", stamp, "time", (json_int_t)m->time, "figures",
		figures_json(m, wall_ms), "partitions", partitions_json(m), "artifacts", artifacts);

	for (size_t i = 0; i < c->nartifacts; i++) {
		hull_autofree char *file = hull_artifact_file(&c->artifacts[i]);
		json_t *state = artifact_state(directory, file);

		if (!state) {
			hull_fail_errno(e, "%s/%s", directory, file);
			return NULL;
		}
		json_array_append_new(artifacts, state);
	}
	if (m->has_disk) {
		hull_json_set(j, "command_line", m->disk.command_line);
		hull_json_set(j, "root_hash", m->disk.root_hash[0] ? m->disk.root_hash : NULL);
	}
	add_before(path, stamp, j);
	if (hull_json_write(AT_FDCWD, path, j, e) < 0)
		return NULL;
	return hull_steal(j);
}
