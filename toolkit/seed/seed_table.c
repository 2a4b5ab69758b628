// SPDX-License-Identifier: MIT
#include "seed/seed_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

/* Debian's rule for the names of packages. */
static bool is_package(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == strlen(s) &&
	       strspn(s, "+-.") == 0 && strlen(s) >= 2;
}

static const char *take_word(struct hull_seed_table *t, const char **at)
{
	const char *word;
	size_t n;

	return hull_word(at, &word, &n) ? hull_arena_strndup(&t->arena, word, n) : NULL;
}

static int add_line(struct hull_seed_table *t, const char *text, int line, struct hull_err *e)
{
	struct hull_seed_line out = {.name = take_word(t, &text), .line = line};
	const char **packages = NULL, *package;
	size_t n = 0, cap = 0;
	int r = 0;

	hull_assert(out.name);
	while (r == 0 && (package = take_word(t, &text))) {
		if (!is_package(package))
			r = hull_fail(e, HULL_FAILED, "'%s' is no name of a Debian package",
				      package);
		packages = hull_grow(packages, &cap, n + 1, sizeof *packages);
		packages[n++] = package;
		hull_strv_add(&t->packages, package);
	}
	for (size_t i = 0; r == 0 && strcmp(out.name, "@base") != 0 && i < t->nlines; i++)
		if (!strcmp(t->lines[i].name, out.name))
			r = hull_fail(e, HULL_FAILED, "'%s' is already in line %d", out.name,
				      t->lines[i].line);
	if (r == 0 && !packages)
		r = hull_fail(e, HULL_FAILED, "'%s' without a Debian package", out.name);
	if (r == 0 && packages) {
		const char **copy = hull_arena_array(&t->arena, n + 1, sizeof *copy);

		memcpy(copy, packages, n * sizeof *copy);
		out.packages = copy;
		t->lines = hull_grow(t->lines, &t->lines_cap, t->nlines, sizeof *t->lines);
		t->lines[t->nlines++] = out;
	}
	free(packages);
	return r;
}

/* The links are made by hull itself, in a directory of its own: they must stay there. */
static bool is_inside(const char *path)
{
	return *path == '/' && !strstr(path, "/../") && !strstr(path, "//") &&
	       !hull_ends(path, "/..") && !hull_ends(path, "/");
}

static int add_link(struct hull_seed_table *t, const char *text, int line, struct hull_err *e)
{
	struct hull_seed_link out = {.line = line};

	out.path = take_word(t, &text);
	out.target = take_word(t, &text);
	if (!out.target || take_word(t, &text))
		return hull_fail(e, HULL_FAILED, "a line is a path and the target of its link");
	if (!is_inside(out.path))
		return hull_fail(e, HULL_FAILED, "'%s' is no absolute path", out.path);
	t->links = hull_grow(t->links, &t->links_cap, t->nlinks, sizeof *t->links);
	t->links[t->nlinks++] = out;
	return 0;
}

static int read_lines(struct hull_seed_table *t, const char *name, struct hull_buf *out,
		      int (*add)(struct hull_seed_table *, const char *, int, struct hull_err *),
		      struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", t->dir, name);
	hull_autofree char *text = NULL;
	const char *rest, *word;
	char *next, *at;
	int line = 0;
	size_t n;

	if (hull_file_read(AT_FDCWD, path, out, e) < 0)
		return -1;
	text = hull_strdup(out->p ? out->p : "");
	for (at = text; at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		line++;
		rest = at;
		if (hull_word(&rest, &word, &n) && *word != '#' && add(t, at, line, e) < 0)
			return hull_wrap(e, "%s:%d: ", path, line);
	}
	return 0;
}

static int list_files(struct hull_seed_table *t, const char *below, struct hull_err *e)
{
	hull_autofree char *dir = hull_asprintf("%s/files%s", t->dir, below);
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", below, names.v[i]);
		hull_autofree char *full = hull_asprintf("%s/%s", dir, names.v[i]);
		struct stat st;

		if (lstat(full, &st) < 0)
			return hull_fail_errno(e, "%s", full);
		if (S_ISREG(st.st_mode))
			hull_strv_add(&t->files, path + 1);
		else if (!S_ISDIR(st.st_mode))
			return hull_fail(e, HULL_FAILED,
					 "%s: only files and directories can be here", full);
		else if (list_files(t, path, e) < 0)
			return -1;
	}
	return 0;
}

static int hash_files(const struct hull_seed_table *t, struct hull_hash *h, struct hull_err *e)
{
	for (size_t i = 0; i < t->files.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/files/%s", t->dir, t->files.v[i]);
		hull_autofd int fd = hull_open(AT_FDCWD, path, e);
		char hex[HULL_HEX];
		uint64_t bytes;

		if (fd < 0 || hull_hash_fd(fd, hex, &bytes, e) < 0)
			return -1;
		hull_hash_field(h, "file", t->files.v[i]);
		hull_hash_field(h, "content", hex);
	}
	return 0;
}

static int read_extras(struct hull_seed_table *t, struct hull_err *e)
{
	hull_autobuf struct hull_buf alternatives = {0};
	hull_autohash struct hull_hash *h = hull_hash_new();

	if (read_lines(t, "alternatives", &alternatives, add_link, e) < 0 ||
	    list_files(t, "", e) < 0)
		return -1;
	hull_strv_sort(&t->files);
	for (size_t i = 0; i < t->nlinks; i++) {
		hull_hash_field(h, "link", t->links[i].path);
		hull_hash_field(h, "target", t->links[i].target);
	}
	if (hash_files(t, h, e) < 0)
		return -1;
	hull_hash_hex(h, t->extras);
	return 0;
}

int hull_seed_table_read(struct hull_seed_table *t, const char *dir, struct hull_err *e)
{
	hull_autobuf struct hull_buf tools = {0};

	*t = (struct hull_seed_table){0};
	t->dir = hull_arena_strdup(&t->arena, dir);
	if (read_lines(t, "tools", &tools, add_line, e) < 0 || read_extras(t, e) < 0)
		goto undo_read;
	if (!t->packages.n) {
		hull_fail(e, HULL_FAILED, "%s/tools: no packages", dir);
		goto undo_read;
	}
	hull_strv_sort(&t->packages);
	return 0;
undo_read:
	hull_seed_table_fini(t);
	return -1;
}

void hull_seed_table_fini(struct hull_seed_table *t)
{
	free(t->lines);
	free(t->links);
	hull_strv_fini(&t->packages);
	hull_strv_fini(&t->files);
	hull_arena_fini(&t->arena);
	*t = (struct hull_seed_table){0};
}

const char *hull_seed_table_where(struct hull_seed_table *t, const char *package)
{
	for (size_t i = 0; i < t->nlines; i++)
		for (const char *const *p = t->lines[i].packages; *p; p++)
			if (!strcmp(*p, package))
				return hull_arena_printf(&t->arena, "%s/tools:%d", t->dir,
							 t->lines[i].line);
	return NULL;
}
