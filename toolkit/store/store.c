// SPDX-License-Identifier: MIT
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/directories.h"
#include "store/known.h"

enum { CLAIMS = 1000 };

char *hull_store_default_path(struct hull_err *e)
{
	const char *v;

	if ((v = hull_env("HULL_STORE")))
		return hull_strdup(v);
	if ((v = hull_env("XDG_CACHE_HOME")) && *v == '/')
		return hull_asprintf("%s/hull", v);
	if ((v = hull_env("HOME")))
		return hull_asprintf("%s/.cache/hull", v);
	hull_fail(e, HULL_FAILED, "no place for the store: set HULL_STORE or HOME");
	return NULL;
}

/*
 * A directory in tmp/ is in use while its owner holds a lock on it; the kernel drops the lock when
 * the owner dies, however it dies.
 */
static void sweep_tmp(const struct hull_store *s)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(s->fd, "tmp", &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("tmp/%s", names.v[i]);
		hull_autofd int fd = openat(s->fd, path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
			continue;
		hull_ignore(hull_remove_tree(s->fd, path, NULL));
	}
}

/*
 * Another hull may sweep the directory between mkdir and flock, and this process may have opened
 * the store before within the same millisecond: then another one is made.
 */
static int claim_tmp(struct hull_store *s, struct hull_err *e)
{
	for (unsigned int i = 0; i < CLAIMS; i++) {
		hull_autofree char *path = hull_asprintf("tmp/%d-%u-%llx", (int)getpid(), i,
							 (unsigned long long)hull_monotonic_ms());
		hull_autofd int fd = -1;

		if (mkdirat(s->fd, path, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			return hull_fail_errno(e, "store %s: %s", s->path, path);
		}
		fd = openat(s->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT) {
			hull_fail_errno(e, "store %s: %s", s->path, path);
			unlinkat(s->fd, path, AT_REMOVEDIR);
			return -1;
		}
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || !hull_exists(s->fd, path))
			continue;
		s->tmp = hull_steal(path);
		s->tmp_fd = hull_steal_fd(&fd);
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "store %s: no directory in tmp/ can be locked", s->path);
}

/* The directory itself, whose mode keeps others out of all that is below, and its parents. */
static int make_store(const char *path, struct hull_err *e)
{
	hull_autofree char *parent = hull_strdup(path);
	size_t n = strlen(parent);
	char *slash;

	while (n > 1 && parent[n - 1] == '/')
		parent[--n] = '\0';
	slash = strrchr(parent, '/');
	if (slash && slash > parent) {
		*slash = '\0';
		if (hull_mkdirs(AT_FDCWD, parent, 0755, e) < 0)
			return -1;
	}
	return hull_mkdirs(AT_FDCWD, path, 0700, e);
}

int hull_store_open(struct hull_store *s, const char *path, struct hull_err *e)
{
	*s = (struct hull_store){.fd = -1, .tmp_fd = -1, .known = hull_known_new()};
	if (make_store(path, e) < 0 || !(s->path = hull_realpath(path, e))) {
		hull_wrap(e, "store: ");
		goto undo_open;
	}
	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0) {
		hull_fail_errno(e, "store %s", path);
		goto undo_open;
	}
	for (size_t i = 0; i < HULL_DIRECTORIES; i++)
		if (mkdirat(s->fd, hull_directories[i].name, 0755) < 0 && errno != EEXIST) {
			hull_fail_errno(e, "store %s: %s", path, hull_directories[i].name);
			goto undo_open;
		}
	sweep_tmp(s);
	if (claim_tmp(s, e) < 0)
		goto undo_open;
	return 0;
undo_open:
	hull_store_close(s);
	return -1;
}

int hull_store_look(struct hull_store *s, const char *path, struct hull_err *e)
{
	/* The last is a directory that is always there and has no name that a store has. */
	const char *const places[] = {path, "/proc/self/fdinfo"};
	const char *const temporary[] = {hull_env("TMPDIR"), "/tmp", "/var/tmp"};

	if (path && hull_store_open(s, path, e) == 0)
		return 0;
	*s = (struct hull_store){.fd = -1, .tmp_fd = -1};
	s->path = hull_strdup(path ? path : "(none)");
	for (size_t i = 0; i < 2 && s->fd < 0; i++)
		if (places[i])
			s->fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 3 && s->tmp_fd < 0; i++)
		if (temporary[i] && access(temporary[i], W_OK) == 0)
			s->tmp_fd = open(temporary[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return -1;
}

void hull_store_close(struct hull_store *s)
{
	/* what stays is swept by the next hull */
	if (s->tmp)
		hull_ignore(hull_remove_tree(s->fd, s->tmp, NULL));
	free(s->tmp);
	free(s->path);
	hull_known_free(s->known);
	if (s->tmp_fd >= 0)
		close(s->tmp_fd);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct hull_store){.fd = -1, .tmp_fd = -1};
}

char *hull_store_tmp(const struct hull_store *s, struct hull_err *e)
{
	static unsigned int counter;
	hull_autofree char *path = NULL;

	if (!s->tmp) {
		hull_fail(e, HULL_FAILED, "store %s: cannot be written", s->path);
		return NULL;
	}
	path = hull_asprintf("%s/%d-%u", s->tmp, (int)getpid(), counter++);

	if (mkdirat(s->fd, path, 0700) < 0) {
		hull_fail_errno(e, "store %s: %s", s->path, path);
		return NULL;
	}
	return hull_steal(path);
}

/* Those that are compared when they are used for the first time: see intact.h. */
static void note_made(const struct hull_store *s, enum hull_store_kind kind, const char *name)
{
	if (kind == HULL_STORE_SOURCE || kind == HULL_STORE_RPM || kind == HULL_STORE_UNPACKED ||
	    kind == HULL_STORE_MACROS || kind == HULL_STORE_SEED || kind == HULL_STORE_INDEX)
		hull_known_add(s->known, s->fd, hull_store_path(kind, name).path);
}

static int rename_in(const struct hull_store *s, const char *from, enum hull_store_kind kind,
		     const char *name, struct hull_err *e)
{
	struct hull_store_path to = hull_store_path(kind, name);

	if (renameat(s->fd, from, s->fd, to.path) == 0) {
		note_made(s, kind, name);
		return 0;
	}
	if (errno == EEXIST || errno == ENOTEMPTY)
		return hull_remove_tree(s->fd, from, e);
	return hull_fail_errno(e, "store %s: %s -> %s", s->path, from, to.path);
}

/*
 * A power cut may leave a name on the disk and not what is behind it. All that is dirty is written, once:
 * to call fsync on 500 files of a package took 20 s where this took 0.4 s.
 */
static int sync_all(const struct hull_store *s, struct hull_err *e)
{
	return syncfs(s->fd) < 0 ? hull_fail_errno(e, "store %s: sync", s->path) : 0;
}

int hull_store_commit_trees(const struct hull_store *s, const struct hull_store_tree *v, size_t n,
			    enum hull_store_kind kind, struct hull_err *e)
{
	if (n && sync_all(s, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (rename_in(s, v[i].from, kind, v[i].name, e) < 0)
			return -1;
	return 0;
}

int hull_store_commit(const struct hull_store *s, const char *from, enum hull_store_kind kind,
		      const char *name, struct hull_err *e)
{
	struct stat st;

	if (fstatat(s->fd, from, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, from);
	if (S_ISDIR(st.st_mode) && sync_all(s, e) < 0)
		return -1;
	return rename_in(s, from, kind, name, e);
}

/* Whether an object has the bytes that its name says. */
static bool is_whole(const struct hull_store *s, const char *path, const char *sha256)
{
	hull_autofd int fd =
		openat(s->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char hex[HULL_HEX];
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       hull_hash_fd(fd, hex, NULL, NULL) == 0 && !strcmp(hex, sha256);
}

int hull_store_add(const struct hull_store *s, const char *from, enum hull_store_kind kind,
		   const char *sha256, struct hull_err *e)
{
	struct hull_store_path to = hull_store_path(kind, sha256);

	if (renameat2(s->fd, from, s->fd, to.path, RENAME_NOREPLACE) == 0) {
		note_made(s, kind, sha256);
		return 0;
	}
	/* EINVAL: a file system that cannot say so */
	if (errno != EEXIST && errno != EINVAL)
		return hull_fail_errno(e, "store %s: %s -> %s", s->path, from, to.path);
	if (!is_whole(s, to.path, sha256))
		return hull_store_commit(s, from, kind, sha256, e);
	if (unlinkat(s->fd, from, 0) < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, from);
	return 0;
}

bool hull_store_has(const struct hull_store *s, enum hull_store_kind kind, const char *name)
{
	return hull_exists(s->fd, hull_store_path(kind, name).path);
}

int hull_store_list(const struct hull_store *s, enum hull_store_kind kind, struct hull_strv *out,
		    struct hull_err *e)
{
	hull_autostrv struct hull_strv files = {0};
	size_t n;

	/* one that nothing was ever written to may be read-only */
	if (!hull_exists(s->fd, hull_store_directory(kind)))
		return 0;
	if (hull_dir_list(s->fd, hull_store_directory(kind), &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++)
		if (hull_store_kind_is(kind, files.v[i], &n))
			hull_strv_take(out, hull_strndup(files.v[i], n));
	return 0;
}

static struct hull_store_path latest(const char *arch, const char *spec)
{
	hull_autofree char *name = hull_asprintf("%s/%s", arch, spec);

	return hull_store_path(HULL_STORE_LATEST, name);
}

int hull_store_latest(const struct hull_store *s, const char *arch, const char *spec,
		      char out_key[HULL_HEX], struct hull_err *e)
{
	struct hull_store_path o = latest(arch, spec);
	hull_autobuf struct hull_buf key = {0};

	if (!hull_exists(s->fd, o.path))
		return 0;
	if (hull_file_read(s->fd, o.path, &key, e) < 0)
		return -1;
	if (!hull_is_sha256(key.p))
		return 0;
	memcpy(out_key, key.p, HULL_HEX);
	return 1;
}

int hull_store_set_latest(const struct hull_store *s, const char *arch, const char *spec,
			  const char *key, struct hull_err *e)
{
	struct hull_store_path o = latest(arch, spec), directory = o;
	char *slash = strrchr(directory.path, '/');

	if (!slash)
		return hull_fail(e, HULL_FAILED, "store %s: %s/%s is no name of a build", s->path,
				 arch, spec);
	*slash = '\0';
	if (hull_mkdirs(s->fd, directory.path, 0755, e) < 0)
		return -1;
	return hull_file_write(s->fd, o.path, key, strlen(key), 0644, e);
}

int hull_store_lock(const struct hull_store *s, const char *name, bool wait, struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_LOCK, name);
	hull_autofd int fd = openat(s->fd, o.path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return hull_fail_errno(e, "store %s: lock %s", s->path, name);
	while (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) < 0)
		if (errno != EINTR)
			return hull_fail_errno(e, "lock %s", name);
	return hull_steal_fd(&fd);
}
