// SPDX-License-Identifier: MIT
#include "source/gotree.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

enum {
	MAX_HEAD = 1024 * 1024, /* imports stand in front */
	MAX_ALIASES = 8,	/* on the way to one directory */
};

static const char gopath[] = "usr/share/gocode/src/";

void hull_go_tree_fini(struct hull_go_tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->dirs[i].files);
	free(t->dirs);
	free(t->aliases);
	hull_arena_fini(&t->arena);
	*t = (struct hull_go_tree){0};
}

/* Archives and walks have a directory's files together, so the search starts at the end. */
static struct hull_go_dir *directory_of(struct hull_go_tree *t, const char *path, size_t len)
{
	for (size_t i = t->n; i-- > 0;)
		if (!strncmp(t->dirs[i].path, path, len) && !t->dirs[i].path[len])
			return &t->dirs[i];
	t->dirs = hull_grow(t->dirs, &t->cap, t->n, sizeof *t->dirs);
	t->dirs[t->n] = (struct hull_go_dir){.path = hull_arena_strndup(&t->arena, path, len)};
	return &t->dirs[t->n++];
}

/* `path` is an import path and a file name. */
static void add_file(struct hull_go_tree *t, const char *path, const struct hull_go_file *f)
{
	const char *name = hull_basename(path);
	struct hull_go_dir *d;

	if (name == path)
		return;
	d = directory_of(t, path, (size_t)(name - path) - 1);
	d->files = hull_grow(d->files, &d->cap, d->n, sizeof *d->files);
	d->files[d->n] = *f;
	d->files[d->n++].name = hull_arena_strdup(&t->arena, name);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct hull_go_dir *)a)->path, ((const struct hull_go_dir *)b)->path);
}

static const struct hull_go_dir *find_exactly(const struct hull_go_tree *t, const char *import)
{
	struct hull_go_dir key = {.path = import};

	return t->n ? bsearch(&key, t->dirs, t->n, sizeof key, by_path) : NULL;
}

const struct hull_go_dir *hull_go_tree_find(const struct hull_go_tree *t, const char *import)
{
	hull_autofree char *path = hull_strdup(import);

	for (int turn = 0; turn < MAX_ALIASES; turn++) {
		const struct hull_go_dir *d = find_exactly(t, path);
		const struct hull_go_alias *a = NULL;
		char *next;

		for (size_t i = 0; i < t->naliases && !a; i++) {
			size_t n = strlen(t->aliases[i].from);

			if (!strncmp(path, t->aliases[i].from, n) && (!path[n] || path[n] == '/'))
				a = &t->aliases[i];
		}
		if (d || !a)
			return d;
		next = hull_asprintf("%s%s", a->to, path + strlen(a->from));
		free(path);
		path = next;
	}
	return NULL;
}

/* --- directories --- */

static int add_directory_file(struct hull_go_tree *t, int dirfd, const char *name,
			      const char *import, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", import, name);
	hull_autobuf struct hull_buf text = {0};
	struct hull_go_file f = {0};

	if (hull_file_read(dirfd, name, &text, e) < 0)
		return -1;
	if (text.n && hull_go_file_parse(text.p, text.n, &t->arena, &f))
		add_file(t, path, &f);
	return 0;
}

static int add_directory(struct hull_go_tree *t, int parent, const char *directory,
			 const char *import, struct hull_err *e)
{
	hull_autofd int fd = openat(parent, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	hull_autostrv struct hull_strv names = {0};

	if (fd < 0)
		return hull_fail_errno(e, "%s", directory);
	if (hull_dir_list(fd, ".", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i];
		struct stat st;
		int r = 0;

		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return hull_fail_errno(e, "%s/%s", directory, name);
		if (S_ISDIR(st.st_mode)) {
			hull_autofree char *sub = hull_asprintf("%s/%s", import, name);

			r = add_directory(t, fd, name, sub, e);
		} else if (S_ISREG(st.st_mode) && hull_ends(name, ".go")) {
			r = add_directory_file(t, fd, name, import, e);
		}
		if (r < 0)
			return hull_wrap(e, "%s/", directory);
	}
	return 0;
}

int hull_go_tree_read_directory(struct hull_go_tree *t, const char *directory, const char *import,
				struct hull_err *e)
{
	if (add_directory(t, AT_FDCWD, directory, import, e) < 0)
		return -1;
	qsort(t->dirs, t->n, sizeof *t->dirs, by_path);
	return 0;
}

/* --- Debian packages: a tar within an ar --- */

struct inner {
	struct archive *outer;
};

static la_ssize_t read_inner(struct archive *a, void *arg, const void **out)
{
	const struct inner *in = arg;
	la_int64_t offset;
	size_t n = 0;
	int r = archive_read_data_block(in->outer, out, &n, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		archive_set_error(a, -1, "%s", archive_error_string(in->outer));
		return -1;
	}
	return (la_ssize_t)n;
}

/* The part of a member's path that is an import path; NULL: it lies elsewhere. */
static const char *below_gopath(const char *path)
{
	if (!path)
		return NULL;
	if (hull_starts(path, "./"))
		path += 2;
	return hull_starts(path, gopath) ? path + sizeof gopath - 1 : NULL;
}

/* Symlinks between directories; a target outside of the Go tree leads nowhere. */
static void add_alias(struct hull_go_tree *t, const char *from, const char *target)
{
	hull_autostrv struct hull_strv parts = {0};
	hull_autobuf struct hull_buf to = {0};
	hull_autofree char *base =
		*target == '/' ? hull_strdup("") : hull_asprintf("/%s%s", gopath, from);
	const char *words[] = {base, target};

	if (*base)
		base[hull_basename(base) - base] = '\0'; /* relative to the link's directory */
	for (size_t i = 0; i < 2; i++)
		for (const char *p = words[i]; *p;) {
			size_t n = strcspn(p, "/");

			if (n == 2 && !memcmp(p, "..", 2)) {
				if (!parts.n)
					return;
				free(parts.v[--parts.n]);
				parts.v[parts.n] = NULL;
			} else if (n > 0 && !(n == 1 && *p == '.')) {
				hull_strv_take(&parts, hull_strndup(p, n));
			}
			p += n + (p[n] == '/');
		}
	for (size_t i = 0; i < parts.n; i++)
		hull_buf_addf(&to, "%s%s", i ? "/" : "", parts.v[i]);
	if (!to.n || !below_gopath(to.p))
		return;
	t->aliases = hull_grow(t->aliases, &t->aliases_cap, t->naliases, sizeof *t->aliases);
	t->aliases[t->naliases++] = (struct hull_go_alias){
		hull_arena_strdup(&t->arena, from),
		hull_arena_strdup(&t->arena, below_gopath(to.p)),
	};
}

/* A second name of a file that came before. */
static int add_link(struct hull_go_tree *t, const char *path, const char *target,
		    struct hull_err *e)
{
	const char *import = below_gopath(target), *name = import ? hull_basename(import) : NULL;

	for (size_t i = 0; import && name != import && i < t->n; i++) {
		const struct hull_go_dir *d = &t->dirs[i];

		if (strncmp(d->path, import, (size_t)(name - import) - 1) != 0 ||
		    d->path[name - import - 1])
			continue;
		for (size_t k = 0; k < d->n; k++)
			if (!strcmp(d->files[k].name, name)) {
				struct hull_go_file f = d->files[k];

				add_file(t, path, &f);
				return 0;
			}
	}
	return hull_fail(e, HULL_FAILED, "%s is a link to %s, which is no Go file", path, target);
}

static int add_member(struct hull_go_tree *t, struct archive *a, struct archive_entry *entry,
		      char *head, struct hull_err *e)
{
	const char *path = below_gopath(archive_entry_pathname(entry));
	struct hull_go_file f = {0};
	la_ssize_t n;

	if (!path)
		return 0;
	if (archive_entry_filetype(entry) == AE_IFLNK) {
		const char *target = archive_entry_symlink(entry);

		if (target)
			add_alias(t, path, target);
		return 0;
	}
	if (!hull_ends(path, ".go"))
		return 0;
	if (archive_entry_hardlink(entry))
		return add_link(t, path, archive_entry_hardlink(entry), e);
	if (archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	n = archive_read_data(a, head, MAX_HEAD);
	if (n < 0)
		return hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	if (n > 0 && hull_go_file_parse(head, (size_t)n, &t->arena, &f))
		add_file(t, path, &f);
	return 0;
}

static int read_data_tar(struct hull_go_tree *t, struct archive *outer, struct hull_err *e)
{
	struct inner in = {outer};
	struct archive *a = archive_read_new();
	hull_autofree char *head = hull_alloc(MAX_HEAD);
	struct archive_entry *entry;
	int r, result = 0;

	hull_assert(a);
	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	r = archive_read_open(a, &in, NULL, read_inner, NULL);
	while (r == ARCHIVE_OK && result == 0) {
		r = archive_read_next_header(a, &entry);
		if (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
			result = add_member(t, a, entry, head, e);
			r = ARCHIVE_OK;
		}
	}
	if (result == 0 && r != ARCHIVE_EOF)
		result = hull_fail(e, HULL_FAILED, "%s", archive_error_string(a));
	archive_read_free(a);
	return result;
}

int hull_go_tree_read_deb(struct hull_go_tree *t, int fd, const char *name, struct hull_err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	bool found = false;
	int r, result = 0;

	hull_assert(a);
	archive_read_support_format_ar(a);
	r = archive_read_open_fd(a, fd, 64 * 1024);
	while (r == ARCHIVE_OK && !found) {
		const char *member;

		r = archive_read_next_header(a, &entry);
		member = r == ARCHIVE_OK ? archive_entry_pathname(entry) : NULL;
		if (member && hull_starts(member, "data.tar")) {
			found = true;
			result = read_data_tar(t, a, e);
		}
	}
	if (!found)
		result = hull_fail(e, HULL_FAILED, "%s",
				   r == ARCHIVE_EOF ? "no Debian package: it has no data.tar"
						    : archive_error_string(a));
	archive_read_free(a);
	if (result < 0)
		return hull_wrap(e, "%s: ", name);
	qsort(t->dirs, t->n, sizeof *t->dirs, by_path);
	return 0;
}
