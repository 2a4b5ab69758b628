// SPDX-License-Identifier: MIT
#include "rpm/packagejson.h"

#include <limits.h>
#include <string.h>

#include "base/str.h"

static const char *const kinds[HULL_DEP_KINDS] = {
	[HULL_PROVIDES] = "provides",	    [HULL_REQUIRES] = "requires",
	[HULL_CONFLICTS] = "conflicts",	    [HULL_OBSOLETES] = "obsoletes",
	[HULL_RECOMMENDS] = "recommends",   [HULL_SUGGESTS] = "suggests",
	[HULL_SUPPLEMENTS] = "supplements", [HULL_ENHANCES] = "enhances",
};

/* The string members of a package and of a file. */
static const struct member {
	const char *key;
	size_t offset;
} package_strings[] = {
	{"name", offsetof(struct hull_package, name)},
	{"version", offsetof(struct hull_package, version)},
	{"release", offsetof(struct hull_package, release)},
	{"arch", offsetof(struct hull_package, arch)},
	{"summary", offsetof(struct hull_package, summary)},
	{"description", offsetof(struct hull_package, description)},
	{"license", offsetof(struct hull_package, license)},
	{"url", offsetof(struct hull_package, url)},
	{"group", offsetof(struct hull_package, group)},
	{"vendor", offsetof(struct hull_package, vendor)},
	{"source_rpm", offsetof(struct hull_package, source_rpm)},
	{"sha256", offsetof(struct hull_package, sha256)},
	{"content", offsetof(struct hull_package, content)},
};

static const struct member file_strings[] = {
	{"path", offsetof(struct hull_file, path)},	{"user", offsetof(struct hull_file, user)},
	{"group", offsetof(struct hull_file, group)},	{"link", offsetof(struct hull_file, link)},
	{"sha256", offsetof(struct hull_file, digest)}, {"caps", offsetof(struct hull_file, caps)},
	{"lang", offsetof(struct hull_file, lang)},
};

/* The numbers of a file that are 32 bits wide, with their largest values. */
static const struct {
	const char *key;
	size_t offset;
	int64_t max;
} file_numbers[] = {
	{"mode", offsetof(struct hull_file, mode), UINT16_MAX},
	{"flags", offsetof(struct hull_file, flags), UINT8_MAX},
	{"inode", offsetof(struct hull_file, inode), UINT32_MAX},
	{"major", offsetof(struct hull_file, major), UINT16_MAX},
	{"minor", offsetof(struct hull_file, minor), UINT16_MAX},
};

/* The 64 bit numbers of a package. */
static const struct member package_numbers[] = {
	{"file_bytes", offsetof(struct hull_package, file_bytes)},
	{"installed_bytes", offsetof(struct hull_package, installed_bytes)},
	{"archive_bytes", offsetof(struct hull_package, archive_bytes)},
	{"header_start", offsetof(struct hull_package, header_start)},
	{"header_end", offsetof(struct hull_package, header_end)},
	{"build_time", offsetof(struct hull_package, build_time)},
	{"file_time", offsetof(struct hull_package, file_time)},
};

#define LENGTH(a) (sizeof(a) / sizeof *(a))

void hull_json_set_int(json_t *obj, const char *key, int64_t n)
{
	if (n)
		json_object_set_new(obj, key, json_integer(n));
}

int hull_json_take_string(const json_t *obj, const char *key, const char *what,
			  struct hull_arena *a, const char **out, struct hull_err *e)
{
	const json_t *v = json_object_get(obj, key);

	*out = NULL;
	if (!v)
		return 0;
	if (!json_is_string(v))
		return hull_fail(e, HULL_FAILED, "%s: \"%s\" is no string", what, key);
	*out = hull_arena_strndup(a, json_string_value(v), json_string_length(v));
	return 0;
}

int hull_json_take_int(const json_t *obj, const char *key, const char *what, int64_t min,
		       int64_t max, int64_t *out, struct hull_err *e)
{
	const json_t *v = json_object_get(obj, key);

	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
		return hull_fail(e, HULL_FAILED, "%s: \"%s\" is no number in its range", what, key);
	*out = json_integer_value(v);
	return 0;
}

json_t *hull_deps_to_json(const struct hull_deps *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		json_t *dep = json_array();

		json_array_append_new(dep, json_string(d->v[i].name));
		if (d->v[i].evr) {
			json_array_append_new(dep, json_string(hull_dep_operator(d->v[i].flags)));
			json_array_append_new(dep, json_string(d->v[i].evr));
		}
		if (d->v[i].line)
			json_array_append_new(dep, json_integer(d->v[i].line));
		json_array_append_new(list, dep);
	}
	return list;
}

static bool take_operator(const char *text, unsigned int *out_flags)
{
	for (unsigned int flags = 1; text && flags < 8; flags++)
		if (!strcmp(text, hull_dep_operator(flags))) {
			*out_flags = flags;
			return true;
		}
	return false;
}

static bool take_dep(const json_t *j, struct hull_arena *a, struct hull_dep *out)
{
	const char *name = json_string_value(json_array_get(j, 0));
	size_t n = json_array_size(j), at = 1;
	const json_t *line;

	*out = (struct hull_dep){.name = hull_arena_strdup(a, name)};
	if (n >= 3) {
		out->evr = hull_arena_strdup(a, json_string_value(json_array_get(j, 2)));
		if (!out->evr ||
		    !take_operator(json_string_value(json_array_get(j, 1)), &out->flags))
			return false;
		at = 3;
	}
	line = json_array_get(j, at);
	if (line) {
		if (!json_is_integer(line) || json_integer_value(line) < 1 ||
		    json_integer_value(line) > INT_MAX)
			return false;
		out->line = (int)json_integer_value(line);
		at++;
	}
	return name && at == n;
}

int hull_deps_from_json(const json_t *j, const char *what, struct hull_arena *a,
			struct hull_deps *out, struct hull_err *e)
{
	size_t i;
	json_t *dep;

	*out = (struct hull_deps){0};
	if (j && !json_is_array(j))
		return hull_fail(e, HULL_FAILED, "%s: dependencies are no array", what);
	out->v = hull_arena_array(a, json_array_size(j), sizeof *out->v);
	json_array_foreach (j, i, dep)
		if (!take_dep(dep, a, &out->v[out->n++]))
			return hull_fail(e, HULL_FAILED, "%s: malformed dependency", what);
	return 0;
}

static const char **string_at(void *base, size_t offset)
{
	return (const char **)((char *)base + offset);
}

static void set_strings(json_t *obj, const void *base, const struct member *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hull_json_set(obj, m[i].key, *string_at((void *)base, m[i].offset));
}

static int take_strings(const json_t *obj, const char *what, struct hull_arena *a, void *base,
			const struct member *m, size_t n, struct hull_err *e)
{
	for (size_t i = 0; i < n; i++)
		if (hull_json_take_string(obj, m[i].key, what, a, string_at(base, m[i].offset), e) <
		    0)
			return -1;
	return 0;
}

/* As a spec declares most files; of thousands of specs these are most of what there is to read. */
static bool has_path_only(const struct hull_file *f)
{
	return !f->user && !f->group && !f->link && !f->digest && !f->caps && !f->lang &&
	       !f->mode && !f->flags && !f->inode && !f->major && !f->minor && !f->mtime &&
	       !f->size_bytes;
}

static json_t *files_to_json(const struct hull_package *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct hull_file *f = &p->files[i];
		json_t *obj;

		if (has_path_only(f)) {
			json_array_append_new(list, json_string(f->path));
			continue;
		}
		obj = json_object();
		set_strings(obj, f, file_strings, LENGTH(file_strings));
		for (size_t k = 0; k < LENGTH(file_numbers); k++)
			hull_json_set_int(
				obj, file_numbers[k].key,
				*(const uint32_t *)((const char *)f + file_numbers[k].offset));
		hull_json_set_int(obj, "mtime", f->mtime);
		hull_json_set_int(obj, "size", (int64_t)f->size_bytes);
		json_array_append_new(list, obj);
	}
	return list;
}

static int file_from_json(const json_t *j, const char *what, struct hull_arena *a,
			  struct hull_file *f, struct hull_err *e)
{
	int64_t size = 0;

	if (json_is_string(j) && *json_string_value(j) == '/') {
		f->path = hull_arena_strdup(a, json_string_value(j));
		return 0;
	}
	if (take_strings(j, what, a, f, file_strings, LENGTH(file_strings), e) < 0 ||
	    hull_json_take_int(j, "mtime", what, 0, UINT32_MAX, &f->mtime, e) < 0 ||
	    hull_json_take_int(j, "size", what, 0, INT64_MAX, &size, e) < 0)
		return -1;
	for (size_t k = 0; k < LENGTH(file_numbers); k++) {
		int64_t number = 0;

		if (hull_json_take_int(j, file_numbers[k].key, what, 0, file_numbers[k].max,
				       &number, e) < 0)
			return -1;
		*(uint32_t *)((char *)f + file_numbers[k].offset) = (uint32_t)number;
	}
	if (!f->path || *f->path != '/')
		return hull_fail(e, HULL_FAILED, "%s: a file without an absolute path", what);
	f->size_bytes = (uint64_t)size;
	return 0;
}

static int files_from_json(const json_t *j, const char *what, struct hull_arena *a,
			   struct hull_package *out, struct hull_err *e)
{
	size_t i;
	json_t *file;

	if (j && !json_is_array(j))
		return hull_fail(e, HULL_FAILED, "%s: \"files\" is no array", what);
	out->nfiles = json_array_size(j);
	out->files = hull_arena_array(a, out->nfiles, sizeof *out->files);
	json_array_foreach (j, i, file)
		if (file_from_json(file, what, a, &out->files[i], e) < 0)
			return -1;
	return 0;
}

static int scriptlets_from_json(const json_t *j, const char *what, struct hull_arena *a,
				struct hull_package *out, struct hull_err *e)
{
	const char **names;
	size_t i;
	json_t *name;

	if (!j)
		return 0;
	names = hull_arena_array(a, json_array_size(j) + 1, sizeof *names);
	json_array_foreach (j, i, name) {
		names[i] = hull_arena_strdup(a, json_string_value(name));
		if (!names[i])
			break;
	}
	if (!json_array_size(j) || i < json_array_size(j))
		return hull_fail(e, HULL_FAILED, "%s: \"scriptlets\" are no strings", what);
	out->scriptlets = names;
	return 0;
}

json_t *hull_package_to_json(const struct hull_package *p)
{
	json_t *j = json_object();

	set_strings(j, p, package_strings, LENGTH(package_strings));
	hull_json_set_int(j, "epoch", p->epoch);
	for (size_t i = 0; i < LENGTH(package_numbers); i++)
		hull_json_set_int(j, package_numbers[i].key,
				  *(const int64_t *)((const char *)p + package_numbers[i].offset));
	for (size_t i = 0; i < HULL_DEP_KINDS; i++)
		if (p->deps[i].n)
			json_object_set_new(j, kinds[i], hull_deps_to_json(&p->deps[i]));
	if (p->nfiles)
		json_object_set_new(j, "files", files_to_json(p));
	if (p->scriptlets) {
		json_t *names = json_array();

		for (size_t i = 0; p->scriptlets[i]; i++)
			json_array_append_new(names, json_string(p->scriptlets[i]));
		json_object_set_new(j, "scriptlets", names);
	}
	return j;
}

int hull_package_from_json(const json_t *j, const char *what, struct hull_arena *a,
			   struct hull_package *out, struct hull_err *e)
{
	int64_t epoch = 0;

	*out = (struct hull_package){0};
	if (!json_is_object(j))
		return hull_fail(e, HULL_FAILED, "%s: a package is no object", what);
	if (take_strings(j, what, a, out, package_strings, LENGTH(package_strings), e) < 0 ||
	    hull_json_take_int(j, "epoch", what, 0, UINT32_MAX, &epoch, e) < 0)
		return -1;
	if (!out->name || !out->version || !out->release || !out->arch)
		return hull_fail(e, HULL_FAILED,
				 "%s: a package without name, version, release or arch", what);
	out->epoch = (uint32_t)epoch;
	for (size_t i = 0; i < LENGTH(package_numbers); i++)
		if (hull_json_take_int(j, package_numbers[i].key, what, 0, INT64_MAX,
				       (int64_t *)((char *)out + package_numbers[i].offset), e) < 0)
			return -1;
	for (size_t i = 0; i < HULL_DEP_KINDS; i++)
		if (hull_deps_from_json(json_object_get(j, kinds[i]), what, a, &out->deps[i], e) <
		    0)
			return -1;
	if (files_from_json(json_object_get(j, "files"), what, a, out, e) < 0)
		return -1;
	return scriptlets_from_json(json_object_get(j, "scriptlets"), what, a, out, e);
}
