// SPDX-License-Identifier: MIT
#include "store/garbage.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/buildrecord.h"
#include "store/directories.h"

enum { YOUNG_SECONDS = 3600 };

json_t *hull_garbage_stat(const struct hull_store *s, struct hull_err *e)
{
	hull_autojson json_t *j = json_object();

	for (size_t i = 0; i < HULL_DIRECTORIES; i++) {
		const struct hull_directory_rule *d = &hull_directories[i];
		hull_autostrv struct hull_strv names = {0};
		uint64_t bytes = 0, files = 0;

		if (!d->counted)
			continue;
		if (hull_dir_list(s->fd, d->name, &names, e) < 0 ||
		    hull_tree_size(s->fd, d->name, &bytes, &files, e) < 0)
			return NULL;
		json_object_set_new(j, d->name,
				    json_pack("{s:I, s:I}", "entries", (json_int_t)names.n, "bytes",
					      (json_int_t)bytes));
	}
	return json_incref(j);
}

struct collector {
	const struct hull_store *store;
	bool dry_run;
	int64_t young_since;
	json_t *keep[HULL_DIRECTORIES]; /* sets of names, of the directories of HULL_KEEP_NAMED */
	struct hull_progress *progress;
	struct hull_garbage_result *out;
};

static void keep(struct collector *c, enum hull_directory d, const char *name)
{
	if (name)
		json_object_set_new(c->keep[d], name, json_true());
}

static void keep_packages(struct collector *c, const struct hull_built_packages *list)
{
	for (size_t i = 0; i < list->n; i++)
		keep(c, HULL_DIRECTORY_RPMS, list->v[i].sha256);
}

static void keep_record(struct collector *c, const struct hull_build_record *r)
{
	keep(c, HULL_DIRECTORY_LOGS, r->key);
	keep(c, HULL_DIRECTORY_SEEDS, r->seed);
	keep(c, HULL_DIRECTORY_MACROS, r->inputs.macros);
	keep_packages(c, &r->packages);
	keep_packages(c, &r->root);
	for (size_t i = 0; i < r->sources.n; i++)
		keep(c, HULL_DIRECTORY_SOURCES, r->sources.v[i].sha256);
}

static bool is_younger(const struct collector *c, const char *path, int64_t since)
{
	struct stat st;

	return fstatat(c->store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ctime > since;
}

static int drop(struct collector *c, const char *path, struct hull_err *e)
{
	uint64_t bytes = 0, files = 0;

	if (hull_tree_size(c->store->fd, path, &bytes, &files, e) < 0)
		return -1;
	c->out->removed++;
	c->out->bytes += bytes;
	hull_log_verbose(c->progress, "%s", path);
	return c->dry_run ? 0 : hull_remove_tree(c->store->fd, path, e);
}

/* The keys that latest/ names, as a set. */
static json_t *latest_keys(const struct hull_store *s, struct hull_err *e)
{
	hull_autostrv struct hull_strv archs = {0};
	hull_autojson json_t *set = json_object();

	if (hull_dir_list(s->fd, hull_directories[HULL_DIRECTORY_LATEST].name, &archs, e) < 0)
		return NULL;
	for (size_t i = 0; i < archs.n; i++) {
		hull_autofree char *dir = hull_asprintf(
			"%s/%s", hull_directories[HULL_DIRECTORY_LATEST].name, archs.v[i]);
		hull_autostrv struct hull_strv names = {0};

		if (hull_dir_list(s->fd, dir, &names, e) < 0)
			return NULL;
		for (size_t j = 0; j < names.n; j++) {
			char key[HULL_HEX];
			int r = hull_store_latest(s, archs.v[i], names.v[j], key, e);

			if (r < 0)
				return NULL;
			if (r)
				json_object_set_new(set, key, json_true());
		}
	}
	return json_incref(set);
}

static int collect_build(struct collector *c, const char *key, bool is_latest, int64_t keep_since,
			 struct hull_err *e)
{
	struct hull_store_path build = hull_store_path(HULL_STORE_BUILD, key);
	struct hull_build_record record;
	int r = hull_build_record_read(c->store, key, &record, e);

	if (r <= 0)
		return r;
	if (is_latest || is_younger(c, build.path, c->young_since) || record.finished >= keep_since)
		keep_record(c, &record);
	else
		r = drop(c, build.path, e);
	hull_build_record_fini(&record);
	return r < 0 ? -1 : 0;
}

static int collect_builds(struct collector *c, int64_t keep_since, struct hull_err *e)
{
	hull_autojson json_t *latest = latest_keys(c->store, e);
	hull_autostrv struct hull_strv keys = {0};

	if (!latest || hull_store_list(c->store, HULL_STORE_BUILD, &keys, e) < 0)
		return -1;
	for (size_t i = 0; i < keys.n; i++)
		if (collect_build(c, keys.v[i], json_object_get(latest, keys.v[i]) != NULL,
				  keep_since, e) < 0)
			return -1;
	return 0;
}

/* Names begin with a digest; what was made of another thing has the digest of that. */
static int collect_directory(struct collector *c, enum hull_directory directory, int64_t since,
			     struct hull_err *e)
{
	const struct hull_directory_rule *d = &hull_directories[directory];
	const json_t *kept = d->keep == HULL_KEEP_NAMED ? c->keep[d->named] : NULL;
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(c->store->fd, d->name, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", d->name, names.v[i]);

		if (json_object_getn(kept, names.v[i], strcspn(names.v[i], ".")) ||
		    is_younger(c, path, since))
			continue;
		if (drop(c, path, e) < 0)
			return -1;
	}
	return 0;
}

/* Backwards: what is derived goes before its origin. */
static int collect_rest(struct collector *c, int64_t keep_since, struct hull_err *e)
{
	int64_t recent = keep_since < c->young_since ? keep_since : c->young_since;

	for (int i = HULL_DIRECTORIES - 1; i >= 0; i--) {
		enum hull_keep rule = hull_directories[i].keep;

		if (rule != HULL_KEEP_APART &&
		    collect_directory(c, (enum hull_directory)i,
				      rule == HULL_KEEP_RECENT ? recent : c->young_since, e) < 0)
			return -1;
	}
	return 0;
}

int hull_garbage_collect(const struct hull_store *s, const struct hull_garbage_request *request,
			 struct hull_progress *progress, struct hull_garbage_result *out,
			 struct hull_err *e)
{
	struct collector c = {.store = s,
			      .dry_run = request->dry_run,
			      .young_since = request->now - YOUNG_SECONDS,
			      .progress = progress,
			      .out = out};
	int r;

	*out = (struct hull_garbage_result){0};
	for (size_t i = 0; i < HULL_DIRECTORIES; i++)
		c.keep[i] = json_object();
	keep(&c, HULL_DIRECTORY_SEEDS, request->seed);
	r = collect_builds(&c, request->keep_since, e);
	if (r == 0)
		r = collect_rest(&c, request->keep_since, e);
	for (size_t i = 0; i < HULL_DIRECTORIES; i++)
		json_decref(c.keep[i]);
	return r;
}
