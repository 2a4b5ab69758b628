// SPDX-License-Identifier: MIT
#include "store/buildrecord.h"

#include <string.h>

#include "base/file.h"
#include "store/sealed.h"
#include "text/json.h"

/* --- inputs --- */

struct hull_build_inputs hull_build_inputs_parse(json_t *j)
{
	const json_t *epoch = json_object_get(j, "epoch");

	return (struct hull_build_inputs){
		.json = json_is_object(j) ? j : NULL,
		.format = hull_json_optional(j, "format"),
		.arch = hull_json_optional(j, "arch"),
		.macros = hull_json_optional(j, "macros"),
		.seed = hull_json_optional(j, "seed"),
		.has_epoch = json_is_integer(epoch),
		.epoch = json_integer_value(epoch),
		.files = json_object_get(j, "files"),
		.sources = json_object_get(j, "sources"),
		.requirements = json_object_get(j, "requires"),
		.check = hull_json_optional(j, "check"),
		.defines = json_object_get(j, "defines"),
	};
}

json_t *hull_build_inputs_json(const struct hull_build_inputs *in)
{
	json_t *j = json_object();

	hull_json_set(j, "format", in->format);
	hull_json_set(j, "arch", in->arch);
	hull_json_set(j, "macros", in->macros);
	hull_json_set(j, "seed", in->seed);
	if (in->has_epoch)
		json_object_set_new(j, "epoch", json_integer(in->epoch));
	json_object_set(j, "files", in->files);
	json_object_set(j, "sources", in->sources);
	json_object_set(j, "requires", in->requirements);
	hull_json_set(j, "check", in->check);
	if (in->defines)
		json_object_set(j, "defines", in->defines);
	return j;
}

/* --- lists --- */

struct hull_built_packages hull_built_packages_parse(const json_t *j, struct hull_arena *a)
{
	struct hull_built_packages list = {.n = json_array_size(j)};
	const json_t *item;
	size_t i;

	list.v = hull_arena_array(a, list.n + 1, sizeof *list.v);
	json_array_foreach (j, i, item)
		list.v[i] = (struct hull_built_package){
			.name = hull_json_optional(item, "name"),
			.nevra = hull_json_optional(item, "nevra"),
			.sha256 = hull_json_optional(item, "sha256"),
			.content = hull_json_optional(item, "content"),
		};
	return list;
}

json_t *hull_built_packages_json(const struct hull_built_packages *list)
{
	json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++) {
		json_t *item = json_object();

		hull_json_set(item, "name", list->v[i].name);
		hull_json_set(item, "nevra", list->v[i].nevra);
		hull_json_set(item, "sha256", list->v[i].sha256);
		hull_json_set(item, "content", list->v[i].content);
		json_array_append_new(j, item);
	}
	return j;
}

struct hull_built_sources hull_built_sources_parse(const json_t *j, struct hull_arena *a)
{
	struct hull_built_sources list = {.n = json_array_size(j)};
	const json_t *item;
	size_t i;

	list.v = hull_arena_array(a, list.n + 1, sizeof *list.v);
	json_array_foreach (j, i, item)
		list.v[i] = (struct hull_built_source){
			.file = hull_json_optional(item, "file"),
			.sha256 = hull_json_optional(item, "sha256"),
			.url = hull_json_optional(item, "url"),
			.origin = hull_json_optional(item, "origin"),
		};
	return list;
}

json_t *hull_built_sources_json(const struct hull_built_sources *list)
{
	json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++) {
		json_t *item = json_object();

		hull_json_set(item, "file", list->v[i].file);
		hull_json_set(item, "sha256", list->v[i].sha256);
		hull_json_set(item, "url", list->v[i].url);
		hull_json_set(item, "origin", list->v[i].origin);
		json_array_append_new(j, item);
	}
	return j;
}

struct hull_built_patches hull_built_patches_parse(const json_t *j, struct hull_arena *a)
{
	struct hull_built_patches list = {.n = json_array_size(j)};
	const json_t *item;
	size_t i;

	list.v = hull_arena_array(a, list.n + 1, sizeof *list.v);
	json_array_foreach (j, i, item)
		list.v[i] = (struct hull_built_patch){
			.archive = hull_json_optional(item, "archive"),
			.name = hull_json_optional(item, "name"),
			.sha256 = hull_json_optional(item, "sha256"),
			.cves = json_object_get(item, "cves"),
		};
	return list;
}

static json_t *patches_json(const struct hull_built_patches *list)
{
	json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++) {
		json_t *item = json_object();

		hull_json_set(item, "archive", list->v[i].archive);
		hull_json_set(item, "name", list->v[i].name);
		hull_json_set(item, "sha256", list->v[i].sha256);
		json_object_set(item, "cves", list->v[i].cves);
		json_array_append_new(j, item);
	}
	return j;
}

/* --- the record --- */

void hull_build_record_fini(struct hull_build_record *r)
{
	json_decref(r->json);
	hull_arena_fini(&r->arena);
	*r = (struct hull_build_record){0};
}

static int64_t time_of(const json_t *j, const char *member)
{
	const json_t *v = json_object_get(j, member);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

static uint64_t amount(const json_t *j, const char *member)
{
	json_int_t v = json_integer_value(json_object_get(j, member));

	return v < 0 ? 0 : (uint64_t)v;
}

/* Takes the reference to j. */
static void parse(const char *key, json_t *j, struct hull_build_record *out)
{
	const json_t *spec = json_object_get(j, "spec");
	const json_t *root = json_object_get(j, "build_root");
	const json_t *log = json_object_get(j, "log");

	*out = (struct hull_build_record){
		.json = j,
		.own_key = hull_json_optional(j, "key"),
		.arch = hull_json_optional(j, "arch"),
		.spec = hull_json_optional(spec, "name"),
		.version = hull_json_optional(spec, "version"),
		.release = hull_json_optional(spec, "release"),
		.inputs = hull_build_inputs_parse(json_object_get(j, "inputs")),
		.seed = hull_json_optional(root, "seed"),
		.generated = json_object_get(j, "generated"),
		.check = hull_json_optional(j, "check"),
		.check_tries = (int64_t)amount(j, "check_tries"),
		.log_sha256 = hull_json_optional(log, "sha256"),
		.log_bytes = amount(log, "bytes"),
		.started = time_of(j, "started"),
		.finished = time_of(j, "finished"),
		.wall_ms = (int64_t)amount(j, "wall_ms"),
		.cpu_ms = amount(j, "cpu_ms"),
		.peak_memory_bytes = amount(j, "peak_memory_bytes"),
	};
	memcpy(out->key, key, HULL_HEX);
	out->sources = hull_built_sources_parse(json_object_get(j, "sources"), &out->arena);
	out->patches = hull_built_patches_parse(json_object_get(j, "patches"), &out->arena);
	out->root = hull_built_packages_parse(json_object_get(root, "packages"), &out->arena);
	out->packages = hull_built_packages_parse(json_object_get(j, "packages"), &out->arena);
}

int hull_build_record_read(const struct hull_store *s, const char *key,
			   struct hull_build_record *out, struct hull_err *e)
{
	struct hull_store_path at = hull_store_path(HULL_STORE_BUILD, key);
	enum hull_seal seal;
	json_t *j;

	*out = (struct hull_build_record){0};
	if (!hull_exists(s->fd, at.path))
		return 0;
	/* one without a seal counts: it is of an older hull, and to build again is dear */
	if (hull_sealed_read(s, HULL_STORE_BUILD, key, &j, &seal, e) <= 0)
		return -1;
	parse(key, j, out);
	return 1;
}

bool hull_build_record_has(const struct hull_build_record *r, const char *sha256)
{
	for (size_t i = 0; i < r->packages.n; i++)
		if (r->packages.v[i].sha256 && !strcmp(r->packages.v[i].sha256, sha256))
			return true;
	return false;
}

static json_t *to_json(const struct hull_build_record *r)
{
	json_t *j = json_object(), *spec = json_object(), *root = json_object();
	json_t *log = json_object();

	hull_json_set(j, "key", r->key);
	hull_json_set(j, "arch", r->arch);
	hull_json_set(spec, "name", r->spec);
	hull_json_set(spec, "version", r->version);
	hull_json_set(spec, "release", r->release);
	json_object_set_new(j, "spec", spec);
	json_object_set(j, "inputs", r->inputs.json);
	json_object_set_new(j, "sources", hull_built_sources_json(&r->sources));
	if (r->patches.n)
		json_object_set_new(j, "patches", patches_json(&r->patches));
	hull_json_set(root, "seed", r->seed);
	json_object_set_new(root, "packages", hull_built_packages_json(&r->root));
	json_object_set_new(j, "build_root", root);
	if (r->generated)
		json_object_set(j, "generated", r->generated);
	hull_json_set(j, "check", r->check);
	if (r->check_tries)
		json_object_set_new(j, "check_tries", json_integer(r->check_tries));
	json_object_set_new(j, "packages", hull_built_packages_json(&r->packages));
	hull_json_set(log, "sha256", r->log_sha256);
	json_object_set_new(log, "bytes", json_integer((json_int_t)r->log_bytes));
	json_object_set_new(j, "log", log);
	json_object_set_new(j, "started", json_integer(r->started));
	json_object_set_new(j, "finished", json_integer(r->finished));
	json_object_set_new(j, "wall_ms", json_integer(r->wall_ms));
	json_object_set_new(j, "cpu_ms", json_integer((json_int_t)r->cpu_ms));
	json_object_set_new(j, "peak_memory_bytes", json_integer((json_int_t)r->peak_memory_bytes));
	return j;
}

int hull_build_record_write(const struct hull_store *s, const struct hull_build_record *r,
			    struct hull_err *e)
{
	hull_autojson json_t *j = to_json(r);

	if (hull_sealed_write(s, HULL_STORE_BUILD, r->key, j, e) < 0)
		return -1;
	return hull_store_set_latest(s, r->arch, r->spec, r->key, e);
}
