// SPDX-License-Identifier: MIT
#include "store/treedigest.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/workers.h"

struct entry {
	const char *path;
	uint32_t mode;
	const char *target; /* of a symlink */
	char sha256[HULL_HEX];
};

struct digest {
	int fd;
	struct entry *v;
	size_t n, cap;
	struct hull_arena arena;
};

static int add_below(struct digest *d, const char *directory, struct hull_err *e);

static int add_entry(struct digest *d, const char *path, struct hull_err *e)
{
	struct entry *entry;
	struct stat st;

	if (fstatat(d->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "%s", path);
	d->v = hull_grow(d->v, &d->cap, d->n, sizeof *d->v);
	entry = &d->v[d->n++];
	*entry = (struct entry){.path = path, .mode = st.st_mode};
	if (S_ISLNK(st.st_mode)) {
		char *target = hull_arena_alloc(&d->arena, (size_t)st.st_size + 1);

		if (readlinkat(d->fd, path, target, (size_t)st.st_size) != st.st_size)
			return hull_fail_errno(e, "%s: readlink", path);
		entry->target = target;
	}
	return S_ISDIR(st.st_mode) ? add_below(d, path, e) : 0;
}

static int add_below(struct digest *d, const char *directory, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(d->fd, directory, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (add_entry(d, hull_arena_printf(&d->arena, "%s/%s", directory, names.v[i]), e) <
		    0)
			return -1;
	return 0;
}

static int hash_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct digest *d = ctx;
	struct entry *entry = &d->v[i];

	(void)thread;
	return S_ISREG(entry->mode) ? hull_hash_file(d->fd, entry->path, entry->sha256, NULL, e)
				    : 0;
}

static void sum_up(const struct digest *d, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	for (size_t i = 0; i < d->n; i++) {
		char mode[16];

		snprintf(mode, sizeof mode, "%" PRIo32, d->v[i].mode);
		hull_hash_field(h, "path", d->v[i].path);
		hull_hash_field(h, "mode", mode);
		hull_hash_field(h, "target", d->v[i].target);
		hull_hash_field(h, "sha256", d->v[i].sha256);
	}
	hull_hash_hex(h, out);
}

int hull_tree_digest(int dirfd, const char *path, char out[HULL_HEX], struct hull_err *e)
{
	struct digest d = {.fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	int r;

	if (d.fd < 0)
		return hull_fail_errno(e, "%s", path);
	r = add_below(&d, ".", e);
	if (r == 0)
		r = hull_workers_run(0, d.n, hash_next, &d, e);
	if (r == 0)
		sum_up(&d, out);
	else
		hull_wrap(e, "%s: ", path);
	close(d.fd);
	free(d.v);
	hull_arena_fini(&d.arena);
	return r;
}
