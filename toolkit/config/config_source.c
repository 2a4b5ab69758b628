// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "config/config_field.h"

/* Files that a configuration names. */

enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, TRIES = 100 };

/* AdditionalFiles names files by keys, other lists by elements, scripts by a member. */
#define FAIL(e, v, ...)                                                                            \
	(is_key(v, name) ? hull_jsonpos_fail_key(e, v, __VA_ARGS__)                                \
			 : hull_jsonpos_fail(e, v, __VA_ARGS__))

static bool is_key(const struct hull_jsonpos_value *v, const char *name)
{
	return v->key && !(json_is_string(v->json) && json_string_value(v->json) == name);
}

static const char *member(const struct hull_jsonpos_value *v, const char *name)
{
	return is_key(v, name) ? "AdditionalFiles" : v->name;
}

/* A path as it is opened: relative ones against the directory of the configuration. */
static const char *resolve(struct hull_config_reader *r, const char *path)
{
	if (path[0] == '/' || !strcmp(r->c->directory, "."))
		return hull_arena_strdup(&r->c->arena, path);
	return hull_arena_printf(&r->c->arena, "%s/%s", r->c->directory, path);
}

/* EXDEV: it leads out. The kernel gives up when names change meanwhile. */
static int open_beneath(int directory, const char *name)
{
	struct open_how how = {
		.flags = FLAGS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

/* What is below a directory, of a path without links; NULL if the path is not. */
static const char *below(const char *path, const char *directory)
{
	size_t n = strcmp(directory, "/") ? strlen(directory) : 0;

	return !strncmp(path, directory, n) && path[n] == '/' && path[n + 1] ? path + n + 1 : NULL;
}

/* An absolute path, or a link to one, may lead into the directory all the same. */
static int open_written(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			const char *name, const char *path, struct hull_err *e)
{
	hull_autofree char *place = realpath(path, NULL), *top = NULL;
	const char *rest;
	int fd;

	if (!place && errno != EACCES)
		return FAIL(e, v, "%s: %s", path, strerror(errno));
	top = realpath(r->c->directory, NULL);
	rest = place && top ? below(place, top) : NULL;
	fd = rest ? open_beneath(r->directory, rest) : -1;
	if (!rest || (fd < 0 && errno == EXDEV))
		return FAIL(e, v,
			    "%s: '%s' is outside of the configuration's directory, at %s: copy it "
			    "there, or use --allow-outside",
			    member(v, name), name, place ? place : path);
	return fd < 0 ? FAIL(e, v, "%s: %s", path, strerror(errno)) : fd;
}

int hull_config_open_any(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 const char *name, const char **out_path, struct hull_err *e)
{
	const char *path = resolve(r, name);
	hull_autofd int fd = r->allow_outside ? openat(r->directory, name, FLAGS)
					      : open_beneath(r->directory, name);

	*out_path = path;
	if (fd < 0 && errno == EXDEV) {
		fd = open_written(r, v, name, path, e);
		if (fd < 0)
			return -1;
	}
	return fd < 0 ? FAIL(e, v, "%s: %s", path, strerror(errno)) : hull_steal_fd(&fd);
}

int hull_config_open(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		     const char *name, const char **out_path, struct hull_err *e)
{
	hull_autofd int fd = hull_config_open_any(r, v, name, out_path, e);
	const char *path = *out_path;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return FAIL(e, v, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return FAIL(e, v, "%s: not a regular file", path);
	return hull_steal_fd(&fd);
}

int hull_config_text(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		     const char *name, const char **out_path, struct hull_buf *out,
		     struct hull_err *e)
{
	hull_autofd int fd = hull_config_open(r, v, name, out_path, e);
	char digest[HULL_HEX];

	if (fd < 0)
		return -1;
	if (hull_fd_read_most(fd, HULL_WRITTEN_BYTES, out, e) < 0)
		return hull_wrap(e, "%s: ", *out_path);
	hull_hash_bytes(out->p, out->n, digest);
	hull_hash_field(r->digest, "file", digest);
	return 0;
}
