// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "finish/finish.h"
#include "system/confdir.h"

#define MODULES "/usr/lib/modules"
#define DEPMOD	"/usr/sbin/depmod"

/* One kernel's modules, and the directory of the host that depmod sees instead of the image. */
struct modules_work {
	struct hull_tree *t;
	struct hull_arena arena;
	int top; /* the node of /usr/lib/modules/<version> */
	const char *version;
	const char *base;	  /* absolute path of the directory */
	const char *directory;	  /* base/usr/lib/modules/<version> */
	struct hull_strv modules; /* paths below it, without compression suffix */
	int dirfd;		  /* the descriptor that dir_path is the path of */
	const char *dir_path;
	int64_t newest;
};

static bool is_input(const char *name)
{
	return !strcmp(name, "modules.order") || !strcmp(name, "modules.builtin") ||
	       !strcmp(name, "modules.builtin.modinfo");
}

/* The compression suffix of a module's name ("" for none), NULL if it is no module. */
static const char *module_suffix(const char *name)
{
	static const char *const suffixes[] = {"", ".zst", ".xz", ".gz"};

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		hull_autofree char *end = hull_asprintf(".ko%s", suffixes[i]);

		if (hull_ends(name, end))
			return suffixes[i];
	}
	return NULL;
}

/* A file of the scratch directory: nobody waits for it to reach the disk. */
static int write_scratch(const char *path, const struct hull_buf *text, struct hull_err *e)
{
	hull_autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	return hull_fd_write(fd, text->p, text->n, e) < 0 ? hull_wrap(e, "%s: ", path) : 0;
}

/* A link to the file in the store, or a copy of what is nowhere as a file of its own. */
static int place_file(struct modules_work *w, int node, const char *path, struct hull_err *e)
{
	const struct hull_node *n = &w->t->v[w->t->v[node].inode];
	hull_autobuf struct hull_buf text = {0};

	if (n->content.memory || n->content.offset_bytes || !n->content.path || !n->size_bytes) {
		if (hull_tree_read(w->t, node, &text, e) < 0)
			return -1;
		return write_scratch(path, &text, e);
	}
	if (*n->content.path != '/' && n->content.dirfd != w->dirfd) {
		hull_autofree char *link = hull_asprintf("/proc/self/fd/%d", n->content.dirfd);
		hull_autofree char *real =
			hull_realpath(n->content.dirfd == AT_FDCWD ? "." : link, e);

		if (!real)
			return -1;
		w->dirfd = n->content.dirfd;
		w->dir_path = hull_arena_strdup(&w->arena, real);
	}
	if (symlink(*n->content.path == '/'
			    ? n->content.path
			    : hull_arena_printf(&w->arena, "%s/%s", w->dir_path, n->content.path),
		    path) < 0)
		return hull_fail_errno(e, "%s: symlink", path);
	return 0;
}

static int place_module(struct modules_work *w, int node, const char *relative, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", w->directory, relative);
	hull_autofree char *above = hull_strndup(path, (size_t)(strrchr(path, '/') - path));
	const char *suffix = module_suffix(relative);

	hull_strv_take(&w->modules, hull_strndup(relative, strlen(relative) - strlen(suffix)));
	if (w->t->v[w->t->v[node].inode].mtime > w->newest)
		w->newest = w->t->v[w->t->v[node].inode].mtime;
	return hull_mkdirs(AT_FDCWD, above, 0755, e) < 0 ? -1 : place_file(w, node, path, e);
}

/* depmod has an answer for what it cannot read, but not the right one. */
static int check_compression(const char *suffix, const char *path, struct hull_err *e)
{
	char *argv[] = {(char *)(hull_exists(AT_FDCWD, DEPMOD) ? DEPMOD : "depmod"),
			(char *)"--version", NULL};
	const char *feature = !strcmp(suffix, ".zst")  ? "+ZSTD"
			      : !strcmp(suffix, ".xz") ? "+XZ"
						       : "+ZLIB";
	hull_autobuf struct hull_buf said = {0};

	if (hull_run_checked(argv, &said, e) < 0)
		return -1;
	if (!said.n || !strstr(said.p, feature))
		return hull_fail(e, HULL_FAILED, "%s: the depmod of this machine reads no %s files",
				 path, suffix);
	return 0;
}

static int place_all(struct modules_work *w, struct hull_err *e)
{
	size_t skip = strlen(hull_tree_path(w->t, w->top, &w->arena)) + 1;
	const char *checked = "";

	for (int i = hull_tree_next(w->t, w->top, w->top); i >= 0;
	     i = hull_tree_next(w->t, i, w->top)) {
		const char *path = hull_tree_path(w->t, i, &w->arena);
		const char *suffix = module_suffix(path);

		if (!suffix || !S_ISREG(w->t->v[w->t->v[i].inode].mode))
			continue;
		if (*suffix && strcmp(suffix, checked) != 0 &&
		    check_compression(suffix, path, e) < 0)
			return -1;
		checked = *suffix ? suffix : checked;
		if (place_module(w, i, path + skip, e) < 0)
			return hull_wrap(e, "%s: ", path);
	}
	return 0;
}

/* modules.order with every module in it: depmod takes those that it lacks as the directory of the
 * host happens to list them. */
static int place_order(struct modules_work *w, int node, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/modules.order", w->directory);
	hull_autobuf struct hull_buf text = {0};
	hull_autostrv struct hull_strv listed = {0};
	struct hull_lines lines;
	const char *line;

	if (node >= 0 && hull_tree_read(w->t, node, &text, e) < 0)
		return hull_wrap(e, "modules.order: ");
	hull_lines_init(&lines, text.p, text.n);
	while ((line = hull_lines_next(&lines)))
		hull_strv_add(&listed, line);
	hull_lines_fini(&lines);
	if (text.n && text.p[text.n - 1] != '\n')
		hull_buf_addc(&text, '\n');
	hull_strv_sort(&listed);
	hull_strv_sort(&w->modules);
	for (size_t i = 0, j = 0; i < w->modules.n; i++) {
		while (j < listed.n && strcmp(listed.v[j], w->modules.v[i]) < 0)
			j++;
		if (j == listed.n || strcmp(listed.v[j], w->modules.v[i]) != 0)
			hull_buf_addf(&text, "%s\n", w->modules.v[i]);
	}
	return write_scratch(path, &text, e);
}

static int place_inputs(struct modules_work *w, struct hull_err *e)
{
	static const char *const names[] = {"modules.builtin", "modules.builtin.modinfo"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int node = hull_tree_child(w->t, w->top, names[i], strlen(names[i]));

		if (node >= 0 &&
		    place_file(w, node,
			       hull_arena_printf(&w->arena, "%s/%s", w->directory, names[i]),
			       e) < 0)
			return hull_wrap(e, "%s: ", names[i]);
	}
	return place_order(w, hull_tree_child(w->t, w->top, "modules.order", 13), e);
}

/* The image's depmod.d, not the host's. */
static int place_configuration(struct modules_work *w, const char *directory, struct hull_err *e)
{
	struct hull_confdir files = {0};
	int rc = hull_mkdirs(AT_FDCWD, directory, 0755, e);

	hull_confdir_list(w->t, "depmod.d", ".conf", &files);
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		rc = place_file(w, files.v[i].node,
				hull_arena_printf(&w->arena, "%s/%s", directory, files.v[i].name),
				e);
	hull_confdir_fini(&files);
	return rc;
}

static int add_results(struct modules_work *w, struct hull_err *e)
{
	const char *to = hull_tree_path(w->t, w->top, &w->arena);
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, w->directory, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i];
		hull_autobuf struct hull_buf text = {0};

		if (!hull_starts(name, "modules.") || is_input(name))
			continue;
		if (hull_file_read(AT_FDCWD,
				   hull_arena_printf(&w->arena, "%s/%s", w->directory, name), &text,
				   e) < 0)
			return -1;
		if (hull_tree_put_file(w->t, hull_arena_printf(&w->arena, "%s/%s", to, name),
				       text.p, text.n, 0644, w->newest, e) < 0)
			return -1;
	}
	return 0;
}

static int run_depmod(struct modules_work *w, struct hull_err *e)
{
	const char *conf = hull_arena_printf(&w->arena, "%s/depmod.d", w->base);
	hull_autofree char *lib = hull_asprintf("%s/lib", w->base);
	char *argv[] = {(char *)(hull_exists(AT_FDCWD, DEPMOD) ? DEPMOD : "depmod"),
			(char *)"-b",
			(char *)w->base,
			(char *)"-C",
			(char *)conf,
			(char *)w->version,
			NULL};

	if (hull_mkdirs(AT_FDCWD, w->directory, 0755, e) < 0)
		return -1;
	/* builds of kmod differ in where they look */
	if (symlink("usr/lib", lib) < 0)
		return hull_fail_errno(e, "%s: symlink", lib);
	if (place_all(w, e) < 0 || place_inputs(w, e) < 0 || place_configuration(w, conf, e) < 0 ||
	    hull_run_checked(argv, NULL, e) < 0)
		return -1;
	return add_results(w, e);
}

static bool is_kernel(const struct hull_tree *t, int directory)
{
	return S_ISDIR(t->v[directory].mode) &&
	       (hull_tree_child(t, directory, "modules.builtin", 15) >= 0 ||
		hull_tree_child(t, directory, "modules.order", 13) >= 0 ||
		hull_tree_child(t, directory, "kernel", 6) >= 0);
}

static int add_kernel(const struct hull_store *s, struct hull_tree *t, int node, struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(s, e);
	struct modules_work w = {.t = t, .top = node, .dirfd = -1};
	int rc;

	if (!tmp)
		return -1;
	w.version = hull_arena_strdup(&w.arena, t->v[node].name);
	w.base = hull_arena_printf(&w.arena, "%s/%s", s->path, tmp);
	w.directory = hull_arena_printf(&w.arena, "%s%s/%s", w.base, MODULES, w.version);
	rc = run_depmod(&w, e);
	if (rc < 0)
		hull_wrap(e, "modules of %s: ", w.version);
	else
		rc = hull_remove_tree(s->fd, tmp, e);
	hull_strv_fini(&w.modules);
	hull_arena_fini(&w.arena);
	return rc;
}

int hull_modules_add(const struct hull_store *s, struct hull_tree *t, struct hull_err *e)
{
	int modules = hull_tree_follow(t, MODULES);

	if (modules < 0 || !S_ISDIR(t->v[modules].mode))
		return 0;
	for (int i = t->v[modules].first_child; i >= 0; i = t->v[i].next_sibling)
		if (is_kernel(t, i) && add_kernel(s, t, i, e) < 0)
			return -1;
	return 0;
}
