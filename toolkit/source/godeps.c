// SPDX-License-Identifier: MIT
#include "source/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"
#include "source/aptindex.h"
#include "source/gowalk.h"
#include "source/pins.h"
#include "text/json.h"

struct go_deps {
	const struct hull_store *store;
	const struct hull_source_options *options;
	const struct hull_spec *spec;
	const char *suite;
	struct hull_progress *progress;
	struct hull_buf text; /* of the spec */
	struct hull_go_block block;
	struct hull_go_tree own;
	struct hull_go_libs libs;
	struct hull_arena arena;
};

/* --- the spec's own source --- */

static const struct hull_spec_source *first_source(const struct hull_spec *spec)
{
	const struct hull_spec_source *first = NULL;

	for (size_t i = 0; i < spec->nsources; i++) {
		const struct hull_spec_source *s = &spec->sources[i];

		if (!s->patch && (!first || s->number < first->number))
			first = s;
	}
	return first;
}

static char *stored_path(const struct go_deps *g, const struct hull_spec_source *s)
{
	if (s->local)
		return hull_asprintf("%s/%s", g->spec->dir, s->file);
	return hull_asprintf("%s/sources/%s", g->store->path, s->sha256);
}

/* Has the archive and the patches; the libraries of the old list are not asked for. */
static int fetch_own(const struct go_deps *g, struct hull_err *e)
{
	const struct hull_spec_source *first = first_source(g->spec);
	struct hull_spec_source *sources = hull_alloc((g->spec->nsources + 1) * sizeof *sources);
	struct hull_source_wants wants = {0};
	struct hull_spec spec = *g->spec;
	int r;

	spec.sources = sources;
	spec.nsources = 0;
	for (size_t i = 0; i < g->spec->nsources; i++)
		if (&g->spec->sources[i] == first || g->spec->sources[i].patch)
			sources[spec.nsources++] = g->spec->sources[i];
	hull_source_wants_add(&wants, &spec);
	r = hull_source_fetch(g->store, g->options, wants.v, wants.n, g->progress, e);
	hull_source_wants_fini(&wants);
	free(sources);
	return r;
}

/* What an archive unpacks to is mostly one directory. */
static char *only_directory(const char *dir)
{
	hull_autostrv struct hull_strv names = {0};
	struct hull_err ignored;
	struct stat st;

	if (hull_dir_list(AT_FDCWD, dir, &names, &ignored) == 0 && names.n == 1) {
		hull_autofree char *path = hull_asprintf("%s/%s", dir, names.v[0]);

		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return hull_steal(path);
	}
	return hull_strdup(dir);
}

static int by_number(const void *a, const void *b)
{
	const struct hull_spec_source *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int apply_patches(const struct go_deps *g, const char *dir, struct hull_err *e)
{
	const struct hull_spec *spec = g->spec;
	hull_autofree struct hull_spec_source *patches =
		hull_alloc((spec->nsources + 1) * sizeof *patches);
	size_t n = 0;

	for (size_t i = 0; i < spec->nsources; i++)
		if (spec->sources[i].patch)
			patches[n++] = spec->sources[i];
	qsort(patches, n, sizeof *patches, by_number);
	for (size_t i = 0; i < n; i++) {
		hull_autofree char *path = stored_path(g, &patches[i]), *full = NULL;
		const char *argv[] = {"patch", "-p1", "-s", "-f", "-d", dir, "-i", NULL, NULL};
		hull_autobuf struct hull_buf out = {0};

		full = hull_realpath(path, e); /* patch takes it relative to its directory */
		if (!full)
			return -1;
		argv[7] = full;
		if (hull_run_checked((char *const *)argv, &out, e) < 0)
			return hull_wrap(e, "%s:%d: ", spec->path, patches[i].line);
	}
	return 0;
}

/* Unpacks and patches the spec's source in a directory of the store's tmp/ and reads it. */
static int read_own(struct go_deps *g, struct hull_err *e)
{
	const struct hull_spec_source *first = first_source(g->spec);
	hull_autofree char *tmp = NULL, *dir = NULL, *archive = NULL, *top = NULL;
	hull_autobuf struct hull_buf out = {0};
	struct hull_err ignored; /* the next hull sweeps what stays */
	int r;

	if (!first)
		return hull_fail(e, HULL_FAILED, "%s: no Source", g->spec->path);
	if (fetch_own(g, e) < 0 || !(tmp = hull_store_tmp(g->store, e)))
		return -1;
	dir = hull_asprintf("%s/%s", g->store->path, tmp);
	archive = stored_path(g, first);
	const char *const argv[] = {"tar", "-x", "-f", archive, "--no-same-owner", "-C", dir, NULL};
	r = hull_run_checked((char *const *)argv, &out, e);
	if (r == 0) {
		top = only_directory(dir);
		r = apply_patches(g, top, e);
	}
	if (r == 0)
		r = hull_go_tree_read_directory(&g->own, top, g->block.import, e);
	hull_remove_tree(g->store->fd, tmp, &ignored);
	return r;
}

/* --- the libraries --- */

/* The name in "debian:pool/main/r/runc/runc_1.0.orig.tar.xz". */
static char *debian_source(const struct go_deps *g, struct hull_err *e)
{
	const struct hull_spec_source *first = first_source(g->spec);
	const char *end = NULL, *start = NULL;

	if (g->block.source)
		return hull_strdup(g->block.source);
	if (first && hull_starts(first->url, "debian:"))
		end = strrchr(first->url, '/');
	if (end)
		start = memrchr(first->url, '/', (size_t)(end - first->url));
	if (start)
		return hull_strndup(start + 1, (size_t)(end - start) - 1);
	hull_fail(e, HULL_FAILED,
		  "%s: Source0 is of no Debian package: name one by source= in the line "
		  "'# go-deps begin', or its libraries by roots=",
		  g->spec->path);
	return NULL;
}

static int find_candidates(struct go_deps *g, struct hull_err *e)
{
	hull_autobuf struct hull_buf packages = {0}, sources = {0}, roots = {0};
	const char *relations;

	hull_log(g->progress, "fetching the index of Debian %s", g->suite);
	if (hull_apt_indexes(g->store, g->options->debian_mirror, g->suite, &packages, &sources,
			     e) < 0)
		return -1;
	hull_go_libs_parse(&g->libs, packages.p);
	for (size_t i = 0; i < g->block.roots.n; i++)
		hull_buf_addf(&roots, "%s, ", g->block.roots.v[i]);
	if (g->block.roots.n) {
		relations = hull_arena_strdup(&g->arena, roots.p);
	} else {
		hull_autofree char *name = debian_source(g, e);

		if (!name)
			return -1;
		relations = hull_go_build_depends(sources.p, name, &g->arena);
		if (!relations)
			return hull_fail(e, HULL_FAILED, "%s: Debian %s has no source package '%s'",
					 g->spec->path, g->suite, name);
	}
	hull_go_libs_close(&g->libs, relations);
	return 0;
}

static int read_lib(const struct go_deps *g, struct hull_go_lib *lib, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("sources/%s", lib->sha256);
	hull_autofd int fd = hull_open(g->store->fd, path, e);

	if (fd < 0)
		return -1;
	return hull_go_tree_read_deb(&lib->tree, fd, hull_basename(lib->path), e);
}

static int read_candidates(struct go_deps *g, struct hull_err *e)
{
	struct hull_source_want *wants = hull_alloc((g->libs.n + 1) * sizeof *wants);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < g->libs.n; i++) {
		const struct hull_go_lib *lib = &g->libs.v[i];

		if (lib->candidate)
			wants[n++] = (struct hull_source_want){
				.url = hull_arena_printf(&g->arena, "debian:%s", lib->path),
				.file = hull_basename(lib->path),
				.sha256 = lib->sha256,
				.where = g->spec->path,
			};
	}
	hull_log(g->progress, "looking through %zu packages of Go libraries", n);
	r = hull_source_fetch(g->store, g->options, wants, n, g->progress, e);
	for (size_t i = 0; i < n; i++)
		hull_source_want_fini(&wants[i]);
	free(wants);
	for (size_t i = 0; i < g->libs.n && r == 0; i++) {
		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (g->libs.v[i].candidate)
			r = read_lib(g, &g->libs.v[i], e);
	}
	return r;
}

/* --- the result --- */

static int write_spec(const struct go_deps *g, const struct hull_strv *urls, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	hull_go_block_replace(&g->block, g->text.p, urls, &text);
	if (text.n == g->text.n && !memcmp(text.p, g->text.p, text.n))
		return 0;
	return hull_file_write(AT_FDCWD, g->spec->path, text.p, text.n, 0644, e);
}

static int write_pins(const struct go_deps *g, struct hull_err *e)
{
	hull_autojson json_t *old = hull_pins_read(g->spec, e);
	hull_autojson json_t *pins = old ? json_copy(old) : NULL;
	hull_autostrv struct hull_strv before = {0};

	if (!pins)
		return -1;
	hull_go_block_files(&g->block, g->text.p, &before);
	for (size_t i = 0; i < before.n; i++)
		json_object_del(pins, before.v[i]);
	for (size_t i = 0; i < g->libs.n; i++)
		if (g->libs.v[i].used)
			hull_json_set(pins, hull_basename(g->libs.v[i].path), g->libs.v[i].sha256);
	return json_equal(old, pins) ? 0 : hull_pins_write(g->spec, pins, e);
}

static int write_result(const struct go_deps *g, struct hull_strv *out_urls, struct hull_err *e)
{
	for (size_t i = 0; i < g->libs.n; i++) {
		const struct hull_go_lib *lib = &g->libs.v[i];

		if (!lib->used)
			continue;
		if (strcmp(lib->arch, "all") != 0)
			return hull_fail(e, HULL_FAILED,
					 "%s: %s is built for one architecture: it is no source",
					 g->spec->path, lib->name);
		hull_strv_addf(out_urls, "debian:%s", lib->path);
	}
	if (write_pins(g, e) < 0)
		return -1;
	return write_spec(g, out_urls, e);
}

static int find_deps(struct go_deps *g, struct hull_strv *out_urls, struct hull_err *e)
{
	/* Those that specs are built for. */
	static const char *const arches[] = {"amd64", "arm64"};

	if (hull_file_read(AT_FDCWD, g->spec->path, &g->text, e) < 0 ||
	    hull_go_block_parse(&g->block, g->text.p, g->spec->path, e) < 0 || read_own(g, e) < 0 ||
	    find_candidates(g, e) < 0 || read_candidates(g, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof arches / sizeof *arches; i++)
		if (hull_go_walk(&g->libs, &g->own, &g->block, arches[i], e) < 0)
			return hull_wrap(e, "%s: ", g->spec->path);
	return write_result(g, out_urls, e);
}

int hull_source_go_deps(const struct hull_store *s, const struct hull_source_options *o,
			const struct hull_spec *spec, const char *suite, struct hull_strv *out_urls,
			struct hull_progress *progress, struct hull_err *e)
{
	struct go_deps g = {
		.store = s, .options = o, .spec = spec, .suite = suite, .progress = progress};
	int r = find_deps(&g, out_urls, e);

	hull_go_libs_fini(&g.libs);
	hull_go_tree_fini(&g.own);
	hull_go_block_fini(&g.block);
	hull_arena_fini(&g.arena);
	hull_buf_fini(&g.text);
	return r;
}
