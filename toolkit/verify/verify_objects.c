// SPDX-License-Identifier: MIT
#include "verify/verify_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/workers.h"
#include "rpm/rpmfile.h"
#include "seed/seed.h"
#include "spec/macros.h"
#include "store/buildrecord.h"
#include "store/intact.h"
#include "store/sealed.h"
#include "text/json.h"

/* Each of these says whether an object is what it has to be: 1, 0 with the reason, or -1 if that cannot be
 * told. Several threads call them. */
typedef int check(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		  struct hull_err *why);

static int check_digest(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			struct hull_err *why)
{
	return hull_intact_file(s, kind, name, why);
}

static int read_object(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		       struct hull_buf *out, struct hull_err *why)
{
	if (hull_file_read(s->fd, hull_store_path(kind, name).path, out, why) == 0)
		return 1;
	return hull_intact_is_damage(why) ? 0 : -1;
}

static int check_lines(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		       struct hull_err *why)
{
	hull_autobuf struct hull_buf text = {0};
	int r = read_object(s, kind, name, &text, why);
	enum hull_seal seal;
	size_t n;

	if (r <= 0)
		return r;
	seal = hull_seal_look(&text, kind, name, &n);
	if (seal == HULL_SEALED || (seal == HULL_UNSEALED && kind == HULL_STORE_ORIGIN &&
				    hull_seal_is_old_line(text.p, n)))
		return 1;
	hull_fail(why, HULL_FAILED, "its seal does not hold");
	return 0;
}

static int check_document(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			  struct hull_err *why)
{
	hull_autojson json_t *j = NULL;
	enum hull_seal seal;

	return hull_sealed_read(s, kind, name, &j, &seal, why);
}

static int check_unpacked(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			  struct hull_err *why)
{
	hull_autojson json_t *j = NULL;
	struct hull_arena arena = {0};
	struct hull_package p;
	enum hull_seal seal;
	int r = hull_sealed_read(s, HULL_STORE_HEADER, name, &j, &seal, why);

	(void)kind;
	/* without its header nothing can be said of it: that is damaged */
	if (r <= 0)
		return r < 0 && hull_intact_is_damage(why) ? 0 : r;
	r = hull_package_from_json(j, "header", &arena, &p, why) == 0 && p.sha256 &&
	    !strcmp(p.sha256, name);
	if (r)
		r = hull_unpacked_compare(s, &p, why);
	else
		hull_fail(why, HULL_FAILED, "there is no header to compare it with");
	hull_arena_fini(&arena);
	return r;
}

/* Of a build that failed nobody knows the log. */
static int check_log(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		     struct hull_err *why)
{
	struct hull_build_record record;
	char hex[HULL_HEX];
	int r = 1;

	if (hull_build_record_read(s, name, &record, why) <= 0)
		return 1;
	if (hull_hash_file(s->fd, hull_store_path(kind, name).path, hex, NULL, why) < 0)
		r = hull_intact_is_damage(why) ? 0 : -1;
	else if (record.log_sha256 && strcmp(hex, record.log_sha256) != 0)
		r = hull_fail(why, HULL_FAILED, "it has SHA-256 %s", hex) + 1;
	hull_build_record_fini(&record);
	return r;
}

static int is_missing(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		      const char *what, struct hull_err *why)
{
	if (hull_store_has(s, kind, name))
		return false;
	hull_fail(why, HULL_FAILED, "%s is missing",
		  name && hull_is_sha256(name) ? hull_store_path(kind, name).path : what);
	return true;
}

static int check_build(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		       struct hull_err *why)
{
	struct hull_build_record record;
	int r = hull_build_record_read(s, name, &record, why);

	(void)kind;
	if (r <= 0)
		return r < 0 && !hull_intact_is_damage(why) ? -1 : 0;
	if (!record.own_key || strcmp(record.own_key, name) != 0) {
		hull_fail(why, HULL_FAILED, "it is the record of another build");
		r = 0;
	}
	for (size_t i = 0; i < record.packages.n && r > 0; i++)
		r = !is_missing(s, HULL_STORE_RPM, record.packages.v[i].sha256,
				"the SHA-256 of a package", why);
	hull_build_record_fini(&record);
	return r;
}

static int check_macros(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			struct hull_err *why)
{
	char is[HULL_HEX];

	if (hull_macros_digest(s->fd, hull_store_path(kind, name).path, is, why) < 0)
		return hull_intact_is_damage(why) ? 0 : -1;
	if (!strcmp(is, name))
		return 1;
	hull_fail(why, HULL_FAILED, "it has the digest %s", is);
	return 0;
}

static int check_seed(const struct hull_store *s, enum hull_store_kind kind, const char *name,
		      struct hull_err *why)
{
	(void)kind;
	if (is_missing(s, HULL_STORE_SEED_RECORD, name, "its record", why))
		return 0;
	return hull_seed_compare(s, name, why);
}

static int check_last_index(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			    struct hull_err *why)
{
	hull_autobuf struct hull_buf text = {0};
	int r = read_object(s, kind, name, &text, why);

	return r > 0 ? !is_missing(s, HULL_STORE_INDEX, text.p, "the digest of an index", why) : r;
}

/* In the order in which they are told of: what is made of another thing comes after it. What is not here can be wrong without harm: the beginnings of
 * downloads are hashed when they end, the rest is no content. */
static const struct object_kind {
	enum hull_store_kind kind;
	check *check;
} checks[] = {
	{HULL_STORE_SOURCE, check_digest},
	{HULL_STORE_ORIGIN, check_lines},
	{HULL_STORE_RPM, check_digest},
	{HULL_STORE_HEADER, check_document},
	{HULL_STORE_UNPACKED, check_unpacked},
	{HULL_STORE_SPEC, check_document},
	{HULL_STORE_REQUIRES, check_document},
	{HULL_STORE_BUILD, check_build},
	{HULL_STORE_LOG, check_log},
	{HULL_STORE_MACROS, check_macros},
	{HULL_STORE_SEED, check_seed},
	{HULL_STORE_SEED_RECORD, check_document},
	{HULL_STORE_STAMP, check_document},
	{HULL_STORE_INDEX, check_lines},
	{HULL_STORE_LAST_INDEX, check_last_index},
	{HULL_STORE_SIGNED, check_document},
};

struct object_check {
	const struct object_kind *how;
	const char *name;
	char *why; /* of one that is damaged */
};

struct objects_check {
	const struct hull_store *store;
	struct object_check *v;
	size_t n, cap;
	size_t latest; /* that are checked beside these */
	struct hull_arena arena;
	json_t *damaged;
};

static int check_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct objects_check *c = ctx;
	struct object_check *o = &c->v[i];
	int r = o->how->check(c->store, o->how->kind, o->name, e);

	(void)thread;
	if (r == 0)
		o->why = hull_strdup(e->msg);
	return r < 0 ? hull_wrap(e, "%s: ", hull_store_path(o->how->kind, o->name).path) : 0;
}

static int list_objects(struct objects_check *c, struct hull_err *e)
{
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		hull_autostrv struct hull_strv names = {0};

		if (hull_store_list(c->store, checks[i].kind, &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.n; k++) {
			c->v = hull_grow(c->v, &c->cap, c->n, sizeof *c->v);
			c->v[c->n++] = (struct object_check){
				.how = &checks[i],
				.name = hull_arena_strdup(&c->arena, names.v[k])};
		}
	}
	return 0;
}

/* Away with it, so that it is made again. */
static int add_damaged(struct objects_check *c, enum hull_store_kind kind, const char *name,
		       const char *why, struct hull_err *e)
{
	json_array_append_new(c->damaged, json_pack("{s:s, s:s}", "path",
						    hull_store_path(kind, name).path, "why", why));
	return hull_intact_set_aside(c->store, kind, name, why, e);
}

/* latest/<arch>/<spec> has the key of a build of that spec; after the builds. */
static int check_latest(struct objects_check *c, const char *arch, const char *spec,
			struct hull_err *e)
{
	hull_autofree char *name = hull_asprintf("%s/%s", arch, spec);
	struct hull_build_record record;
	struct hull_err why;
	char key[HULL_HEX];
	int r = hull_store_latest(c->store, arch, spec, key, e);

	if (r < 0)
		return -1;
	c->latest++;
	if (r == 0 || hull_build_record_read(c->store, key, &record, &why) <= 0)
		return add_damaged(c, HULL_STORE_LATEST, name, "it names no build", e);
	r = record.spec && !strcmp(record.spec, spec)
		    ? 0
		    : add_damaged(c, HULL_STORE_LATEST, name, "it names a build of another spec",
				  e);
	hull_build_record_fini(&record);
	return r;
}

static int check_all_latest(struct objects_check *c, struct hull_err *e)
{
	const char *directory = hull_store_directory(HULL_STORE_LATEST);
	hull_autostrv struct hull_strv archs = {0};

	if (hull_dir_list(c->store->fd, directory, &archs, e) < 0)
		return -1;
	for (size_t i = 0; i < archs.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", directory, archs.v[i]);
		hull_autostrv struct hull_strv names = {0};

		if (hull_dir_list(c->store->fd, path, &names, e) < 0)
			return -1;
		for (size_t k = 0; k < names.n; k++)
			if (check_latest(c, archs.v[i], names.v[k], e) < 0)
				return -1;
	}
	return 0;
}

static int check_all(struct objects_check *c, struct hull_err *e)
{
	if (list_objects(c, e) < 0 || hull_workers_run(0, c->n, check_next, c, e) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].why &&
		    add_damaged(c, c->v[i].how->kind, c->v[i].name, c->v[i].why, e) < 0)
			return -1;
	return check_all_latest(c, e);
}

int hull_verify_objects(const struct hull_store *s, size_t *out_checked, json_t **out_damaged,
			struct hull_err *e)
{
	struct objects_check c = {.store = s, .damaged = json_array()};
	int r = check_all(&c, e);

	*out_checked = c.n + c.latest;
	*out_damaged = r == 0 ? json_incref(c.damaged) : NULL;
	for (size_t i = 0; i < c.n; i++)
		free(c.v[i].why);
	free(c.v);
	json_decref(c.damaged);
	hull_arena_fini(&c.arena);
	return r;
}
