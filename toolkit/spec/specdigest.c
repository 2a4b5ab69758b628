// SPDX-License-Identifier: MIT
#include "spec/specdigest.h"

#include <fcntl.h>
#include <rpm/rpmlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	CACHE_FORMAT = 8,     /* of specs/<key>.json */
	LARGE_FILE = 1 << 20, /* is hashed in pieces */
};

#define MAX_LOCAL_BYTES ((uint64_t)8 << 30)

/* What editors leave while a file is open is no part of a spec. */
static bool is_editor_file(const char *name)
{
	return hull_ends(name, "~") || hull_starts(name, ".#") ||
	       (name[0] == '.' && strstr(name, ".sw"));
}

static int hash_file(struct hull_hash *h, int dirfd, const char *name, const struct stat *st,
		     struct hull_buf *buf, struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, name, e);
	char hex[HULL_HEX], has[HULL_AMOUNT], most[HULL_AMOUNT];

	if (fd < 0)
		return -1;
	if ((uint64_t)st->st_size > MAX_LOCAL_BYTES)
		return hull_fail(e, HULL_FAILED, "%s: %s, the limit for a file beside a spec is %s",
				 name, hull_size_text((uint64_t)st->st_size, has),
				 hull_size_text(MAX_LOCAL_BYTES, most));
	buf->n = 0;
	if (st->st_size >= LARGE_FILE) {
		if (hull_hash_fd(fd, hex, NULL, e) < 0)
			return hull_wrap(e, "%s: ", name);
	} else {
		if (hull_fd_read(fd, buf, e) < 0)
			return hull_wrap(e, "%s: ", name);
		hull_hash_bytes(buf->p, buf->n, hex);
	}
	hull_hash_field(h, "sha256", hex);
	return 0;
}

/* Names and bytes of all files below a directory, links followed. */
static int hash_directory(struct hull_hash *h, int parent, const char *path, struct hull_buf *buf,
			  struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};
	hull_autofd int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return hull_fail_errno(e, "%s", path);
	if (hull_dir_list(fd, ".", &names, e) < 0)
		return hull_wrap(e, "%s/", path);
	for (size_t i = 0; i < names.n; i++) {
		if (is_editor_file(names.v[i]))
			continue;
		if (fstatat(fd, names.v[i], &st, 0) < 0) {
			hull_fail_errno(e, "%s", names.v[i]);
			return hull_wrap(e, "%s/", path);
		}
		hull_hash_field(h, S_ISDIR(st.st_mode) ? "directory" : "file", names.v[i]);
		if ((S_ISDIR(st.st_mode) && hash_directory(h, fd, names.v[i], buf, e) < 0) ||
		    (S_ISREG(st.st_mode) && hash_file(h, fd, names.v[i], &st, buf, e) < 0))
			return hull_wrap(e, "%s/", path);
	}
	hull_hash_field(h, "end", NULL);
	return 0;
}

int hull_spec_directory_digest(const char *path, struct hull_buf *buf, char out[HULL_HEX],
			       struct hull_err *e)
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	if (hash_directory(h, AT_FDCWD, path, buf, e) < 0)
		return -1;
	hull_hash_hex(h, out);
	return 0;
}

int hull_spec_digest(const char *name, const char *dir, const char *macros, const char *arch,
		     const char *const *defines, size_t ndefines, struct hull_buf *buf,
		     struct hull_spec_digest *out, struct hull_err *e)
{
	hull_autohash struct hull_hash *all = hull_hash_new(), *key = hull_hash_new();
	char format[16];

	if (hull_spec_directory_digest(dir, buf, out->directory, e) < 0)
		return -1;
	snprintf(format, sizeof format, "%d", CACHE_FORMAT);
	hull_hash_field(all, "macros", macros);
	hull_hash_field(all, "arch", arch);
	for (size_t i = 0; i < ndefines; i++)
		hull_hash_field(all, "define", defines[i]);
	hull_hash_field(all, "name", name);
	hull_hash_field(all, "directory", out->directory);
	hull_hash_hex(all, out->all);
	hull_hash_field(key, "format", format);
	hull_hash_field(key, "librpm", RPMVERSION);
	hull_hash_field(key, "spec", out->all);
	hull_hash_hex(key, out->key);
	return 0;
}
