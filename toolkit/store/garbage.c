// SPDX-License-Identifier: MIT
#include "store/garbage.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

enum { YOUNG_SECONDS = 3600 };

static const char *const kinds[] = {"sources", "rpms", "unpacked", "headers", "specs",	"builds",
				    "macros",  "logs", "seeds",	   "indexes", "partial"};

json_t *hull_garbage_stat(const struct hull_store *s, struct hull_err *e)
{
	hull_autojson json_t *j = json_object();

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		hull_autostrv struct hull_strv names = {0};
		uint64_t bytes = 0, files = 0;

		if (hull_dir_list(s->fd, kinds[i], &names, e) < 0 ||
		    hull_tree_size(s->fd, kinds[i], &bytes, &files, e) < 0)
			return NULL;
		json_object_set_new(j, kinds[i],
				    json_pack("{s:I, s:I}", "entries", (json_int_t)names.n, "bytes",
					      (json_int_t)bytes));
	}
	return json_incref(j);
}

struct collector {
	const struct hull_store *store;
	bool dry_run;
	int64_t young_since;
	json_t *keep; /* set of "rpms/<sha256>", "sources/<sha256>", "logs/<key>", "seeds/<id>" */
	struct hull_progress *progress;
	struct hull_garbage_result *out;
};

static void keep(struct collector *c, const char *kind, const char *name)
{
	hull_autofree char *entry = hull_asprintf("%s/%s", kind, name ? name : "");

	json_object_set_new(c->keep, entry, json_true());
}

static void keep_list(struct collector *c, const char *kind, const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		keep(c, kind, hull_json_optional(item, "sha256"));
}

static void keep_record(struct collector *c, const json_t *record)
{
	const json_t *root = json_object_get(record, "build_root");

	keep(c, "logs", hull_json_optional(record, "key"));
	keep(c, "seeds", hull_json_optional(root, "seed"));
	keep(c, "macros", hull_json_optional(json_object_get(record, "inputs"), "macros"));
	keep_list(c, "rpms", json_object_get(record, "packages"));
	keep_list(c, "rpms", json_object_get(root, "packages"));
	keep_list(c, "sources", json_object_get(record, "sources"));
}

static bool is_young(const struct collector *c, const char *path)
{
	struct stat st;

	return fstatat(c->store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	       st.st_ctime > c->young_since;
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

	if (hull_dir_list(s->fd, "latest", &archs, e) < 0)
		return NULL;
	for (size_t i = 0; i < archs.n; i++) {
		hull_autofree char *dir = hull_asprintf("latest/%s", archs.v[i]);
		hull_autostrv struct hull_strv names = {0};

		if (hull_dir_list(s->fd, dir, &names, e) < 0)
			return NULL;
		for (size_t j = 0; j < names.n; j++) {
			hull_autofree char *path = hull_asprintf("%s/%s", dir, names.v[j]);
			hull_autobuf struct hull_buf key = {0};

			if (hull_file_read(s->fd, path, &key, e) < 0)
				return NULL;
			json_object_set_new(set, key.p, json_true());
		}
	}
	return json_incref(set);
}

static int collect_builds(struct collector *c, int64_t keep_since, struct hull_err *e)
{
	hull_autojson json_t *latest = latest_keys(c->store, e);
	hull_autostrv struct hull_strv names = {0};

	if (!latest || hull_dir_list(c->store->fd, "builds", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("builds/%s", names.v[i]);
		hull_autojson json_t *record = NULL;
		const char *key;

		if (!hull_ends(names.v[i], ".json"))
			continue;
		record = hull_json_read(c->store->fd, path, e);
		if (!record)
			return -1;
		key = hull_json_optional(record, "key");
		if ((key && json_object_get(latest, key)) || is_young(c, path) ||
		    json_integer_value(json_object_get(record, "finished")) >= keep_since)
			keep_record(c, record);
		else if (drop(c, path, e) < 0)
			return -1;
	}
	return 0;
}

/* Names are <hash> with an optional ending; `kept_as` is the kind under which the hash is kept. */
static int collect_kind(struct collector *c, const char *kind, const char *kept_as,
			struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(c->store->fd, kind, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", kind, names.v[i]);
		hull_autofree char *entry = hull_asprintf(
			"%s/%.*s", kept_as, (int)strcspn(names.v[i], "."), names.v[i]);

		if (json_object_get(c->keep, entry) || is_young(c, path))
			continue;
		if (drop(c, path, e) < 0)
			return -1;
	}
	return 0;
}

int hull_garbage_collect(const struct hull_store *s, int64_t now, int64_t keep_since, bool dry_run,
			 struct hull_progress *progress, struct hull_garbage_result *out,
			 struct hull_err *e)
{
	static const char *const pairs[][2] = {
		{"unpacked", "rpms"},	{"headers", "rpms"},	{"rpms", "rpms"},
		{"sources", "sources"}, {"logs", "logs"},	{"seeds", "seeds"},
		{"macros", "macros"},	{"partial", "partial"},
	};
	hull_autojson json_t *set = json_object();
	struct collector c = {.store = s,
			      .dry_run = dry_run,
			      .young_since = now - YOUNG_SECONDS,
			      .keep = set,
			      .progress = progress,
			      .out = out};

	*out = (struct hull_garbage_result){0};
	if (collect_builds(&c, keep_since, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (collect_kind(&c, pairs[i][0], pairs[i][1], e) < 0)
			return -1;
	if (keep_since < c.young_since)
		c.young_since = keep_since;
	return collect_kind(&c, "specs", "specs", e) < 0 ||
			       collect_kind(&c, "stamps", "stamps", e) < 0 ||
			       collect_kind(&c, "indexes", "indexes", e) < 0
		       ? -1
		       : 0;
}

/* Files named by their own digest, up to the first dot. */
static int verify_kind(const struct hull_store *s, const char *kind, const char *ending,
		       size_t *checked, struct hull_strv *broken, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(s->fd, kind, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", kind, names.v[i]);
		char hex[HULL_HEX];

		if (strcmp(names.v[i] + strcspn(names.v[i], "."), ending) != 0)
			continue;
		if (hull_hash_file(s->fd, path, hex, NULL, e) < 0)
			return -1;
		++*checked;
		if (strncmp(hex, names.v[i], HULL_HEX - 1) != 0)
			hull_strv_addf(broken, "%s: its content has sha256 %s", path, hex);
	}
	return 0;
}

static int verify_builds(const struct hull_store *s, size_t *checked, struct hull_strv *broken,
			 struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(s->fd, "builds", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("builds/%s", names.v[i]);
		hull_autojson json_t *record = hull_json_read(s->fd, path, e);
		const json_t *item;
		size_t j;

		++*checked;
		if (!record) {
			hull_strv_add(broken, e->msg);
			continue;
		}
		json_array_foreach (json_object_get(record, "packages"), j, item) {
			hull_autofree char *rpm =
				hull_asprintf("rpms/%s.rpm", hull_json_optional(item, "sha256"));

			if (!hull_store_has(s, rpm))
				hull_strv_addf(broken, "%s: %s is missing", path, rpm);
		}
	}
	return 0;
}

int hull_garbage_verify(const struct hull_store *s, struct hull_progress *progress,
			size_t *out_checked, struct hull_strv *out_broken, struct hull_err *e)
{
	*out_checked = 0;
	hull_log_verbose(progress, "hashing sources and packages of %s", s->path);
	if (verify_kind(s, "sources", "", out_checked, out_broken, e) < 0 ||
	    verify_kind(s, "rpms", ".rpm", out_checked, out_broken, e) < 0)
		return -1;
	return verify_builds(s, out_checked, out_broken, e);
}
