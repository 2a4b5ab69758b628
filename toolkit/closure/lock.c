// SPDX-License-Identifier: MIT
#include "closure/lock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/utf8.h"
#include "repo/location.h"

enum {
	FORMAT = 1,
	MAX_UP = 3, /* directories that a relative path to a repository may go up */
	MAX_REPOSITORIES = 1000,
};

void hull_lock_fini(struct hull_lock *l)
{
	hull_arena_fini(&l->arena);
	*l = (struct hull_lock){0};
}

char *hull_lock_path(const char *config_path)
{
	static const char config[] = ".json", lock[] = ".lock.json";
	size_t n = strlen(config_path);

	if (hull_ends(config_path, lock))
		return hull_strdup(config_path);
	if (hull_ends(config_path, config))
		n -= sizeof config - 1;
	return hull_asprintf("%.*s%s", (int)n, config_path, lock);
}

const struct hull_locked *hull_lock_find(const struct hull_lock *l, const char *name)
{
	size_t i = hull_lower_bound(name, l->v, l->n, sizeof *l->v,
				    offsetof(struct hull_locked, name));

	return i < l->n && !strcmp(l->v[i].name, name) ? &l->v[i] : NULL;
}

bool hull_locked_is(const struct hull_locked *p, const char *checksum)
{
	return (p->checksum && !strcmp(p->checksum, checksum)) ||
	       (p->sha256 && !strcmp(p->sha256, checksum));
}

char *hull_locked_nevra(const struct hull_locked *p)
{
	return hull_asprintf("%s-%s.%s", p->name, p->evr, p->arch);
}

/* --- writing --- */

static int check_texts(const struct hull_locked *p, struct hull_err *e)
{
	const char *const texts[] = {p->name, p->evr,	 p->arch, p->sha256, p->location, p->source,
				     p->want, p->origin, p->by,	  p->dep,    p->base};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i] && !hull_utf8_is_valid(texts[i]))
			return hull_fail(e, HULL_FAILED,
					 "repository %s: package %s: '%s' is not UTF-8",
					 p->repository, p->name, texts[i]);
	return 0;
}

int hull_lock_check(const struct hull_lock *l, struct hull_err *e)
{
	for (size_t i = 0; i < l->nrepositories; i++) {
		const struct hull_lock_repository *r = &l->repositories[i];

		if (!hull_utf8_is_valid(r->name) || !hull_utf8_is_valid(r->url))
			return hull_fail(e, HULL_FAILED, "repository %s: '%s' is not UTF-8",
					 r->name, r->url);
	}
	for (size_t i = 0; i < l->n; i++)
		if (check_texts(&l->v[i], e) < 0)
			return -1;
	return 0;
}

static json_t *package_json(const struct hull_locked *p)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "name", p->name, "evr",
			      p->evr, "arch", p->arch, "sha256", p->sha256, "location", p->location,
			      "repository", p->repository, "file_bytes", (json_int_t)p->file_bytes,
			      "installed_bytes", (json_int_t)p->installed_bytes);

	hull_assert(j);
	hull_json_set(j, "base", p->base);
	hull_json_set(j, "checksum", p->checksum);
	hull_json_set(j, "source", p->source);
	hull_json_set(j, "want", p->want);
	hull_json_set(j, "origin", p->origin);
	hull_json_set(j, "by", p->by);
	hull_json_set(j, "dep", p->dep);
	return j;
}

json_t *hull_lock_to_json(const struct hull_lock *l)
{
	json_t *packages = json_array(), *repositories = json_array(), *lock, *runs;

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(packages, package_json(&l->v[i]));
	for (size_t i = 0; i < l->nrepositories; i++) {
		const struct hull_lock_repository *r = &l->repositories[i];
		json_t *j = json_pack("{s:s, s:s, s:s}", "name", r->name, "url", r->url, "digest",
				      r->digest);

		hull_lock_left_out_to_json(r, j);
		json_array_append_new(repositories, j);
	}
	lock = json_pack("{s:i, s:s, s:s, s:o, s:o}", "format", FORMAT, "arch", l->arch, "request",
			 l->request, "packages", packages, "repositories", repositories);
	hull_lock_notes_to_json(l, lock);
	runs = hull_runs_to_json(&l->runs);
	if (runs)
		json_object_set_new(lock, "scriptlets", runs);
	return lock;
}

int hull_lock_set_runs(struct hull_lock *l, const struct hull_runs *r, struct hull_err *e)
{
	hull_autojson json_t *j = hull_runs_to_json(r);

	return hull_runs_from_json(j, &l->arena, &l->runs, e);
}

json_t *hull_lock_to_image_json(const struct hull_lock *l)
{
	json_t *lock = hull_lock_to_json(l), *item;
	size_t i;

	json_object_del(lock, "passed_over");
	json_object_del(lock, "scriptlets");
	json_array_foreach (json_object_get(lock, "repositories"), i, item) {
		json_object_update_new(item, json_pack("{s:s, s:s}", "url", "", "digest", ""));
		json_object_del(item, "left_out");
		json_object_del(item, "left_out_count");
	}
	json_array_foreach (json_object_get(lock, "packages"), i, item)
		json_object_del(item, "base");
	return lock;
}

static char *directory_of(const char *path)
{
	const char *base = hull_basename(path);

	return base == path ? hull_strdup(".") : hull_strndup(path, (size_t)(base - path));
}

/* How to get from one directory to another, both absolute; NULL if they have little in common. */
static char *relative(const char *from, const char *to)
{
	size_t common = 0;
	int up = 0;
	hull_autobuf struct hull_buf b = {0};

	for (size_t i = 0;; i++) {
		bool end_from = !from[i] || from[i] == '/', end_to = !to[i] || to[i] == '/';

		if (end_from && end_to)
			common = i;
		if (from[i] != to[i] || !from[i])
			break;
	}
	for (const char *p = from + common; *p; p++)
		up += *p == '/';
	if (up > MAX_UP || common == 0)
		return NULL;
	for (int i = 0; i < up; i++)
		hull_buf_adds(&b, i ? "/.." : "..");
	if (to[common])
		hull_buf_addf(&b, "%s%s", b.n ? "/" : "", to + common + 1);
	return b.n ? hull_buf_steal(&b) : hull_strdup(".");
}

static bool is_directory(const char *url)
{
	return !hull_repo_is_remote(url) && !hull_starts(url, "file:");
}

/* The URL as the lock file in `directory` (absolute) has it. The caller frees. */
static char *url_from(const char *directory, const char *url)
{
	hull_autofree char *real = is_directory(url) ? hull_realpath(url, NULL) : NULL;
	char *r = real ? relative(directory, real) : NULL;

	return r ? r : hull_strdup(real ? real : url);
}

int hull_lock_write(const char *path, const struct hull_lock *l, struct hull_err *e)
{
	hull_autojson json_t *j = hull_lock_to_json(l);
	hull_autofree char *dir = directory_of(path), *directory = hull_realpath(dir, e);
	json_t *repositories = json_object_get(j, "repositories"), *r;
	size_t i;

	if (!directory)
		return hull_wrap(e, "%s: ", path);
	json_array_foreach (repositories, i, r) {
		hull_autofree char *url = url_from(directory, l->repositories[i].url);

		json_object_set_new(r, "url", json_string(url));
	}
	return hull_json_write(AT_FDCWD, path, j, e);
}

/* --- reading --- */

static int read_string(const json_t *j, const char *key, const char *what, struct hull_arena *a,
		       const char **out, struct hull_err *e)
{
	const char *s = hull_json_string(j, key, what, e);

	if (!s)
		return -1;
	*out = hull_arena_strdup(a, s);
	return **out ? 0 : hull_fail(e, HULL_FAILED, "%s: \"%s\" is empty", what, key);
}

static int read_bytes(const json_t *j, const char *key, const char *what, uint64_t *out,
		      struct hull_err *e)
{
	const json_t *v = json_object_get(j, key);

	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return hull_fail(e, HULL_FAILED, "%s: no size \"%s\"", what, key);
	*out = (uint64_t)json_integer_value(v);
	return 0;
}

static int read_reason(const json_t *j, const char *what, struct hull_arena *a,
		       struct hull_locked *p, struct hull_err *e)
{
	p->want = hull_arena_strdup(a, hull_json_optional(j, "want"));
	p->origin = hull_arena_strdup(a, hull_json_optional(j, "origin"));
	p->by = hull_arena_strdup(a, hull_json_optional(j, "by"));
	p->dep = hull_arena_strdup(a, hull_json_optional(j, "dep"));
	if (p->want && p->origin && !p->by && !p->dep)
		return 0;
	if (p->by && p->dep && !p->want && !p->origin)
		return 0;
	return hull_fail(e, HULL_FAILED,
			 "%s: its reason has to be \"want\" and \"origin\", or \"by\" and \"dep\"",
			 what);
}

static int read_package(const json_t *j, const char *what, struct hull_arena *a,
			struct hull_locked *p, struct hull_err *e)
{
	const char *source = hull_json_optional(j, "source");

	if (read_string(j, "name", what, a, &p->name, e) < 0)
		return -1;
	what = hull_arena_printf(a, "%s (%s)", what, p->name);
	if (read_string(j, "evr", what, a, &p->evr, e) < 0 ||
	    read_string(j, "arch", what, a, &p->arch, e) < 0 ||
	    read_string(j, "sha256", what, a, &p->sha256, e) < 0 ||
	    read_string(j, "location", what, a, &p->location, e) < 0 ||
	    read_string(j, "repository", what, a, &p->repository, e) < 0 ||
	    read_bytes(j, "file_bytes", what, &p->file_bytes, e) < 0 ||
	    read_bytes(j, "installed_bytes", what, &p->installed_bytes, e) < 0 ||
	    read_reason(j, what, a, p, e) < 0)
		return -1;
	p->source = hull_arena_strdup(a, source);
	p->base = hull_arena_strdup(a, hull_json_optional(j, "base"));
	p->checksum = hull_arena_strdup(a, hull_json_optional(j, "checksum"));
	if (!hull_is_sha256(p->sha256))
		return hull_fail(e, HULL_FAILED, "%s: \"sha256\" is not 64 lower-case hex digits",
				 what);
	if (!hull_repo_is_inside(p->location))
		return hull_fail(e, HULL_FAILED, "%s: \"location\" leaves the repository", what);
	return 0;
}

static int read_repository(const json_t *j, const char *what, const char *directory,
			   struct hull_arena *a, struct hull_lock_repository *r, struct hull_err *e)
{
	const char *url = hull_json_optional(j, "url"), *digest = hull_json_optional(j, "digest");

	if (read_string(j, "name", what, a, &r->name, e) < 0)
		return -1;
	if (url && !*url && digest && !*digest) { /* so it is in an image */
		r->url = r->digest = "";
		return 0;
	}
	if (hull_lock_left_out_read(j, what, a, r, e) < 0)
		return -1;
	if (read_string(j, "url", what, a, &r->url, e) < 0 ||
	    read_string(j, "digest", what, a, &r->digest, e) < 0)
		return -1;
	if (!hull_is_sha256(r->digest))
		return hull_fail(e, HULL_FAILED, "%s: \"digest\" is not 64 lower-case hex digits",
				 what);
	if (is_directory(r->url) && *r->url != '/' && strcmp(directory, ".") != 0)
		r->url = hull_arena_printf(a, "%s%s%s", directory,
					   hull_ends(directory, "/") ? "" : "/", r->url);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct hull_locked *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* What holds between packages. */
static int check(const struct hull_lock *l, struct hull_err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct hull_locked *p = &l->v[i];
		bool known = false;

		if (i && !strcmp(p->name, l->v[i - 1].name))
			return hull_fail(e, HULL_FAILED, "%s is there twice", p->name);
		for (size_t k = 0; k < l->nrepositories; k++)
			known = known || !strcmp(l->repositories[k].name, p->repository);
		if (!known)
			return hull_fail(e, HULL_FAILED, "%s is from an unknown repository '%s'",
					 p->name, p->repository);
		if (p->by && !hull_lock_find(l, p->by))
			return hull_fail(e, HULL_FAILED, "%s is there for %s, which is not",
					 p->name, p->by);
	}
	return 0;
}

static int read_lock(const json_t *j, const char *path, struct hull_lock *out, struct hull_err *e)
{
	const json_t *packages = json_object_get(j, "packages"),
		     *repositories = json_object_get(j, "repositories"), *item;
	hull_autofree char *directory = directory_of(path);
	const char *request;
	size_t i;

	if (json_integer_value(json_object_get(j, "format")) != FORMAT)
		return hull_fail(e, HULL_FAILED, "no lock file of this version of hull");
	if (read_string(j, "arch", "lock file", &out->arena, &out->arch, e) < 0 ||
	    read_string(j, "request", "lock file", &out->arena, &request, e) < 0)
		return -1;
	if (!hull_is_sha256(request))
		return hull_fail(e, HULL_FAILED, "\"request\" is not 64 lower-case hex digits");
	memcpy(out->request, request, sizeof out->request);
	if (!json_is_array(packages) || !json_is_array(repositories))
		return hull_fail(e, HULL_FAILED, "no lists \"packages\" and \"repositories\"");
	out->n = json_array_size(packages);
	out->v = hull_arena_array(&out->arena, out->n + 1, sizeof *out->v);
	out->nrepositories = json_array_size(repositories);
	if (out->nrepositories > MAX_REPOSITORIES)
		return hull_fail(e, HULL_FAILED, "more than %d repositories", MAX_REPOSITORIES);
	out->repositories =
		hull_arena_array(&out->arena, out->nrepositories + 1, sizeof *out->repositories);
	json_array_foreach (repositories, i, item) {
		hull_autofree char *what = hull_asprintf("repository %zu", i + 1);

		if (read_repository(item, what, directory, &out->arena, &out->repositories[i], e) <
		    0)
			return -1;
	}
	json_array_foreach (packages, i, item) {
		hull_autofree char *what = hull_asprintf("package %zu", i + 1);

		if (read_package(item, what, &out->arena, &out->v[i], e) < 0)
			return -1;
	}
	qsort(out->v, out->n, sizeof *out->v, by_name);
	if (hull_runs_from_json(json_object_get(j, "scriptlets"), &out->arena, &out->runs, e) < 0)
		return -1;
	return check(out, e) < 0 ? -1 : hull_lock_notes_read(j, out, e);
}

static int take_lock(const json_t *j, const char *path, struct hull_lock *out, struct hull_err *e)
{
	*out = (struct hull_lock){0};
	if (!j)
		return -1;
	if (read_lock(j, path, out, e) == 0)
		return 0;
	hull_lock_fini(out);
	return hull_wrap(e, "%s: ", path);
}

int hull_lock_read(const char *path, struct hull_lock *out, struct hull_err *e)
{
	hull_autojson json_t *j = hull_json_read(AT_FDCWD, path, e);

	return take_lock(j, path, out, e);
}

int hull_lock_parse(const char *text, size_t n, const char *path, struct hull_lock *out,
		    struct hull_err *e)
{
	json_error_t error;
	hull_autojson json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);

	if (!j)
		hull_fail(e, HULL_FAILED, "%s:%d:%d: %s", path, error.line, error.column,
			  error.text);
	return take_lock(j, path, out, e);
}

/* --- difference --- */

static void tell_one(char sign, const struct hull_locked *p, struct hull_buf *out)
{
	char size[HULL_AMOUNT];

	hull_buf_showf(out, "%c %s-%s.%s, %s", sign, p->name, p->evr, p->arch,
		       hull_kb_text(p->installed_bytes, size));
	if (sign == '+' && p->want)
		hull_buf_showf(out, ", wanted by %s", p->origin);
	else if (sign == '+')
		hull_buf_showf(out, ", required by %s (%s)", p->by, p->dep);
	hull_buf_addc(out, '\n');
}

static void tell_change(const struct hull_locked *a, const struct hull_locked *b,
			struct hull_buf *out)
{
	bool less = b->installed_bytes < a->installed_bytes;
	char size[HULL_AMOUNT];

	if (!strcmp(a->sha256, b->sha256))
		return;
	hull_buf_showf(out, "~ %s ", a->name);
	if (strcmp(a->evr, b->evr) != 0 || strcmp(a->arch, b->arch) != 0)
		hull_buf_showf(out, "%s.%s -> %s.%s", a->evr, a->arch, b->evr, b->arch);
	else
		hull_buf_showf(out, "%s: another build, sha256 %.12s... -> %.12s...", a->evr,
			       a->sha256, b->sha256);
	hull_buf_showf(out, ", %c%s\n", less ? '-' : '+',
		       hull_kb_text(less ? a->installed_bytes - b->installed_bytes
					 : b->installed_bytes - a->installed_bytes,
				    size));
}

void hull_lock_difference(const struct hull_lock *a, const struct hull_lock *b,
			  struct hull_buf *out)
{
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		int d = i == a->n ? 1 : k == b->n ? -1 : strcmp(a->v[i].name, b->v[k].name);

		if (d < 0)
			tell_one('-', &a->v[i++], out);
		else if (d > 0)
			tell_one('+', &b->v[k++], out);
		else
			tell_change(&a->v[i++], &b->v[k++], out);
	}
}
