// SPDX-License-Identifier: MIT
#include "seed/seed_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "debian/suites.h"
#include "text/json.h"

#define UPDATE "'hull seed update' writes it"

enum { FORMAT = 1 };

int hull_seed_package_compare(const void *x, const void *y)
{
	const struct hull_seed_package *a = x, *b = y;
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->arch, b->arch);
}

const char *hull_seed_arch(struct hull_err *e)
{
	static const char *const names[][2] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}};
	struct utsname machine;

	uname(&machine);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(machine.machine, names[i][0]))
			return names[i][1];
	hull_fail(e, HULL_FAILED, "hull does not build on machines of kind '%s'", machine.machine);
	return NULL;
}

/* --- a package --- */

json_t *hull_seed_package_json(const struct hull_seed_package *p)
{
	json_t *j = json_object();

	hull_json_set(j, "name", p->name);
	hull_json_set(j, "version", p->version);
	hull_json_set(j, "arch", p->arch);
	hull_json_set(j, "sha256", p->sha256);
	hull_json_set(j, "path", p->path);
	json_object_set_new(j, "size_bytes", json_integer((json_int_t)p->size_bytes));
	return j;
}

int hull_seed_package_read(const json_t *j, const char *what, struct hull_arena *a,
			   struct hull_seed_package *out, struct hull_err *e)
{
	const char *name = hull_json_string(j, "name", what, e);
	const char *version = name ? hull_json_string(j, "version", what, e) : NULL;
	const char *arch = version ? hull_json_string(j, "arch", what, e) : NULL;
	const char *sha256 = arch ? hull_json_string(j, "sha256", what, e) : NULL;
	const char *path = hull_json_optional(j, "path");
	json_int_t size = json_integer_value(json_object_get(j, "size_bytes"));

	if (!sha256)
		return -1;
	*out = (struct hull_seed_package){
		.name = hull_arena_strdup(a, name),
		.version = hull_arena_strdup(a, version),
		.arch = hull_arena_strdup(a, arch),
		.sha256 = hull_arena_strdup(a, sha256),
		.path = path ? hull_arena_strdup(a, path) : NULL,
		.size_bytes = size > 0 ? (uint64_t)size : 0,
	};
	return 0;
}

/* --- reading --- */

static bool is_pool_path(const char *path)
{
	return path && hull_starts(path, "pool/") && !strstr(path, "/../") &&
	       hull_ends(path, ".deb");
}

static int read_package(struct hull_seed_lock *l, const json_t *j, size_t i, struct hull_err *e)
{
	hull_autofree char *what = hull_asprintf("%s: package %zu", l->file, i + 1);
	struct hull_seed_package *p = &l->packages[i];

	if (hull_seed_package_read(j, what, &l->arena, p, e) < 0)
		return -1;
	if (!hull_is_sha256(p->sha256))
		return hull_fail(e, HULL_FAILED, "%s: %s: '%s' is no SHA-256", l->file, p->name,
				 p->sha256);
	if (!is_pool_path(p->path))
		return hull_fail(e, HULL_FAILED, "%s: %s: '%s' is no path of a .deb below pool/",
				 l->file, p->name, p->path ? p->path : "");
	if (!p->size_bytes)
		return hull_fail(e, HULL_FAILED, "%s: %s: no size_bytes", l->file, p->name);
	if (strcmp(p->arch, "all") != 0 && strcmp(p->arch, l->arch) != 0)
		return hull_fail(e, HULL_FAILED, "%s: %s is for %s, the others are for %s", l->file,
				 p->name, p->arch, l->arch);
	return 0;
}

static int read_packages(struct hull_seed_lock *l, const json_t *list, struct hull_err *e)
{
	l->npackages = json_array_size(list);
	if (!l->npackages)
		return hull_fail(e, HULL_FAILED, "%s: no packages", l->file);
	l->packages = hull_arena_array(&l->arena, l->npackages, sizeof *l->packages);
	for (size_t i = 0; i < l->npackages; i++)
		if (read_package(l, json_array_get(list, i), i, e) < 0)
			return -1;
	qsort(l->packages, l->npackages, sizeof *l->packages, hull_seed_package_compare);
	for (size_t i = 1; i < l->npackages; i++)
		if (!strcmp(l->packages[i].name, l->packages[i - 1].name))
			return hull_fail(e, HULL_FAILED, "%s: %s is there twice", l->file,
					 l->packages[i].name);
	return 0;
}

static int read_head(struct hull_seed_lock *l, const json_t *j, struct hull_err *e)
{
	json_int_t format = json_integer_value(json_object_get(j, "format"));
	const char *release = hull_json_string(j, "release", l->file, e);
	const char *arch = release ? hull_json_string(j, "arch", l->file, e) : NULL;
	const char *date = arch ? hull_json_string(j, "date", l->file, e) : NULL;
	const char *mine = date ? hull_seed_arch(e) : NULL;

	if (format > FORMAT)
		return hull_fail(e, HULL_FAILED, "%s: format %lld is of a newer hull", l->file,
				 (long long)format);
	if (!mine)
		return -1;
	if (strcmp(arch, mine) != 0)
		return hull_fail(e, HULL_FAILED, "%s is for machines of kind %s, this one is %s",
				 l->file, arch, mine);
	l->release = hull_arena_strdup(&l->arena, release);
	l->arch = hull_arena_strdup(&l->arena, arch);
	l->date = hull_arena_strdup(&l->arena, date);
	return 0;
}

/* All that the tables name and the lock does not have. */
static int compare_with(const struct hull_seed_lock *l, struct hull_seed_table *t,
			struct hull_err *e)
{
	hull_autobuf struct hull_buf missing = {0};

	for (size_t i = 0; i < t->packages.n; i++) {
		const struct hull_seed_package key = {.name = t->packages.v[i], .arch = l->arch};
		const struct hull_seed_package all = {.name = t->packages.v[i], .arch = "all"};

		if (!bsearch(&key, l->packages, l->npackages, sizeof key,
			     hull_seed_package_compare) &&
		    !bsearch(&all, l->packages, l->npackages, sizeof all,
			     hull_seed_package_compare))
			hull_buf_showf(&missing, "%-s%s: '%s' is not in lock.json",
				       missing.n ? "\n" : "", hull_seed_table_where(t, key.name),
				       key.name);
	}
	if (missing.n)
		return hull_fail(e, HULL_FAILED, "%-s; " UPDATE, missing.p);
	return 0;
}

int hull_seed_lock_read(struct hull_seed_lock *l, struct hull_seed_table *t, struct hull_err *e)
{
	hull_autojson json_t *j = NULL;
	struct hull_err why;

	*l = (struct hull_seed_lock){0};
	l->file = hull_arena_printf(&l->arena, "%s/lock.json", t->dir);
	j = hull_json_read(AT_FDCWD, l->file, &why);
	if (!j && why.sys == ENOENT)
		return hull_fail(e, HULL_FAILED, "%s: there is none: " UPDATE, l->file);
	if (!j)
		return hull_fail_as(e, &why);
	if (read_head(l, j, e) < 0 || read_packages(l, json_object_get(j, "packages"), e) < 0)
		return -1;
	return compare_with(l, t, e);
}

void hull_seed_lock_fini(struct hull_seed_lock *l)
{
	hull_arena_fini(&l->arena);
	*l = (struct hull_seed_lock){0};
}

/* --- writing --- */

int hull_seed_lock_write(const char *dir, const struct hull_seed_package *packages, size_t n,
			 const char *arch, const char *date, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/lock.json", dir);
	hull_autobuf struct hull_buf text = {0};

	hull_buf_addf(&text,
		      "{\n  \"format\": %d,\n  \"release\": \"" HULL_DEBIAN_RELEASE
		      "\",\n  \"arch\": \"%s\",\n  \"date\": \"%s\",\n  \"packages\": [\n",
		      FORMAT, arch, date);
	for (size_t i = 0; i < n; i++) {
		hull_autojson json_t *j = hull_seed_package_json(&packages[i]);

		hull_buf_adds(&text, "    ");
		hull_json_text(j, false, &text);
		hull_buf_adds(&text, i + 1 < n ? ",\n" : "\n");
	}
	hull_buf_adds(&text, "  ]\n}\n");
	return hull_file_write(AT_FDCWD, path, text.p, text.n, 0644, e);
}

void hull_seed_lock_id(const struct hull_seed_lock *l, const struct hull_seed_table *t,
		       char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	hull_hash_field(h, "format", HULL_SEED_FORMAT);
	hull_hash_field(h, "extras", t->extras);
	for (size_t i = 0; i < l->npackages; i++) {
		hull_hash_field(h, "name", l->packages[i].name);
		hull_hash_field(h, "version", l->packages[i].version);
		hull_hash_field(h, "arch", l->packages[i].arch);
		hull_hash_field(h, "sha256", l->packages[i].sha256);
	}
	hull_hash_hex(h, out);
}
