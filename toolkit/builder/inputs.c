// SPDX-License-Identifier: MIT
#include "builder/inputs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "rpm/rpmfile.h"
#include "spec/macros.h"
#include "spec/repair.h"

/* what was made of a spec whose scriptlets are empty had them once */
static const char format[] = "hull-build-1", format_emptied[] = "hull-build-2";

enum { DAY_SECONDS = 86400, DEFAULT_EPOCH = 1767225600 /* 2026-01-01 */ };

int64_t hull_inputs_epoch(const struct hull_spec *spec)
{
	/* rpm says noon of the changelog's days: what is built on the morning of that day is
	 * older, and its files would keep the time of their making */
	return spec->changelog_time > 0 ? spec->changelog_time - spec->changelog_time % DAY_SECONDS
					: DEFAULT_EPOCH;
}

static int add_file(json_t *obj, const char *name, const char *path, struct hull_err *e)
{
	char hex[HULL_HEX];

	if (hull_hash_file(AT_FDCWD, path, hex, NULL, e) < 0)
		return -1;
	json_object_set_new(obj, name, json_string(hex));
	return 0;
}

/* The spec, as it is built. */
static int add_spec(json_t *files, const struct hull_spec *spec, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	char hex[HULL_HEX];

	if (hull_spec_text(spec->path, &text, e) < 0)
		return -1;
	hull_hash_bytes(text.p, text.n, hex);
	json_object_set_new(files, hull_basename(spec->path), json_string(hex));
	return 0;
}

static int add_sources(const struct hull_build_inputs *in, const struct hull_spec *spec,
		       struct hull_err *e)
{
	if (add_spec(in->files, spec, e) < 0)
		return -1;
	for (size_t i = 0; i < spec->nsources; i++) {
		const struct hull_spec_source *s = &spec->sources[i];

		if (s->local) {
			hull_autofree char *path = hull_spec_source_path(spec, s);

			if (add_file(in->files, s->file, path, e) < 0)
				return hull_wrap(e, "%s:%d: ", spec->path, s->line);
		} else {
			hull_json_set(in->sources, s->file, s->sha256);
		}
	}
	return 0;
}

/* name -> body; NULL: there are none */
static json_t *defines_json(const struct hull_spec *spec)
{
	json_t *j = spec->ndefines ? json_object() : NULL;

	for (size_t i = 0; i < spec->ndefines; i++) {
		const char *text = spec->defines[i];
		size_t n = hull_definition_name(text);
		hull_autofree char *name = hull_strndup(text, n);

		hull_json_set(j, name, text + n + strspn(text + n, " \t"));
	}
	return j;
}

enum hull_check_rule hull_check_rule_of(const struct hull_build_rules *r,
					const struct hull_spec *spec)
{
	if (!spec->checks)
		return HULL_CHECK_PASSES;
	if (r->no_check_at_all || (r->no_check && hull_strv_has(r->no_check, spec->name)))
		return HULL_CHECK_NONE;
	return r->check_may_fail ? HULL_CHECK_MAY_FAIL : HULL_CHECK_PASSES;
}

static const char *check_word(const struct hull_inputs_request *r)
{
	if (!r->spec->checks || r->check == HULL_CHECK_PASSES)
		return NULL;
	return r->check == HULL_CHECK_NONE ? "none" : "may-fail";
}

json_t *hull_inputs_new(const struct hull_inputs_request *r, char out_key[HULL_HEX],
			struct hull_err *e)
{
	hull_autojson json_t *files = json_object(), *sources = json_object();
	hull_autojson json_t *requirements = json_object(), *defines = defines_json(r->spec);
	hull_autobuf struct hull_buf text = {0};
	struct hull_build_inputs in = {
		.format = r->spec->emptied ? format_emptied : format,
		.arch = r->arch,
		.macros = r->macros,
		.seed = r->seed,
		.has_epoch = true,
		.epoch = hull_inputs_epoch(r->spec),
		.files = files,
		.sources = sources,
		.requirements = requirements,
		.check = check_word(r),
		.defines = defines,
	};
	json_t *j;

	for (size_t i = 0; i < r->nroot; i++)
		hull_json_set(requirements, r->root[i]->name, r->root[i]->content);
	if (add_sources(&in, r->spec, e) < 0)
		return NULL;
	j = hull_build_inputs_json(&in);
	hull_json_text(j, false, &text);
	hull_hash_bytes(text.p, text.n, out_key);
	return j;
}

struct hull_built_packages hull_inputs_root(const struct hull_package *const *root, size_t n,
					    struct hull_arena *a)
{
	struct hull_built_packages list = {.n = n};

	list.v = hull_arena_array(a, n + 1, sizeof *list.v);
	for (size_t i = 0; i < n; i++)
		list.v[i] = (struct hull_built_package){.name = root[i]->name,
							.nevra = hull_package_nevra(root[i], a),
							.sha256 = root[i]->sha256};
	return list;
}

static bool same(const char *x, const char *y)
{
	return !strcmp(x ? x : "", y ? y : "");
}

static int by_path(const void *x, const void *y)
{
	const struct hull_file *const *a = x, *const *b = y;

	return strcmp((*a)->path, (*b)->path);
}

static const struct hull_file **sorted_files(const struct hull_package *p, struct hull_arena *a)
{
	const struct hull_file **v = hull_arena_array(a, p->nfiles + 1, sizeof *v);

	for (size_t i = 0; i < p->nfiles; i++)
		v[i] = &p->files[i];
	qsort(v, p->nfiles, sizeof *v, by_path);
	return v;
}

const char *hull_package_first_difference(const struct hull_package *x,
					  const struct hull_package *y, struct hull_arena *a)
{
	const struct hull_file **f = sorted_files(x, a), **g = sorted_files(y, a);

	for (size_t i = 0; i < x->nfiles || i < y->nfiles; i++) {
		int order = i >= x->nfiles   ? 1
			    : i >= y->nfiles ? -1
					     : strcmp(f[i]->path, g[i]->path);

		if (order < 0)
			return hull_arena_printf(a, "%s is gone", f[i]->path);
		if (order > 0)
			return hull_arena_printf(a, "%s is new", g[i]->path);
		if (f[i]->mode != g[i]->mode || !same(f[i]->user, g[i]->user) ||
		    !same(f[i]->group, g[i]->group) || !same(f[i]->caps, g[i]->caps))
			return hull_arena_printf(a, "%s has another mode or owner", f[i]->path);
		if (!same(f[i]->link, g[i]->link) || !same(f[i]->digest, g[i]->digest))
			return hull_arena_printf(a, "%s differs", f[i]->path);
	}
	return NULL;
}

static void explain_map(const json_t *old, const json_t *now, const char *what,
			struct hull_strv *out)
{
	const char *key;
	const json_t *v;

	json_object_foreach ((json_t *)now, key, v) {
		const char *before = hull_json_optional(old, key);

		if (!before)
			hull_strv_addf(out, "%s %s is new", what, key);
		else if (strcmp(before, json_string_value(v)) != 0)
			hull_strv_addf(out, "%s %s changed", what, key);
	}
	json_object_foreach ((json_t *)old, key, v) {
		if (!json_object_get(now, key))
			hull_strv_addf(out, "%s %s is gone", what, key);
	}
}

static void explain_package(const struct hull_store *s, const char *name, const char *old_sha256,
			    const char *new_sha256, struct hull_strv *out)
{
	struct hull_arena a = {0};
	struct hull_package x, y;
	const char *detail = NULL;

	/* an old package may be collected: then there is no detail */
	if (old_sha256 && new_sha256 && hull_rpm_stored(s, old_sha256, &a, &x, NULL) == 0 &&
	    hull_rpm_stored(s, new_sha256, &a, &y, NULL) == 0)
		detail = hull_package_first_difference(&x, &y, &a);
	hull_strv_addf(out, "BuildRequires %s changed%s%s", name, detail ? ": " : "",
		       detail ? detail : "");
	hull_arena_fini(&a);
}

static const char *digest_in(const struct hull_built_packages *root, const char *name)
{
	for (size_t i = 0; i < root->n; i++)
		if (root->v[i].name && !strcmp(root->v[i].name, name))
			return root->v[i].sha256;
	return NULL;
}

static void explain_requires(const struct hull_store *s, const struct hull_build_inputs *old,
			     const struct hull_built_packages *old_root,
			     const struct hull_build_inputs *now,
			     const struct hull_built_packages *new_root, struct hull_strv *out)
{
	const char *key;
	const json_t *v;

	json_object_foreach (now->requirements, key, v) {
		const char *before = hull_json_optional(old->requirements, key);

		if (!before)
			hull_strv_addf(out, "BuildRequires %s is new", key);
		else if (strcmp(before, json_string_value(v)) != 0)
			explain_package(s, key, digest_in(old_root, key), digest_in(new_root, key),
					out);
	}
	json_object_foreach (old->requirements, key, v) {
		if (!json_object_get(now->requirements, key))
			hull_strv_addf(out, "BuildRequires %s is gone", key);
	}
}

void hull_inputs_explain(const struct hull_store *s, const struct hull_build_inputs *old,
			 const struct hull_built_packages *old_root,
			 const struct hull_build_inputs *now,
			 const struct hull_built_packages *new_root, struct hull_strv *out)
{
	if (!old->json) {
		hull_strv_add(out, "never built");
		return;
	}
	explain_map(old->files, now->files, "file", out);
	explain_map(old->sources, now->sources, "source", out);
	if (!same(old->format, now->format))
		hull_strv_add(out, "hull builds differently now");
	if (!same(old->arch, now->arch))
		hull_strv_add(out, "another architecture");
	if (!same(old->macros, now->macros))
		hull_strv_add(out, "the macros changed");
	if (!same(old->seed, now->seed))
		hull_strv_add(out, "the seed changed");
	if (old->epoch != now->epoch)
		hull_strv_add(out, "the changelog time changed");
	if (!same(old->check, now->check))
		hull_strv_add(out, !now->check ? "its %check was not run, or could fail"
				   : !strcmp(now->check, "none") ? "its %check is left out"
								 : "its %check may fail");
	explain_map(old->defines, now->defines, "macro", out);
	explain_requires(s, old, old_root, now, new_root, out);
}
