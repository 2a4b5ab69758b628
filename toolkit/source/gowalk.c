// SPDX-License-Identifier: MIT
#include "source/gowalk.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REPORTED = 20 };

/* A directory whose imports are to be followed. */
struct step {
	const struct hull_go_tree *tree; /* that it is in */
	const struct hull_go_dir *dir;
	bool tests; /* with those of its tests */
};

struct walk {
	struct hull_go_libs *libs;
	const struct hull_go_tree *own;
	const struct hull_go_block *block;
	struct hull_go_target target;
	struct step *steps;
	size_t n, cap;
	void *seen; /* tree of the imports that were looked for in the libraries: char * */
	struct hull_strv missing;
};

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static void add_step(struct walk *w, const struct hull_go_tree *tree, const struct hull_go_dir *dir,
		     bool tests)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->steps[i].dir == dir && (w->steps[i].tests || !tests))
			return;
	w->steps = hull_grow(w->steps, &w->cap, w->n, sizeof *w->steps);
	w->steps[w->n++] = (struct step){tree, dir, tests};
}

/* A vendor directory of the importing directory or one above it goes before everything else. */
static bool add_vendored(struct walk *w, const struct step *from, const char *import)
{
	hull_autofree char *top = hull_strdup(from->dir->path);

	for (;;) {
		hull_autofree char *path = hull_asprintf("%s/vendor/%s", top, import);
		const struct hull_go_dir *dir = hull_go_tree_find(from->tree, path);
		char *slash = strrchr(top, '/');

		if (dir) {
			add_step(w, from->tree, dir, false);
			return true;
		}
		if (!slash)
			return false;
		*slash = '\0';
	}
}

static int by_strcmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_seen(struct walk *w, const char *import)
{
	if (tfind(import, &w->seen, by_strcmp))
		return true;
	hull_assert(tsearch(hull_strdup(import), &w->seen, by_strcmp));
	return false;
}

/* Paths of the standard library have no dot in their first part. */
static bool is_standard(const char *import)
{
	return !memchr(import, '.', strcspn(import, "/"));
}

/* Adds the directory that an import path names; 0 if there is none. */
static int add_import(struct walk *w, const struct step *from, const char *import,
		      struct hull_err *e)
{
	const struct hull_go_dir *dir;
	struct hull_go_lib *lib;

	if (add_vendored(w, from, import))
		return 1;
	if (is_below(import, w->block->import)) {
		dir = hull_go_tree_find(w->own, import);
		if (dir)
			add_step(w, w->own, dir, false);
		return dir != NULL;
	}
	if (is_seen(w, import))
		return 1;
	if (hull_go_libs_find(w->libs, import, &lib, &dir, e) < 0)
		return -1;
	if (!lib)
		return is_standard(import);
	lib->used = true;
	add_step(w, &lib->tree, dir, false);
	return 1;
}

/*
 * The path without its part "/v5": a GOPATH has a module of a later major version at the place that
 * its path has without the version. NULL if there is no such part.
 */
static char *without_version(const char *import)
{
	for (const char *p = import; (p = strstr(p, "/v")); p++) {
		size_t n = strspn(p + 2, "0123456789");

		if (n > 0 && (!p[2 + n] || p[2 + n] == '/'))
			return hull_asprintf("%.*s%s", (int)(p - import), import, p + 2 + n);
	}
	return NULL;
}

static int follow(struct walk *w, const struct step *from, const char *file, const char *import,
		  struct hull_err *e)
{
	hull_autofree char *unversioned = NULL;
	int found;

	found = add_import(w, from, import, e);
	if (found == 0 && (unversioned = without_version(import)))
		found = add_import(w, from, unversioned, e);
	if (found == 0)
		hull_strv_addf(&w->missing, "%s, imported by %s/%s", import, from->dir->path, file);
	return found < 0 ? -1 : 0;
}

static int take_step(struct walk *w, const struct step *s, struct hull_err *e)
{
	for (size_t i = 0; i < s->dir->n; i++) {
		const struct hull_go_file *f = &s->dir->files[i];

		if (!hull_go_file_matches(f, &w->target) || (hull_go_file_is_test(f) && !s->tests))
			continue;
		for (size_t k = 0; k < f->nimports; k++)
			if (follow(w, s, f->name, f->imports[k], e) < 0)
				return -1;
	}
	return 0;
}

/* Directories that "..." passes over. */
static bool is_hidden(const char *relative)
{
	for (const char *p = relative; *p;) {
		size_t n = strcspn(p, "/");
		hull_autofree char *part = hull_strndup(p, n);

		if (*p == '_' || *p == '.' || !strcmp(part, "testdata") || !strcmp(part, "vendor"))
			return true;
		p += n + (p[n] == '/');
	}
	return false;
}

/* ".", "./cmd/x", "./lib/..." and the same with the import path for the dot. */
static int add_pattern(struct walk *w, const char *pattern, bool tests, struct hull_err *e)
{
	const char *import = w->block->import;
	hull_autofree char *full =
		*pattern == '.' ? hull_asprintf("%s%s", import, pattern + 1) : hull_strdup(pattern);
	bool deep = hull_ends(full, "/..."), found = false;

	if (deep)
		full[strlen(full) - strlen("/...")] = '\0';
	for (size_t i = 0; is_below(full, import) && i < w->own->n; i++) {
		const struct hull_go_dir *d = &w->own->dirs[i];

		if (deep ? !is_below(d->path, full) || is_hidden(d->path + strlen(full))
			 : strcmp(d->path, full) != 0)
			continue;
		add_step(w, w->own, d, tests);
		found = true;
	}
	return found ? 0
		     : hull_fail(e, HULL_FAILED, "'%s' names no directory of %s with Go files",
				 pattern, import);
}

static int report(const struct walk *w, struct hull_err *e)
{
	hull_autobuf struct hull_buf b = {0};

	if (!w->missing.n)
		return 0;
	for (size_t i = 0; i < w->missing.n && i < MAX_REPORTED; i++)
		hull_buf_addf(&b, "\n  %s", w->missing.v[i]);
	if (w->missing.n > MAX_REPORTED)
		hull_buf_addf(&b, "\n  and %zu more", w->missing.n - MAX_REPORTED);
	return hull_fail(e, HULL_FAILED, "no library has these imports (GOARCH=%s):%s",
			 w->target.arch, b.p);
}

int hull_go_walk(struct hull_go_libs *libs, const struct hull_go_tree *own,
		 const struct hull_go_block *block, const char *arch, struct hull_err *e)
{
	struct walk w = {
		.libs = libs,
		.own = own,
		.block = block,
		.target = {.arch = arch, .cgo = block->cgo, .tags = &block->tags},
	};
	int r = 0;

	for (size_t i = 0; i < block->packages.n && r == 0; i++)
		r = add_pattern(&w, block->packages.v[i], false, e);
	for (size_t i = 0; i < block->tests.n && r == 0; i++)
		r = add_pattern(&w, block->tests.v[i], true, e);
	for (size_t i = 0; i < w.n && r == 0; i++) {
		struct step s = w.steps[i];

		r = take_step(&w, &s, e);
	}
	if (r == 0)
		r = report(&w, e);
	free(w.steps);
	tdestroy(w.seen, free);
	hull_strv_fini(&w.missing);
	return r;
}
