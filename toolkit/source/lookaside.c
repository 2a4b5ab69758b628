// SPDX-License-Identifier: MIT
#include "source/lookaside.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/process.h"

/* 1: it is there as it should be, 0: it is not. */
static int is_there(int dir, const struct hull_source_want *w, struct hull_err *e)
{
	char digest[HULL_HEX];
	struct hull_err why;
	uint64_t bytes;

	if (!hull_exists(dir, w->file))
		return 0;
	if (hull_hash_file(dir, w->file, digest, &bytes, &why) < 0)
		return hull_fail_as(e, &why);
	return !strcmp(digest, w->sha256);
}

static int copy(const struct hull_store *s, int dir, const struct hull_source_want *w,
		struct hull_lookaside_stats *out, struct hull_err *e)
{
	struct hull_store_path from = hull_store_path(HULL_STORE_SOURCE, w->sha256);
	hull_autofree char *made = hull_asprintf("%s.new", w->file);
	struct stat st;

	if (hull_file_copy(s->fd, from.path, dir, made, e) < 0)
		return -1;
	if (fchmodat(dir, made, 0644, 0) < 0 || fstatat(dir, made, &st, 0) < 0 ||
	    renameat(dir, made, dir, w->file) < 0) {
		hull_fail_errno(e, "%s", w->file);
		unlinkat(dir, made, 0);
		return -1;
	}
	out->copied++;
	out->bytes += (uint64_t)st.st_size;
	return 0;
}

int hull_lookaside_write(const struct hull_store *s, const char *dir,
			 const struct hull_source_want *wants, size_t n,
			 struct hull_lookaside_stats *out, struct hull_progress *progress,
			 struct hull_err *e)
{
	hull_autoindex struct hull_index seen = {0};
	hull_autofd int fd = -1;

	*out = (struct hull_lookaside_stats){0};
	if (hull_mkdirs(AT_FDCWD, dir, 0755, e) < 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return hull_fail_errno(e, "%s", dir);
	for (size_t i = 0; i < n; i++) {
		const struct hull_source_want *w = &wants[i];
		size_t other;
		int there;

		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (!hull_index_put(&seen, w->file, i)) {
			hull_assert(hull_index_find(&seen, w->file, &other));
			if (!strcmp(wants[other].sha256, w->sha256))
				continue;
			return hull_fail(
				e, HULL_FAILED,
				"%s of %s and of %s are two files of one name: a look-aside "
				"can have one of them",
				w->file, wants[other].where, w->where);
		}
		hull_progress_total(progress, "files", i, n, -1);
		there = is_there(fd, w, e);
		if (there < 0 || (!there && copy(s, fd, w, out, e) < 0))
			return hull_wrap(e, "%s: ", dir);
		out->present += there > 0;
	}
	return 0;
}
