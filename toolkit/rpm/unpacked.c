// SPDX-License-Identifier: MIT
#include "rpm/rpmfile.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/workers.h"
#include "rpm/front.h"
#include "rpm/unpack.h"
#include "store/intact.h"

/* --- making them --- */

/* Unpacks, if the file is what it has to be. */
static int unpack(int dirfd, const char *path, const char *want_sha256, int to_dirfd,
		  struct hull_err *e)
{
	hull_autofront struct hull_front front = {0};
	hull_autofd int fd = hull_open(dirfd, path, e);
	char sha256[HULL_HEX];

	if (fd < 0 || hull_front_read(fd, path, &front, e) < 0 ||
	    hull_front_check_payload(&front, fd, path, sha256, e) < 0)
		return -1;
	if (strcmp(sha256, want_sha256) != 0)
		return hull_fail(e, HULL_FAILED, "%s: has SHA-256 %s", path, sha256);
	return hull_payload_unpack(fd, path, &front, to_dirfd, e);
}

/* Puts the blame on the RPM if it is damaged: without it, it is built or fetched again. */
static void blame_rpm(const struct hull_store *s, const char *sha256, struct hull_err *e)
{
	struct hull_err why;

	hull_wrap(e, "store: ");
	if (hull_intact_file(s, HULL_STORE_RPM, sha256, &why) == 0 &&
	    hull_intact_set_aside(s, HULL_STORE_RPM, sha256, why.msg, &why) == 0)
		hull_wrap(e, "a package has to be built or fetched again ('hull build', "
			     "'hull fetch'): ");
}

int hull_rpm_unpack(const struct hull_store *s, const char *sha256, char **out_tmp,
		    struct hull_err *e)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, sha256);
	hull_autofree char *tmp = NULL;
	hull_autofd int dir = -1;

	*out_tmp = NULL;
	if (!hull_is_sha256(sha256))
		return hull_fail(e, HULL_FAILED, "'%s' is no SHA-256", sha256);
	if (hull_store_has(s, HULL_STORE_UNPACKED, sha256))
		return 0;
	tmp = hull_store_tmp(s, e);
	if (!tmp)
		return -1;
	dir = openat(s->fd, tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		hull_fail_errno(e, "store %s: %s", s->path, tmp);
		goto undo_tmp;
	}
	if (unpack(s->fd, rpm.path, sha256, dir, e) < 0) {
		blame_rpm(s, sha256, e);
		goto undo_tmp;
	}
	if (fchmod(dir, 0755) < 0) {
		hull_fail_errno(e, "store %s: %s", s->path, tmp);
		goto undo_tmp;
	}
	*out_tmp = hull_steal(tmp);
	return 0;
undo_tmp:
	hull_ignore(hull_remove_tree(s->fd, tmp, NULL));
	return -1;
}

int hull_rpms_unpacked(const struct hull_store *s, const char *const *sha256, size_t n,
		       struct hull_err *e)
{
	hull_autofree struct hull_store_tree *made = hull_alloc_array(n + 1, sizeof *made);
	hull_autostrv struct hull_strv tmps = {0};
	size_t nmade = 0;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		char *tmp;

		r = hull_rpm_unpack(s, sha256[i], &tmp, e);
		if (r < 0 || !tmp)
			continue;
		hull_strv_take(&tmps, tmp);
		made[nmade++] = (struct hull_store_tree){tmp, sha256[i]};
	}
	if (r == 0)
		r = hull_store_commit_trees(s, made, nmade, HULL_STORE_UNPACKED, e);
	if (r < 0)
		for (size_t i = 0; i < nmade; i++)
			hull_ignore(hull_remove_tree(s->fd, made[i].from, NULL));
	return r;
}

int hull_rpm_unpacked(const struct hull_store *s, const char *sha256, struct hull_err *e)
{
	return hull_rpms_unpacked(s, &sha256, 1, e);
}

/* --- comparing them --- */

struct comparison {
	const struct hull_package *p;
	bool *seen; /* by file */
	struct hull_arena arena;
	struct hull_err *why;
};

static int differs(const struct comparison *c, const char *path, const char *how)
{
	return hull_fail(c->why, HULL_FAILED, "%s %s", path, how);
}

/* A directory that the package does not list, and has files in. */
static bool is_implied(struct comparison *c, const char *path)
{
	const char *below = hull_arena_printf(&c->arena, "%s/", path);
	size_t i = hull_lower_bound(below, c->p->files, c->p->nfiles, sizeof *c->p->files,
				    offsetof(struct hull_file, path));

	return i < c->p->nfiles && hull_starts(c->p->files[i].path, below);
}

static int compare_link(const struct comparison *c, int dirfd, const char *name,
			const struct hull_file *f)
{
	size_t n = strlen(f->link);
	hull_autofree char *link = hull_alloc(n + 2);
	ssize_t got = readlinkat(dirfd, name, link, n + 1);

	return got != (ssize_t)n || memcmp(link, f->link, n) != 0
		       ? differs(c, f->path, "points to another place")
		       : 0;
}

static int compare_bytes(const struct comparison *c, int dirfd, const char *name,
			 const struct hull_file *f)
{
	hull_autofd int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char hex[HULL_HEX];

	if (fd < 0)
		return hull_fail_errno(c->why, "%s", f->path);
	if (hull_hash_fd(fd, hex, NULL, c->why) < 0)
		return hull_wrap(c->why, "%s: ", f->path);
	return !f->digest || strcmp(hex, f->digest) != 0
		       ? differs(c, f->path, "has other bytes than the header says")
		       : 0;
}

static int compare_file(const struct comparison *c, int dirfd, const char *name,
			const struct hull_file *f, const struct stat *st)
{
	if ((st->st_mode ^ f->mode) & S_IFMT)
		return differs(c, f->path, "is of another type than the header says");
	if (S_ISLNK(f->mode))
		return compare_link(c, dirfd, name, f);
	if ((st->st_mode & 07777) != hull_unpack_mode(f->mode))
		return differs(c, f->path, "has another mode than the header says");
	if (!S_ISREG(f->mode))
		return 0;
	if ((uint64_t)st->st_size != f->size_bytes)
		return differs(c, f->path, "has another size than the header says");
	return compare_bytes(c, dirfd, name, f);
}

static int compare_directory(struct comparison *c, int dirfd, const char *name, const char *path);

static int compare_entry(struct comparison *c, int dirfd, const char *name, const char *above)
{
	const char *path = hull_arena_printf(&c->arena, "%s/%s", above, name);
	const struct hull_file *f = hull_package_file(c->p, path);
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(c->why, "%s", path);
	if (f) {
		c->seen[f - c->p->files] = true;
		if (compare_file(c, dirfd, name, f, &st) < 0)
			return -1;
	} else if (!S_ISDIR(st.st_mode) || !is_implied(c, path)) {
		return differs(c, path, "is not in the header");
	}
	return S_ISDIR(st.st_mode) ? compare_directory(c, dirfd, name, path) : 0;
}

static int compare_directory(struct comparison *c, int dirfd, const char *name, const char *path)
{
	hull_autofd int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	hull_autostrv struct hull_strv names = {0};

	if (fd < 0)
		return hull_fail_errno(c->why, "%s", *path ? path : "its directory");
	if (hull_dir_list(fd, ".", &names, c->why) < 0)
		return hull_wrap(c->why, "%s: ", *path ? path : "its directory");
	for (size_t i = 0; i < names.n; i++)
		if (compare_entry(c, fd, names.v[i], path) < 0)
			return -1;
	return 0;
}

/* Devices and the like are nothing that a store has; the root is there, or nothing is. */
static int find_missing(const struct comparison *c)
{
	for (size_t i = 0; i < c->p->nfiles; i++) {
		const struct hull_file *f = &c->p->files[i];
		bool kept = S_ISREG(f->mode) || S_ISDIR(f->mode) || S_ISLNK(f->mode);

		if (kept && !c->seen[i] && !(f->flags & HULL_FILE_GHOST) && f->path[1])
			return differs(c, f->path, "is missing");
	}
	return 0;
}

int hull_unpacked_compare(const struct hull_store *s, const struct hull_package *p,
			  struct hull_err *why)
{
	struct hull_store_path tree = hull_store_path(HULL_STORE_UNPACKED, p->sha256);
	struct comparison c = {.p = p, .why = why};
	struct stat st;
	int r;

	c.seen = hull_arena_array(&c.arena, p->nfiles + 1, sizeof *c.seen);
	r = fstatat(s->fd, tree.path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) &&
			    (st.st_mode & 07777) == 0755
		    ? 0
		    : differs(&c, "its directory", "has another mode");
	if (r == 0)
		r = compare_directory(&c, s->fd, tree.path, "");
	if (r == 0)
		r = find_missing(&c);
	hull_arena_fini(&c.arena);
	if (r == 0)
		return 1;
	return hull_intact_is_damage(why) ? 0 : hull_wrap(why, "store %s: ", s->path);
}

struct unpacked_check {
	const struct hull_store *store;
	struct hull_package *packages;
	struct hull_err **damage; /* by package; NULL: it holds */
};

static int compare_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct unpacked_check *c = ctx;
	int holds = hull_unpacked_compare(c->store, &c->packages[i], e);

	(void)thread;
	if (holds)
		return holds;
	c->damage[i] = hull_alloc(sizeof **c->damage);
	*c->damage[i] = *e;
	return 0;
}

/* Again and alone: another hull may have put it right meanwhile. */
static int repair(const struct hull_store *s, const struct hull_package *p, struct hull_err *e)
{
	hull_autofd int lock = hull_store_lock(s, "damage", true, e);
	struct hull_err why;
	int holds;

	if (lock < 0)
		return -1;
	holds = hull_unpacked_compare(s, p, &why);
	if (holds < 0)
		return hull_fail_as(e, &why);
	if (!holds && (hull_intact_set_aside(s, HULL_STORE_UNPACKED, p->sha256, why.msg, e) < 0 ||
		       hull_rpm_unpacked(s, p->sha256, e) < 0))
		return -1;
	return 0;
}

/* Those that have to be looked at, with their headers. */
static int list_packages(const struct hull_store *s, const char *const *sha256, size_t n,
			 bool again, struct hull_arena *a, struct hull_package *out, size_t *out_n,
			 struct hull_err *e)
{
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (!again && hull_intact_known(s, HULL_STORE_UNPACKED, sha256[i]))
			continue;
		if (hull_rpm_stored(s, sha256[i], a, &out[(*out_n)++], e) < 0)
			return -1;
	}
	return 0;
}

static int settle_all(struct unpacked_check *c, size_t n, struct hull_err *e)
{
	int repaired = 0;

	for (size_t i = 0; i < n; i++) {
		if (!c->damage[i])
			hull_intact_note(c->store, HULL_STORE_UNPACKED, c->packages[i].sha256);
		else if (repair(c->store, &c->packages[i], e) < 0)
			return -1;
		else
			repaired++;
	}
	return repaired;
}

int hull_rpms_intact(const struct hull_store *s, const char *const *sha256, size_t n, bool again,
		     struct hull_err *e)
{
	struct unpacked_check c = {.store = s};
	struct hull_arena arena = {0};
	size_t todo = 0;
	int r;

	c.packages = hull_arena_array(&arena, n + 1, sizeof *c.packages);
	c.damage = hull_arena_array(&arena, n + 1, sizeof *c.damage);
	r = hull_rpms_unpacked(s, sha256, n, e);
	if (r == 0)
		r = list_packages(s, sha256, n, again, &arena, c.packages, &todo, e);
	if (r == 0)
		r = hull_workers_run(0, todo, compare_next, &c, e);
	if (r == 0)
		r = settle_all(&c, todo, e);
	for (size_t i = 0; i < todo; i++)
		free(c.damage[i]);
	hull_arena_fini(&arena);
	return r;
}
