// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "rpm/front.h"
#include "rpm/rpmfile.h"
#include "store/sealed.h"

enum {
	HEADER_FORMAT = 4
}; /* of headers/<sha256>.json: another number is read again from the RPM */

/* Digests come from lock files and records too, and become names of files. */
static int check_sha256(const char *sha256, struct hull_err *e)
{
	if (hull_is_sha256(sha256))
		return 0;
	return hull_fail(e, HULL_FAILED, "'%s' is no SHA-256", sha256);
}

static int write_header(const struct hull_store *s, const struct hull_package *p,
			struct hull_err *e)
{
	hull_autojson json_t *j = hull_package_to_json(p);

	json_object_set_new(j, "format", json_integer(HEADER_FORMAT));
	return hull_sealed_write(s, HULL_STORE_HEADER, p->sha256, j, e);
}

/* By its descriptor: its name may lead to something else. */
static int link_in(const struct hull_store *s, int fd, const char *to)
{
	char name[32];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, name, s->fd, to, AT_SYMLINK_FOLLOW);
}

/* As all objects are; a set-id bit that it may have is nothing for the store. */
static int set_attributes(int fd, const char *what, int64_t time, struct hull_err *e)
{
	struct timespec times[2] = {{.tv_sec = time}, {.tv_sec = time}};
	struct stat st;

	if (fstat(fd, &st) < 0 ||
	    (st.st_uid != geteuid() && fchown(fd, geteuid(), getegid()) < 0) ||
	    fchmod(fd, 0644) < 0 || futimens(fd, times) < 0 || fsync(fd) < 0)
		return hull_fail_errno(e, "%s", what);
	return 0;
}

static int copy_in(const struct hull_store *s, int fd, const char *what, const char *to,
		   int64_t time, struct hull_err *e)
{
	hull_autofd int copy =
		openat(s->fd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (copy < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, to);
	if (hull_fd_copy(fd, copy, e) < 0)
		return hull_wrap(e, "%s: ", what);
	return set_attributes(copy, what, time, e);
}

static int take_in(const struct hull_store *s, int fd, const char *what, const char *to,
		   int64_t time, struct hull_err *e)
{
	if (link_in(s, fd, to) == 0)
		return set_attributes(fd, what, time, e);
	/* another file system, no links, too many of them, or none to files of another owner */
	return copy_in(s, fd, what, to, time, e);
}

int hull_rpm_store_fd(const struct hull_store *s, int fd, const char *what, struct hull_package *p,
		      struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(s, e), *to = NULL;
	int r;

	if (!tmp)
		return -1;
	to = hull_asprintf("%s/rpm", tmp);
	/* Its time is that of the build, so that an index of it depends on its bytes alone. */
	p->file_time = p->build_time;
	r = take_in(s, fd, what, to, p->build_time, e);
	if (r == 0)
		r = hull_store_add(s, to, HULL_STORE_RPM, p->sha256, e);
	unlinkat(s->fd, to, 0);
	unlinkat(s->fd, tmp, AT_REMOVEDIR);
	return r < 0 ? -1 : write_header(s, p, e);
}

int hull_rpm_store(const struct hull_store *s, int dirfd, const char *path, struct hull_arena *a,
		   struct hull_package *out, struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);

	if (fd < 0 || hull_rpm_read_fd(fd, path, a, out, e) < 0 ||
	    hull_rpm_store_fd(s, fd, path, out, e) < 0)
		return -1;
	if (unlinkat(dirfd, path, 0) < 0)
		return hull_fail_errno(e, "remove %s", path);
	return 0;
}

/* The kept description: 1, or 0 (e is scratch then) if it is missing or of no use. */
static int read_header(const struct hull_store *s, const char *sha256, struct hull_arena *a,
		       struct hull_package *out, struct hull_err *e)
{
	hull_autojson json_t *j = NULL;
	int r = hull_sealed_take(s, HULL_STORE_HEADER, sha256, &j, e);

	if (r <= 0 || json_integer_value(json_object_get(j, "format")) != HEADER_FORMAT)
		return r < 0 ? -1 : 0;
	if (hull_package_from_json(j, "header", a, out, e) < 0)
		return 0;
	return out->sha256 && !strcmp(out->sha256, sha256);
}

int hull_rpm_stored(const struct hull_store *s, const char *sha256, struct hull_arena *a,
		    struct hull_package *out, struct hull_err *e)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, sha256);
	int known;

	if (check_sha256(sha256, e) < 0)
		return -1;
	known = read_header(s, sha256, a, out, e);
	if (known)
		return known < 0 ? -1 : 0;
	if (hull_rpm_read(s->fd, rpm.path, a, out, e) < 0)
		return hull_wrap(e, "store: ");
	if (strcmp(out->sha256, sha256) != 0)
		return hull_fail(e, HULL_FAILED, "store: %s: has SHA-256 %s", rpm.path,
				 out->sha256);
	hull_ignore(write_header(s, out, NULL)); /* else it is read again the next time */
	return 0;
}
