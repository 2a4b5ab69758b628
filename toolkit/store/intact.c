// SPDX-License-Identifier: MIT
#include "store/intact.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/workers.h"
#include "store/directories.h"
#include "store/known.h"

bool hull_intact_known(const struct hull_store *s, enum hull_store_kind kind, const char *name)
{
	return hull_known_has(s->known, s->fd, hull_store_path(kind, name).path);
}

void hull_intact_note(const struct hull_store *s, enum hull_store_kind kind, const char *name)
{
	hull_known_add(s->known, s->fd, hull_store_path(kind, name).path);
}

int hull_intact_set_aside(const struct hull_store *s, enum hull_store_kind kind, const char *name,
			  const char *why, struct hull_err *e)
{
	struct hull_store_path from = hull_store_path(kind, name);
	hull_autofree char *to =
		hull_asprintf("%s/%s-%s", hull_directories[HULL_DIRECTORY_DAMAGED].name,
			      hull_store_directory(kind), hull_basename(from.path));
	struct stat st;

	if (fstatat(s->fd, from.path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : hull_fail_errno(e, "store %s: %s", s->path, from.path);
	/* a directory that cannot be written to cannot be moved either */
	if (S_ISDIR(st.st_mode) && !(st.st_mode & S_IWUSR))
		hull_ignore(fchmodat(s->fd, from.path, 0755, 0));
	if (hull_remove_tree(s->fd, to, e) < 0)
		return -1;
	if (renameat(s->fd, from.path, s->fd, to) < 0)
		return hull_fail_errno(e, "store %s: %s -> %s", s->path, from.path, to);
	hull_log(s->progress, "store: %s is damaged and set aside in %s/%s: %s", from.path, s->path,
		 hull_directories[HULL_DIRECTORY_DAMAGED].name, why);
	return 0;
}

bool hull_intact_is_damage(const struct hull_err *why)
{
	switch (why->sys) {
	case 0:
		return why->code != HULL_INTERRUPTED;
	case EIO:
	case EISDIR:
	case ELOOP:
	case ENOENT:
	case ENOTDIR:
	case EUCLEAN:
		return true;
	default:
		return false;
	}
}

int hull_intact_file(const struct hull_store *s, enum hull_store_kind kind, const char *sha256,
		     struct hull_err *why)
{
	struct hull_store_path o = hull_store_path(kind, sha256);
	char hex[HULL_HEX];
	struct stat st;

	if (fstatat(s->fd, o.path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 1 : hull_fail_errno(why, "store %s: %s", s->path, o.path);
	if (!S_ISREG(st.st_mode)) {
		hull_fail(why, HULL_FAILED, "it is no file");
		return 0;
	}
	if (hull_hash_file(s->fd, o.path, hex, NULL, why) < 0)
		return hull_intact_is_damage(why) ? 0 : hull_wrap(why, "store %s: ", s->path);
	if (!strcmp(hex, sha256))
		return 1;
	hull_fail(why, HULL_FAILED, "it has SHA-256 %s", hex);
	return 0;
}

struct file_check {
	const struct hull_store *store;
	enum hull_store_kind kind;
	const char **names;
	int *holds;
};

static int check_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct file_check *c = ctx;

	(void)thread;
	c->holds[i] = hull_intact_file(c->store, c->kind, c->names[i], e);
	return c->holds[i];
}

/* Again and alone: another hull may have put it right meanwhile. */
static int settle(const struct hull_store *s, enum hull_store_kind kind, const char *sha256,
		  struct hull_err *e)
{
	hull_autofd int lock = hull_store_lock(s, "damage", true, e);
	struct hull_err why;
	int holds;

	if (lock < 0)
		return -1;
	holds = hull_intact_file(s, kind, sha256, &why);
	if (holds < 0)
		return hull_fail_as(e, &why);
	return holds ? 0 : hull_intact_set_aside(s, kind, sha256, why.msg, e);
}

int hull_intact_files(const struct hull_store *s, enum hull_store_kind kind,
		      const char *const *sha256, size_t n, struct hull_err *e)
{
	hull_autofree const char **names = hull_alloc_array(n + 1, sizeof *names);
	hull_autofree int *holds = hull_alloc_array(n + 1, sizeof *holds);
	struct file_check c = {s, kind, names, holds};
	size_t todo = 0;

	for (size_t i = 0; i < n; i++)
		if (sha256[i] && !hull_intact_known(s, kind, sha256[i]) &&
		    hull_store_has(s, kind, sha256[i]))
			names[todo++] = sha256[i];
	if (hull_workers_run(0, todo, check_next, &c, e) < 0)
		return -1;
	for (size_t i = 0; i < todo; i++) {
		if (holds[i])
			hull_intact_note(s, kind, names[i]);
		else if (settle(s, kind, names[i], e) < 0)
			return -1;
	}
	return 0;
}
