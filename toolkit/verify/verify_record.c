// SPDX-License-Identifier: MIT
#include "verify/verify_record.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "spec/macros.h"

struct record_check {
	const struct hull_verify_request *r;
	const struct hull_build_record *record;
	const struct hull_build_inputs *inputs;
	const char *object;
	struct hull_store_path build;
	struct hull_arena *arena;
	struct hull_stored_files *files;
	struct hull_verification *out;
	bool broken;
};

#define BROKEN(w, ...)                                                                             \
	do {                                                                                       \
		(w)->broken = true;                                                                \
		hull_verification_add((w)->out, HULL_VERIFY_RECORDS, false, (w)->object,           \
				      __VA_ARGS__);                                                \
	} while (0)

/* The key is the digest of the inputs, so neither can be changed alone. */
static void check_key(struct record_check *w)
{
	const char *own = w->record->own_key;
	hull_autobuf struct hull_buf text = {0};
	char hex[HULL_HEX];

	hull_json_text(w->inputs->json, false, &text);
	hull_hash_bytes(text.p ? text.p : "", text.n, hex);
	if (!own || strcmp(own, w->record->key) != 0)
		BROKEN(w, "%s has the key %s", w->build.path, own ? own : "of nothing");
	else if (strcmp(hex, w->record->key) != 0)
		BROKEN(w, "%s: its inputs have the key %s", w->build.path, hex);
}

static void require(struct record_check *w, enum hull_verify_kind kind, enum hull_store_kind stored,
		    const char *name, const char *sha256, const char *what)
{
	struct hull_stored_file f = {
		.kind = kind,
		.place = hull_store_path(stored, name),
		.sha256 = sha256,
		.object =
			what ? hull_arena_printf(w->arena, "%s of %s", what, w->object) : w->object,
	};

	hull_stored_files_add(w->files, &f);
}

static void check_log(struct record_check *w)
{
	const char *sha256 = w->record->log_sha256;

	if (!hull_is_sha256(sha256))
		BROKEN(w, "%s has no SHA-256 of the log", w->build.path);
	else
		require(w, HULL_VERIFY_RECORDS, HULL_STORE_LOG, w->record->key, sha256, NULL);
}

/* The sources that it tells of are those that its inputs pin. */
static void check_sources(struct record_check *w)
{
	const json_t *pinned = w->inputs->sources;
	size_t found = 0;

	for (size_t i = 0; i < w->record->sources.n; i++) {
		const char *file = w->record->sources.v[i].file;
		const char *sha256 = w->record->sources.v[i].sha256;
		const char *pin = file ? hull_json_optional(pinned, file) : NULL;

		if (!file || !hull_is_sha256(sha256) || !pin || strcmp(pin, sha256) != 0) {
			BROKEN(w, "%s: source %s is not the one in its inputs", w->build.path,
			       file ? file : "without a name");
			continue;
		}
		found++;
		require(w, HULL_VERIFY_SOURCES, HULL_STORE_SOURCE, sha256, sha256, file);
	}
	if (found < json_object_size(pinned))
		BROKEN(w, "%s tells of %zu of the %zu sources in its inputs", w->build.path, found,
		       json_object_size(pinned));
}

/* Specs and patches are in the tree of specs, not in the store. */
static bool is_in_tree(struct record_check *w, const char *spec, const char *file,
		       const char *sha256)
{
	for (size_t i = 0; w->r->spec_trees && i < w->r->spec_trees->n; i++) {
		hull_autofree char *path =
			hull_asprintf("%s/%s/%s", w->r->spec_trees->v[i], spec, file);
		char hex[HULL_HEX];
		struct hull_err e;

		if (hull_hash_file(AT_FDCWD, path, hex, NULL, &e) == 0 && !strcmp(hex, sha256))
			return true;
	}
	return false;
}

static void check_local_files(struct record_check *w)
{
	const char *spec = w->record->spec, *name;
	json_t *value;
	hull_autobuf struct hull_buf missing = {0};

	json_object_foreach (w->inputs->files, name, value) {
		const char *sha256 = json_string_value(value);

		if (spec && sha256 && is_in_tree(w, spec, name, sha256))
			w->out->held[HULL_VERIFY_SOURCES]++;
		else
			hull_buf_addf(&missing, "%s%s", missing.n ? ", " : "", name);
	}
	if (missing.n)
		hull_verification_add(w->out, HULL_VERIFY_SOURCES, true, w->object,
				      "not in the spec trees as it was built: %s", missing.p);
}

static void check_seed(struct record_check *w)
{
	const char *seed = w->inputs->seed, *used = w->record->seed;
	struct hull_store_path record = hull_store_path(HULL_STORE_SEED_RECORD, seed);
	hull_autojson json_t *packages = NULL;
	struct hull_err e;

	if (!hull_is_sha256(seed) || !used || strcmp(seed, used) != 0) {
		BROKEN(w, "%s: the seed of its build root is not the one in its inputs",
		       w->build.path);
		return;
	}
	if (!hull_exists(w->r->store->fd, record.path)) {
		hull_verification_add(w->out, HULL_VERIFY_RECORDS, true, w->object,
				      "%s is not in the store", record.path);
		return;
	}
	packages = hull_json_read(w->r->store->fd, record.path, &e);
	if (!packages)
		BROKEN(w, "%s", e.msg);
}

static void check_macros(struct record_check *w)
{
	const char *macros = w->inputs->macros;
	struct hull_store_path copy = hull_store_path(HULL_STORE_MACROS, macros);
	char hex[HULL_HEX];
	struct hull_err e;

	if (!hull_is_sha256(macros)) {
		BROKEN(w, "%s has no digest of the macros", w->build.path);
		return;
	}
	if (!hull_exists(w->r->store->fd, copy.path))
		hull_verification_add(w->out, HULL_VERIFY_RECORDS, true, w->object,
				      "%s is not in the store", copy.path);
	else if (hull_macros_digest(w->r->store->fd, copy.path, hex, &e) < 0)
		BROKEN(w, "%s", e.msg);
	else if (strcmp(hex, macros) != 0)
		BROKEN(w, "%s in the store has the digest %s", copy.path, hex);
}

void hull_verify_record(const struct hull_verify_request *r, const struct hull_build_record *record,
			const char *object, struct hull_arena *a, struct hull_stored_files *files,
			struct hull_verification *out)
{
	struct record_check w = {
		.r = r,
		.record = record,
		.inputs = &record->inputs,
		.build = hull_store_path(HULL_STORE_BUILD, record->key),
		.object = object,
		.arena = a,
		.files = files,
		.out = out,
	};

	if (!w.inputs->json) {
		BROKEN(&w, "%s has no inputs", w.build.path);
		return;
	}
	check_key(&w);
	check_log(&w);
	check_sources(&w);
	check_local_files(&w);
	check_seed(&w);
	check_macros(&w);
	if (!w.broken)
		out->held[HULL_VERIFY_RECORDS]++;
}
