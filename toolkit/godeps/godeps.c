// SPDX-License-Identifier: MIT
#include "godeps/godeps.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "debian/aptindex.h"
#include "godeps/goblock.h"
#include "godeps/golibs.h"
#include "godeps/golist.h"
#include "godeps/goroot.h"
#include "source/fetch.h"
#include "source/pins.h"
#include "text/json.h"

struct go_deps {
	const struct hull_go_deps_request *r;
	const struct hull_store *store;
	struct hull_progress *progress;
	struct hull_buf text; /* of the spec */
	struct hull_go_block block;
	struct hull_spec own; /* without the sources of the block */
	struct hull_go_libs libs;
	struct hull_arena arena;
};

/* --- the spec's own source --- */

/* The list that was: it is neither asked for nor in the way of a new one. */
static void leave_out_block(struct go_deps *g)
{
	const struct hull_spec *spec = g->r->spec;
	hull_autostrv struct hull_strv files = {0};

	hull_go_block_files(&g->block, g->text.p, &files);
	g->own = *spec;
	g->own.sources = hull_arena_array(&g->arena, spec->nsources + 1, sizeof *spec->sources);
	g->own.nsources = 0;
	for (size_t i = 0; i < spec->nsources; i++)
		if (!hull_strv_has(&files, spec->sources[i].file))
			g->own.sources[g->own.nsources++] = spec->sources[i];
}

static int fetch_own(const struct go_deps *g, struct hull_err *e)
{
	struct hull_source_wants wants = {0};
	int r;

	hull_source_wants_add(&wants, &g->own);
	r = hull_source_fetch(g->store, g->r->sources, wants.v, wants.n, g->progress, e);
	hull_source_wants_fini(&wants);
	return r;
}

/* --- the libraries --- */

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

/* The name in "debian:pool/main/r/runc/runc_1.0.orig.tar.xz". */
static char *debian_source(const struct go_deps *g, struct hull_err *e)
{
	const struct hull_spec_source *first = first_source(g->r->spec);
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
		  g->r->spec->path);
	return NULL;
}

/* Packages of amd64, and with them all that is for every architecture. */
static int read_indexes(const struct go_deps *g, struct hull_buf *packages,
			struct hull_buf *sources, struct hull_err *e)
{
	struct hull_debian_suites suites = {0};
	const struct hull_apt_request request = {
		.suites = &suites, .arch = "amd64", .packages = true};
	struct hull_apt_lists lists;
	int r = -1;

	if (hull_debian_suites_add_one(&suites, g->store, g->r->sources->debian_mirror, g->r->suite,
				       e) == 0 &&
	    hull_apt_lists_open(&lists, g->store, &request, g->progress, e) == 0) {
		r = hull_apt_lists_read(&lists, g->r->suite, HULL_APT_PACKAGES, packages, e);
		if (r == 0)
			r = hull_apt_lists_read(&lists, g->r->suite, HULL_APT_SOURCES, sources, e);
		hull_apt_lists_close(&lists);
	}
	hull_debian_suites_fini(&suites);
	return r;
}

static int find_candidates(struct go_deps *g, struct hull_err *e)
{
	hull_autobuf struct hull_buf packages = {0}, sources = {0}, roots = {0};
	const char *relations;

	hull_log(g->progress, "fetching the index of Debian %s", g->r->suite);
	if (read_indexes(g, &packages, &sources, e) < 0)
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
					 g->r->spec->path, g->r->suite, name);
	}
	hull_go_libs_close(&g->libs, relations);
	return 0;
}

static int read_lib(const struct go_deps *g, struct hull_go_lib *lib, struct hull_err *e)
{
	struct hull_store_path deb = hull_store_path(HULL_STORE_SOURCE, lib->sha256);
	hull_autofd int fd = hull_open(g->store->fd, deb.path, e);

	if (fd < 0)
		return -1;
	return hull_go_deb_read(&lib->deb, fd, hull_basename(lib->path), e);
}

static int read_candidates(struct go_deps *g, struct hull_err *e)
{
	struct hull_source_want *wants = hull_alloc_array(g->libs.n + 1, sizeof *wants);
	size_t n = 0;
	int r;

	for (size_t i = 0; i < g->libs.n; i++) {
		const struct hull_go_lib *lib = &g->libs.v[i];

		if (lib->candidate)
			wants[n++] = (struct hull_source_want){
				.url = hull_arena_printf(&g->arena, "debian:%s", lib->path),
				.file = hull_basename(lib->path),
				.sha256 = lib->sha256,
				.where = g->r->spec->path,
			};
	}
	hull_log(g->progress, "looking through %zu packages of Go libraries", n);
	r = hull_source_fetch(g->store, g->r->sources, wants, n, g->progress, e);
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

/* --- the Go tool --- */

static int open_root(struct go_deps *g, struct hull_go_root *root, struct hull_err *e)
{
	const struct hull_strv none = {0};
	hull_autobuf struct hull_buf text = {0};
	struct hull_go_root_request request = {
		.place = g->r->place,
		.spec = &g->own,
		.block = &g->block,
		.arch = g->r->arch,
		.macros = g->r->macros,
		.seed = g->r->seed,
	};

	hull_go_block_replace(&g->block, g->text.p, &none, &text);
	request.text = text.p;
	hull_log(g->progress, "preparing the source of %s", g->own.name);
	return hull_go_root_open(root, &request, e);
}

static int lay_libs(struct go_deps *g, struct hull_go_root *root, struct hull_err *e)
{
	for (size_t i = 0; i < g->libs.n; i++) {
		struct hull_go_lib *lib = &g->libs.v[i];

		if (!lib->used || lib->laid)
			continue;
		if (hull_go_root_add(root, lib->sha256, e) < 0)
			return -1;
		lib->laid = true;
	}
	return 0;
}

/* One question: 1 when the answer made further libraries used, 0 when nothing is missing. */
static int ask(struct go_deps *g, struct hull_go_root *root, const char *arch, bool tests,
	       struct hull_err *e)
{
	hull_autobuf struct hull_buf output = {0}, errors = {0};
	struct hull_go_list list = {0};
	int r = -1;

	if (lay_libs(g, root, e) < 0 || hull_go_root_list(root, arch, tests, &output, e) < 0)
		return -1;
	if (hull_go_list_parse(&list, output.p, output.n, e) == 0)
		r = hull_go_list_provide(&list, g->block.import, &g->libs, e);
	if (r > 0) {
		r = 1;
	} else if (r == 0 && !list.npackages) {
		r = hull_fail(e, HULL_FAILED, "%s names no package of %s",
			      tests ? "tests=" : "packages=", g->block.import);
	} else if (r == 0 && list.nerrors) {
		hull_go_list_describe(&list, &errors);
		r = hull_fail(e, HULL_FAILED, "go list (GOARCH=%s), with all libraries at hand:%s",
			      arch, errors.p);
	}
	hull_go_list_fini(&list);
	return r < 0 ? hull_wrap(e, "%s: ", g->r->spec->path) : r;
}

static int ask_until_complete(struct go_deps *g, struct hull_go_root *root, const char *arch,
			      bool tests, struct hull_err *e)
{
	int r;

	do
		r = ask(g, root, arch, tests, e);
	while (r > 0);
	return r;
}

static int find_used(struct go_deps *g, struct hull_err *e)
{
	/* Those that specs are built for. */
	static const char *const arches[] = {"amd64", "arm64"};
	struct hull_go_root root;
	int r = 0;

	if (open_root(g, &root, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof arches / sizeof *arches && r == 0; i++) {
		r = ask_until_complete(g, &root, arches[i], false, e);
		if (r == 0 && g->block.tests.n)
			r = ask_until_complete(g, &root, arches[i], true, e);
	}
	hull_go_root_close(&root);
	return r;
}

/* --- the result --- */

static int write_spec(const struct go_deps *g, const struct hull_strv *urls, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	hull_go_block_replace(&g->block, g->text.p, urls, &text);
	if (text.n == g->text.n && !memcmp(text.p, g->text.p, text.n))
		return 0;
	return hull_file_write(AT_FDCWD, g->r->spec->path, text.p, text.n, 0644, e);
}

static int write_pins(const struct go_deps *g, struct hull_err *e)
{
	hull_autojson json_t *old = hull_pins_read(g->r->spec, e);
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
	return json_equal(old, pins) ? 0
				     : hull_pins_write(g->r->spec, pins, g->r->sources->today, e);
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
					 g->r->spec->path, lib->name);
		hull_strv_addf(out_urls, "debian:%s", lib->path);
	}
	if (write_pins(g, e) < 0)
		return -1;
	return write_spec(g, out_urls, e);
}

static int find_deps(struct go_deps *g, struct hull_strv *out_urls, struct hull_err *e)
{
	const char *path = g->r->spec->path;

	if (hull_file_read(AT_FDCWD, path, &g->text, e) < 0 ||
	    hull_go_block_parse(&g->block, g->text.p, path, e) < 0)
		return -1;
	leave_out_block(g);
	if (fetch_own(g, e) < 0 || find_candidates(g, e) < 0 || read_candidates(g, e) < 0 ||
	    find_used(g, e) < 0)
		return -1;
	return write_result(g, out_urls, e);
}

int hull_go_deps(const struct hull_go_deps_request *r, struct hull_strv *out_urls,
		 struct hull_progress *progress, struct hull_err *e)
{
	struct go_deps g = {.r = r, .store = r->place->store, .progress = progress};
	int result = find_deps(&g, out_urls, e);

	hull_buf_fini(&g.text);
	hull_go_block_fini(&g.block);
	hull_go_libs_fini(&g.libs);
	hull_arena_fini(&g.arena);
	return result;
}
