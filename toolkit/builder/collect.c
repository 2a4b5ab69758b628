// SPDX-License-Identifier: MIT
#include "builder/collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/children.h"
#include "base/file.h"
#include "base/mem.h"
#include "rpm/rpmfile.h"
#include "scriptlet/emptied.h"
#include "text/printable.h"

static const uint64_t max_file_bytes = 8ull << 30;
static const uint64_t max_address_bytes = 8ull << 30; /* of the process that looks at them */

/* The files of a build, once they are known to be packages. */
struct results {
	const struct hull_collect *what;
	struct hull_arena arena;
	int dir;
	size_t n, most;
	struct result {
		const char *file; /* as it can be shown */
		int fd;
		struct hull_package package;
	} * v;
};

static bool declared(const json_t *job, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(job, "packages"), i, item) {
		if (!strcmp(json_string_value(item), name))
			return true;
	}
	return false;
}

/* "/usr/lib/libz.so.1.3.1" is a library that others link to; "/usr/lib/security/pam_unix.so" is
 * not. */
static bool is_shared_library(const struct hull_file *f)
{
	static const char dir[] = "/usr/lib/lib";
	const char *so;

	if (!S_ISREG(f->mode) || !hull_starts(f->path, dir) ||
	    strchr(f->path + sizeof dir - 1, '/') || hull_starts(f->path, "/usr/lib/lib/"))
		return false;
	so = strstr(f->path, ".so.");
	return so != NULL;
}

/* The generators of rpm leave sonames out silently when something is wrong with their set-up. */
static int check_sonames(const struct hull_package *p, struct hull_err *e)
{
	const struct hull_deps *provides = &p->deps[HULL_PROVIDES];

	for (size_t i = 0; i < p->nfiles; i++) {
		bool found = false;

		if (!is_shared_library(&p->files[i]))
			continue;
		for (size_t j = 0; j < provides->n && !found; j++)
			found = strstr(provides->v[j].name, ".so") != NULL;
		if (!found)
			return hull_fail(
				e, HULL_FAILED,
				"package %s ships %s but provides no soname: rpm's dependency "
				"generators did not run",
				p->name, p->files[i].path);
	}
	return 0;
}

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct result *)x)->package.name,
		      ((const struct result *)y)->package.name);
}

/* Ordered by name. */
static int check_complete(struct results *r, struct hull_err *e)
{
	const json_t *job = r->what->job, *item;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct hull_package *p = &r->v[i].package;

		if (!declared(job, p->name))
			return hull_fail(
				e, HULL_FAILED,
				"the build made a package %s that the spec does not declare",
				hull_printable(p->name, &r->arena));
		if (i && !strcmp(p->name, r->v[i - 1].package.name))
			return hull_fail(e, HULL_FAILED, "the build made the package %s twice",
					 p->name);
		if (check_sonames(p, e) < 0)
			return -1;
	}
	if (!r->n)
		return hull_fail(e, HULL_FAILED, "the build made no package: there is no %%files");
	json_array_foreach (json_object_get(job, "packages"), i, item) {
		const char *name = json_string_value(item);
		size_t k = 0;

		while (k < r->n && strcmp(r->v[k].package.name, name) != 0)
			k++;
		if (k == r->n)
			return hull_fail(
				e, HULL_FAILED,
				"the build did not make the package %s that the spec declares",
				name);
	}
	return 0;
}

/* --- files --- */

static int open_beneath(int dir, const char *path, uint64_t flags)
{
	struct open_how how = {.flags = flags | O_NOFOLLOW | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV |
					  RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static int open_results(struct results *r, struct hull_err *e)
{
	const struct hull_store *s = r->what->store;
	hull_autofd int job =
		openat(s->fd, r->what->job_dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (job < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, r->what->job_dir);
	r->dir = open_beneath(job, "build/RPMS", O_RDONLY | O_DIRECTORY);
	if (r->dir < 0)
		return hull_fail(e, HULL_FAILED, "the build has replaced its directory RPMS");
	return 0;
}

/* The first names, one more than there may be. */
static int list_results(struct results *r, struct hull_strv *out, struct hull_err *e)
{
	const struct dirent *de;
	DIR *d = fdopendir(hull_steal_fd(&r->dir));

	if (!d)
		return hull_fail_errno(e, "RPMS");
	r->dir = dirfd(d);
	while (out->n <= r->most && (de = readdir(d)))
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			hull_strv_add(out, de->d_name);
	r->dir = fcntl(r->dir, F_DUPFD_CLOEXEC, 0);
	closedir(d);
	if (r->dir < 0)
		return hull_fail_errno(e, "RPMS");
	hull_strv_sort(out);
	return 0;
}

/* What is wrong with a file, NULL if nothing is. It has no side effect on a device or a FIFO. */
static const char *fault_of(int fd, struct stat *st)
{
	if (fstat(fd, st) < 0)
		return strerror(errno);
	if (!S_ISREG(st->st_mode))
		return "which is no plain file";
	if (st->st_nlink != 1)
		return "which has another name, too";
	if (st->st_uid != geteuid())
		return "which belongs to somebody else";
	if ((uint64_t)st->st_size > max_file_bytes)
		return "which is larger than 8 GiB";
	return NULL;
}

int hull_collect_open(const struct hull_store *s, const char *job_dir, const char *path,
		      struct hull_err *e)
{
	hull_autofd int job = openat(s->fd, job_dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	hull_autofd int fd = -1;
	struct stat st;
	const char *fault;

	if (job < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, job_dir);
	fd = open_beneath(job, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	fault = fd < 0 ? strerror(errno) : fault_of(fd, &st);
	if (fault)
		return hull_fail(e, HULL_FAILED, "the build has made %s, %s", path, fault);
	return hull_steal_fd(&fd);
}

static int open_result(struct results *r, const char *name, struct result *out, struct hull_err *e)
{
	hull_autofd int path = open_beneath(r->dir, name, O_PATH);
	struct stat before = {0}, st = {0};
	const char *fault;

	out->file = hull_arena_printf(&r->arena, "RPMS/%s", hull_printable(name, &r->arena));
	fault = path < 0 ? strerror(errno) : fault_of(path, &before);
	if (!fault) {
		out->fd = open_beneath(r->dir, name, O_RDONLY | O_NOCTTY | O_NONBLOCK);
		fault = out->fd < 0 ? strerror(errno) : fault_of(out->fd, &st);
	}
	if (!fault && (st.st_dev != before.st_dev || st.st_ino != before.st_ino))
		fault = "which changes";
	if (!fault && st.st_size && lseek(out->fd, 0, SEEK_HOLE) < st.st_size)
		fault = "which has holes";
	return fault ? hull_fail(e, HULL_FAILED, "the build has made %s, %s", out->file, fault) : 0;
}

/* The file that a package is in, see %_rpmfilename. */
static bool is_named(const struct hull_package *p, const char *name)
{
	hull_autofree char *want =
		hull_asprintf("%s-%s-%s.%s.rpm", p->name, p->version, p->release, p->arch);

	return !strcmp(name, want);
}

/* A package with empty scriptlets gives way to one without. */
static int take_out_empty(struct results *r, const char *name, struct result *one,
			  struct hull_err *e)
{
	static const char temporary[] = ".emptied";
	hull_autofd int out =
		openat(r->dir, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	int emptied;

	if (out < 0)
		return hull_fail_errno(e, "RPMS/%s", temporary);
	emptied = hull_rpm_emptied(one->fd, one->file, out, e);
	if (emptied > 0 && renameat(r->dir, temporary, r->dir, name) < 0)
		emptied = hull_fail_errno(e, "%s", one->file);
	if (emptied <= 0) {
		unlinkat(r->dir, temporary, 0);
		return emptied;
	}
	close(one->fd);
	one->fd = hull_steal_fd(&out);
	return 0;
}

static int read_results(struct results *r, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (open_results(r, e) < 0 || list_results(r, &names, e) < 0)
		return -1;
	if (names.n > r->most)
		return hull_fail(e, HULL_FAILED,
				 "the build has made more files in RPMS than the %zu packages that "
				 "the spec declares, %s for one",
				 r->most, hull_printable(names.v[names.n - 1], &r->arena));
	r->v = hull_arena_array(&r->arena, names.n + 1, sizeof *r->v);
	for (size_t i = 0; i < names.n; i++)
		if (open_result(r, names.v[i], &r->v[i], e) < 0)
			return -1;
	for (; r->n < names.n; r->n++) {
		struct result *one = &r->v[r->n];

		if (take_out_empty(r, names.v[r->n], one, e) < 0 ||
		    hull_rpm_read_fd(one->fd, one->file, &r->arena, &one->package, e) < 0)
			return -1;
		if (!is_named(&one->package, names.v[r->n]))
			return hull_fail(
				e, HULL_FAILED,
				"the build has made %s, which has the name of another package",
				one->file);
	}
	qsort(r->v, r->n, sizeof *r->v, by_name);
	return check_complete(r, e);
}

static int store_results(struct results *r, struct hull_built_packages *out, struct hull_err *e)
{
	const char **digests;

	out->v = hull_arena_array(&r->arena, r->n, sizeof *out->v);
	for (out->n = 0; out->n < r->n; out->n++) {
		struct hull_package *p = &r->v[out->n].package;

		if (hull_rpm_store_fd(r->what->store, r->v[out->n].fd, r->v[out->n].file, p, e) < 0)
			return -1;
		out->v[out->n] =
			(struct hull_built_package){.name = p->name,
						    .nevra = hull_package_nevra(p, &r->arena),
						    .sha256 = p->sha256,
						    .content = p->content};
	}
	digests = hull_arena_array(&r->arena, r->n + 1, sizeof *digests);
	for (size_t i = 0; i < out->n; i++)
		digests[i] = out->v[i].sha256;
	return hull_rpms_unpacked(r->what->store, digests, out->n, e);
}

/* --- in a process of its own --- */

struct collecting {
	const struct hull_collect *what;
	struct hull_arena *arena;	 /* of the caller */
	struct hull_built_packages *out; /* NULL: check only */
};

/* Its end gives back what it holds. */
static int work(size_t i, int out, void *ctx, struct hull_err *e)
{
	const struct collecting *c = ctx;
	struct results r = {.what = c->what,
			    .dir = -1,
			    .most = json_array_size(json_object_get(c->what->job, "packages"))};
	struct hull_built_packages built = {0};
	hull_autojson json_t *j = NULL;
	hull_autofree char *text = NULL;

	(void)i;
	if (read_results(&r, e) < 0 || (c->out && store_results(&r, &built, e) < 0))
		return -1;
	j = hull_built_packages_json(&built);
	text = json_dumps(j, JSON_COMPACT);
	hull_assert(text);
	return hull_fd_write(out, text, strlen(text), e);
}

static int finish(size_t i, const struct hull_buf *out, int status, void *ctx, struct hull_err *e)
{
	struct collecting *c = ctx;
	hull_autojson json_t *j = NULL;
	struct hull_built_packages list;

	(void)i;
	if (status < 0)
		return hull_fail(
			e, HULL_FAILED,
			"the build did not end within %llu s (--timeout): its packages were "
			"not taken by then",
			(unsigned long long)c->what->timeout_seconds);
	if (status > 128)
		return hull_fail(e, HULL_FAILED,
				 "the process that takes its packages was killed by signal %d",
				 status - 128);
	if (status)
		return -1;
	if (!c->out)
		return 0;
	j = json_loadb(out->p ? out->p : "", out->n, 0, NULL);
	if (!json_is_array(j))
		return hull_fail(e, HULL_FAILED, "the process that takes its packages has failed");
	list = hull_built_packages_parse(j, c->arena);
	for (size_t k = 0; k < list.n; k++) {
		struct hull_built_package *p = &list.v[k];

		p->name = hull_arena_strdup(c->arena, p->name);
		p->nevra = hull_arena_strdup(c->arena, p->nevra);
		p->sha256 = hull_arena_strdup(c->arena, p->sha256);
		p->content = hull_arena_strdup(c->arena, p->content);
	}
	*c->out = list;
	return 0;
}

static int collect(struct collecting *c, struct hull_err *e)
{
	struct hull_children children = {.processes = 1,
					 .address_bytes = max_address_bytes,
					 .job = work,
					 .done = finish,
					 .ctx = c};

	if (c->what->timeout_seconds) {
		if (c->what->left_ms <= 0)
			return finish(0, NULL, -1, c, e);
		children.seconds = c->what->left_ms / 1000 < INT_MAX
					   ? (int)((c->what->left_ms + 999) / 1000)
					   : INT_MAX;
	}
	return hull_children_run(&children, 1, e);
}

int hull_collect(const struct hull_collect *what, struct hull_arena *a,
		 struct hull_built_packages *out, struct hull_err *e)
{
	struct collecting c = {.what = what, .arena = a, .out = out};

	*out = (struct hull_built_packages){0};
	return collect(&c, e);
}

int hull_collect_check(const struct hull_collect *what, struct hull_err *e)
{
	struct collecting c = {.what = what};

	return collect(&c, e);
}
