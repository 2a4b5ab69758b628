// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config_field.h"

/* A directory as a source of AdditionalFiles: all files in it and below. */

enum { MAX_DEPTH = 32, MAX_FILES = 4096, MAX_BYTES = 64 << 20 };

struct added_walk {
	struct hull_config_reader *r;
	const struct hull_jsonpos_value *v;
	const char *path; /* of the directory, for messages */
	hull_config_found_fn *call;
	void *context;
	size_t n;
};

#define FAIL(w, e, ...) hull_jsonpos_fail_key(e, (w)->v, "AdditionalFiles: " __VA_ARGS__)

/* One file, which is open. */
static int found(struct added_walk *w, int fd, mode_t mode, const char *below, struct hull_err *e)
{
	struct hull_config_reader *r = w->r;
	struct hull_source_file *s = hull_arena_alloc(&r->c->arena, sizeof *s);
	hull_autobuf struct hull_buf text = {0};
	char *copy, digest[HULL_HEX];

	if (++w->n > MAX_FILES)
		return FAIL(w, e, "%s: more than %d files", w->path, MAX_FILES);
	if (hull_fd_read_most(fd, MAX_BYTES - r->read_bytes, &text, e) < 0)
		return hull_wrap(e, "%s/%s (directories have %d MiB in all): ", w->path, below,
				 MAX_BYTES >> 20);
	r->read_bytes += text.n;
	hull_hash_bytes(text.p ? text.p : "", text.n, digest);
	hull_hash_field(r->digest, "path", below);
	hull_hash_field(r->digest, "file", digest);
	copy = hull_arena_alloc(&r->c->arena, text.n + 1);
	memcpy(copy, text.p ? text.p : "", text.n);
	*s = (struct hull_source_file){
		.path = hull_arena_printf(&r->c->arena, "%s/%s", w->path, below),
		.fd = -1,
		.text = copy,
		.text_bytes = text.n,
		.mode = mode & 0755};
	return w->call(r, s, below, w->context, e);
}

static int walk(struct added_walk *w, int directory, const char *below, int depth,
		struct hull_err *e);

static int visit(struct added_walk *w, int directory, const char *name, const char *below,
		 int depth, struct hull_err *e)
{
	hull_autofd int fd =
		openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (strpbrk(name, " \t\n\\"))
		return FAIL(w, e, "%s/%s: a name with white space or '\\'", w->path, below);
	if (fd < 0 && errno == ELOOP)
		return FAIL(w, e, "%s/%s: a link; files of a directory are copied as they are",
			    w->path, below);
	if (fd < 0 || fstat(fd, &st) < 0)
		return FAIL(w, e, "%s/%s: %s", w->path, below, strerror(errno));
	if (S_ISREG(st.st_mode))
		return found(w, fd, st.st_mode, below, e);
	if (!S_ISDIR(st.st_mode))
		return FAIL(w, e, "%s/%s: neither a file nor a directory", w->path, below);
	if (depth == MAX_DEPTH)
		return FAIL(w, e, "%s/%s: more than %d directories deep", w->path, below,
			    MAX_DEPTH);
	return walk(w, fd, below, depth + 1, e);
}

static int walk(struct added_walk *w, int directory, const char *below, int depth,
		struct hull_err *e)
{
	struct hull_strv names = {0};
	int result = hull_dir_list(directory, ".", &names, e);

	if (result < 0)
		hull_wrap(e, "%s: ", w->path);
	for (size_t i = 0; result == 0 && i < names.n; i++)
		result = visit(
			w, directory, names.v[i],
			*below ? hull_arena_printf(&w->r->c->arena, "%s/%s", below, names.v[i])
			       : names.v[i],
			depth, e);
	hull_strv_fini(&names);
	return result;
}

int hull_config_directory(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  const char *name, hull_config_found_fn *call, void *context,
			  struct hull_err *e)
{
	struct added_walk w = {.r = r, .v = v, .call = call, .context = context};
	hull_autofd int fd = hull_config_open_any(r, v, name, &w.path, e);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return FAIL(&w, e, "%s: %s", w.path, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (walk(&w, fd, "", 0, e) < 0)
		return -1;
	return w.n ? 1 : FAIL(&w, e, "%s: a directory without files", w.path);
}
