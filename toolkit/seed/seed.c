// SPDX-License-Identifier: MIT
#include "seed/seed.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "seed/seed_lock.h"
#include "seed/seed_make.h"
#include "seed/seed_table.h"
#include "store/intact.h"
#include "store/sealed.h"
#include "store/treedigest.h"
#include "text/json.h"

/* --- the record of a seed --- */

static json_t *to_json(const struct hull_seed_lock *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->npackages; i++)
		json_array_append_new(list, hull_seed_package_json(&l->packages[i]));
	return list;
}

static int read_packages(struct hull_seed *seed, const struct hull_store *s, struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_SEED_RECORD, seed->id);
	hull_autojson json_t *j = NULL;
	enum hull_seal seal;
	const json_t *list;
	size_t n;

	if (hull_sealed_read(s, HULL_STORE_SEED_RECORD, seed->id, &j, &seal, e) <= 0)
		return hull_wrap(e, "store %s: ", s->path);
	list = json_object_get(j, "packages");
	n = json_array_size(list);
	if (!n)
		return hull_fail(e, HULL_FAILED, "store %s: %s: no packages", s->path, o.path);
	seed->packages = hull_arena_array(&seed->arena, n, sizeof *seed->packages);
	for (size_t i = 0; i < n; i++)
		if (hull_seed_package_read(json_array_get(list, i), o.path, &seed->arena,
					   &seed->packages[i], e) < 0)
			return -1;
	qsort(seed->packages, n, sizeof *seed->packages, hull_seed_package_compare);
	seed->npackages = n;
	return 0;
}

/* --- what it provides --- */

/* Upstream's part of a Debian version: without the epoch, the revision and what Debian did to the
 * source. */
static const char *upstream(const char *version, struct hull_arena *a)
{
	const char *colon = strchr(version, ':');
	char *v = hull_arena_strdup(a, colon ? colon + 1 : version), *cut = strrchr(v, '-');

	if (cut)
		*cut = '\0';
	v[strcspn(v, "~")] = '\0';
	cut = strstr(v, "+");
	if (cut)
		*cut = '\0';
	return v;
}

static const char *version_of(const struct hull_seed *seed, const char *package)
{
	for (size_t i = 0; i < seed->npackages; i++)
		if (!strcmp(seed->packages[i].name, package))
			return seed->packages[i].version;
	return NULL;
}

static int compare_tools(const void *x, const void *y)
{
	const struct hull_seed_tool *a = x, *b = y;

	return strcmp(a->name, b->name);
}

static void add_tools(struct hull_seed *seed, const struct hull_seed_table *t)
{
	seed->tools = hull_arena_array(&seed->arena, t->nlines + 1, sizeof *seed->tools);
	for (size_t i = 0; i < t->nlines; i++) {
		const char *name = t->lines[i].name;
		const char *version = version_of(seed, t->lines[i].packages[0]);

		if (*name != '@')
			seed->tools[seed->ntools++] = (struct hull_seed_tool){
				.name = hull_arena_strdup(&seed->arena, name),
				.version = version ? upstream(version, &seed->arena) : NULL,
			};
	}
	qsort(seed->tools, seed->ntools, sizeof *seed->tools, compare_tools);
}

/* Paths that scripts start with, or that packages are required by. */
static int add_files(struct hull_seed *seed, struct hull_err *e)
{
	static const char *const candidates[] = {
		"/bin/awk",	"/bin/bash",	    "/bin/sh",	     "/bin/sed",
		"/usr/bin/awk", "/usr/bin/bash",    "/usr/bin/env",  "/usr/bin/gawk",
		"/usr/bin/go",	"/usr/bin/make",    "/usr/bin/perl", "/usr/bin/python",
		"/usr/bin/sed", "/usr/bin/python3", "/usr/bin/sh",
	};
	hull_autofd int root = open(seed->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (root < 0)
		return hull_fail_errno(e, "seed %s", seed->path);
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
		if (fstatat(root, candidates[i] + 1, &st, 0) == 0)
			hull_strv_add(&seed->files, candidates[i]);
	hull_strv_sort(&seed->files);
	return 0;
}

static int open_id(struct hull_seed *seed, const struct hull_store *s,
		   const struct hull_seed_table *t, struct hull_err *e)
{
	seed->path =
		hull_asprintf("%s/%s", s->path, hull_store_path(HULL_STORE_SEED, seed->id).path);
	if (read_packages(seed, s, e) < 0)
		return -1;
	add_tools(seed, t);
	return add_files(seed, e);
}

/* --- which, and making it --- */

/* What is to be made, and what it is made from. */
struct wanted {
	struct hull_seed_table table;
	struct hull_seed_lock lock;
	char id[HULL_HEX];
};

static void wanted_fini(struct wanted *w)
{
	hull_seed_lock_fini(&w->lock);
	hull_seed_table_fini(&w->table);
}

static int wanted_read(struct wanted *w, const char *tables, struct hull_err *e)
{
	*w = (struct wanted){0};
	if (hull_seed_table_read(&w->table, tables, e) < 0)
		return -1;
	if (hull_seed_lock_read(&w->lock, &w->table, e) < 0) {
		wanted_fini(w);
		return -1;
	}
	hull_seed_lock_id(&w->lock, &w->table, w->id);
	return 0;
}

static bool is_there(const struct hull_store *s, const char *id)
{
	return hull_store_has(s, HULL_STORE_SEED, id) &&
	       hull_store_has(s, HULL_STORE_SEED_RECORD, id);
}

/* The record last: whoever finds it finds the rest. */
static int publish(const struct hull_store *s, const struct wanted *w, const char *root,
		   struct hull_err *e)
{
	hull_autojson json_t *j = json_object();
	char tree[HULL_HEX];

	if (hull_tree_digest(s->fd, root, tree, e) < 0)
		return -1;
	json_object_set_new(j, "packages", to_json(&w->lock));
	hull_json_set(j, "format", HULL_SEED_FORMAT);
	hull_json_set(j, "tree", tree);
	if (hull_store_commit(s, root, HULL_STORE_SEED, w->id, e) < 0)
		return -1;
	return hull_sealed_write(s, HULL_STORE_SEED_RECORD, w->id, j, e);
}

static int make(const struct hull_store *s, const struct wanted *w,
		const struct hull_seed_options *o, struct hull_progress *progress,
		struct hull_err *e)
{
	hull_autofree char *root = NULL;

	hull_log(progress, "making the seed %.12s: %zu Debian packages, once", w->id,
		 w->lock.npackages);
	if (hull_seed_make(s, &w->table, &w->lock, o->sources, progress, &root, e) < 0)
		return -1;
	return publish(s, w, root, e);
}

/* Waits for another hull that makes a seed, as long as nobody interrupts. */
static int lock(const struct hull_store *s, struct hull_progress *progress, bool *out_waited,
		struct hull_err *e)
{
	struct hull_err busy;
	int fd;

	*out_waited = false;

	while ((fd = hull_store_lock(s, "seed", false, &busy)) < 0) {
		if (busy.sys != EWOULDBLOCK)
			return hull_fail_as(e, &busy);
		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (!*out_waited)
			hull_log(progress, "another hull is making the seed: waiting for it");
		*out_waited = true;
		poll(NULL, 0, 200);
	}
	return fd;
}

/* 1, or 0 with the reason if a seed is not what was made; `is` is the digest of its files. */
static int compare(const struct hull_store *s, const char *id, const json_t *record,
		   char is[HULL_HEX], struct hull_err *why)
{
	struct hull_store_path root = hull_store_path(HULL_STORE_SEED, id);
	const char *tree = hull_json_optional(record, "tree");

	if (hull_tree_digest(s->fd, root.path, is, why) < 0)
		return hull_intact_is_damage(why) ? 0 : -1;
	/* one of an older hull says nothing of them */
	if (!tree || !strcmp(tree, is))
		return 1;
	hull_fail(why, HULL_FAILED, "its files are not those that it was made with");
	return 0;
}

int hull_seed_compare(const struct hull_store *s, const char *id, struct hull_err *why)
{
	hull_autojson json_t *record = NULL;
	enum hull_seal seal;
	char is[HULL_HEX];
	int r = hull_sealed_read(s, HULL_STORE_SEED_RECORD, id, &record, &seal, why);

	return r > 0 ? compare(s, id, record, is, why) : r;
}

/* The same as find, once after the machine was started with a look at all of it: what is damaged is set
 * aside. */
static int find_intact(const struct hull_store *s, const char *id, struct hull_progress *progress,
		       struct hull_err *e)
{
	hull_autojson json_t *record = NULL;
	enum hull_seal seal;
	char is[HULL_HEX];
	struct hull_err why;
	int r;

	if (!is_there(s, id))
		return 0;
	r = hull_sealed_read(s, HULL_STORE_SEED_RECORD, id, &record, &seal, &why);
	if (r == 0)
		return hull_intact_set_aside(s, HULL_STORE_SEED_RECORD, id, why.msg, e);
	if (r < 0)
		return hull_fail_as(e, &why);
	if (hull_intact_known(s, HULL_STORE_SEED, id))
		return 1;
	hull_log_verbose(progress, "comparing the seed, once after the machine was started");
	r = compare(s, id, record, is, &why);
	if (r == 0)
		return hull_intact_set_aside(s, HULL_STORE_SEED, id, why.msg, e);
	if (r < 0)
		return hull_fail_as(e, &why);
	/* one of an older hull counts as it is, from now on */
	hull_json_set(record, "tree", is);
	if (seal == HULL_UNSEALED &&
	    hull_sealed_write(s, HULL_STORE_SEED_RECORD, id, record, e) < 0)
		return -1;
	hull_intact_note(s, HULL_STORE_SEED, id);
	return 1;
}

static int find_or_make(const struct hull_store *s, const struct wanted *w,
			const struct hull_seed_options *o, struct hull_progress *progress,
			struct hull_err *e)
{
	hull_autofd int held = -1;
	bool waited;
	int found = find_intact(s, w->id, progress, e);

	if (found)
		return found < 0 ? -1 : 0;
	if (o->mode == HULL_SEED_EXISTING)
		return hull_fail(e, HULL_FAILED,
				 "the store has no seed for %s yet: a build makes it",
				 w->lock.file);
	held = lock(s, progress, &waited, e);
	if (held < 0)
		return -1;
	if (is_there(s, w->id))
		return 0;
	return make(s, w, o, progress, e);
}

int hull_seed_open(struct hull_seed *out, const struct hull_store *s,
		   const struct hull_seed_options *o, struct hull_progress *progress,
		   struct hull_err *e)
{
	struct wanted w;
	int r;

	*out = (struct hull_seed){0};
	if (wanted_read(&w, o->tables, e) < 0)
		return -1;
	memcpy(out->id, w.id, sizeof out->id);
	r = find_or_make(s, &w, o, progress, e);
	if (r == 0)
		r = open_id(out, s, &w.table, e);
	wanted_fini(&w);
	if (r < 0)
		hull_seed_fini(out);
	return r;
}

int hull_seed_current(const struct hull_store *s, const char *tables, char out_id[HULL_HEX],
		      struct hull_err *e)
{
	struct wanted w;

	if (wanted_read(&w, tables, e) < 0)
		return -1;
	memcpy(out_id, w.id, sizeof w.id);
	wanted_fini(&w);
	return is_there(s, out_id);
}

void hull_seed_fini(struct hull_seed *seed)
{
	free(seed->path);
	hull_strv_fini(&seed->files);
	hull_arena_fini(&seed->arena);
	*seed = (struct hull_seed){0};
}
