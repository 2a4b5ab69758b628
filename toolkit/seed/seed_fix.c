// SPDX-License-Identifier: MIT
#include "seed/seed_fix.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "sandbox/runner.h"

/* All times in a seed: older than any file that is built from. */
enum { SEED_TIME = 1577836800 }; /* 2020-01-01 */

static int clean(int root, struct hull_err *e)
{
	static const char *const gone[] = {
		"etc/apt",   "etc/fstab", "etc/hostname", "etc/resolv.conf",
		"var/cache", "var/log",	  "var/lib/apt",  "dev",
		"run",	     "tmp",
	};
	static const char *const made[] = {
		"dev", "hull", "proc", "run", "sys", "tmp", "var/cache", "var/log",
	};

	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		if (hull_remove_tree(root, gone[i], e) < 0)
			return -1;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		if (hull_mkdirs(root, made[i], 0755, e) < 0)
			return -1;
	return 0;
}

/* Makes the directory of a path below root. */
static int make_parent(int root, const char *path, struct hull_err *e)
{
	hull_autofree char *dir = hull_strdup(path);
	char *slash = strrchr(dir, '/');

	if (!slash)
		return 0;
	*slash = '\0';
	return hull_mkdirs(root, dir, 0755, e);
}

static int add_links(int root, const struct hull_seed_table *t, struct hull_err *e)
{
	for (size_t i = 0; i < t->nlinks; i++) {
		const struct hull_seed_link *l = &t->links[i];
		const char *path = l->path + 1; /* relative to root */
		hull_autofree char *dir = hull_strndup(path, (size_t)(hull_basename(path) - path));
		hull_autofree char *target = *l->target == '/'
						     ? hull_strdup(l->target + 1)
						     : hull_asprintf("%s%s", dir, l->target);

		if (!hull_exists(root, target))
			continue;
		if (hull_exists(root, path))
			return hull_fail(e, HULL_FAILED, "%s/alternatives:%d: %s is there already",
					 t->dir, l->line, l->path);
		if (symlinkat(l->target, root, path) < 0)
			return hull_fail_errno(e, "link %s", l->path);
	}
	return 0;
}

static int add_files(int root, const struct hull_seed_table *t, struct hull_err *e)
{
	for (size_t i = 0; i < t->files.n; i++) {
		const char *path = t->files.v[i];
		hull_autofree char *from = hull_asprintf("%s/files/%s", t->dir, path);

		if (make_parent(root, path, e) < 0 || hull_remove_tree(root, path, e) < 0 ||
		    hull_file_copy(AT_FDCWD, from, root, path, e) < 0)
			return -1;
		if (fchmodat(root, path, 0644, 0) < 0)
			return hull_fail_errno(e, "%s", path);
	}
	return 0;
}

/*
 * A fifth of the time of everything in Python. The code does not depend on file times
 * (unchecked-hash), nor on chance (one process, a fixed hash seed).
 */
static int compile_python(int root_fd, const char *root, struct hull_err *e)
{
	/* what it imports itself would be written with the time of the source */
	static const char *const envp[] = {"PATH=/usr/bin", "LC_ALL=C.UTF-8", "PYTHONHASHSEED=0",
					   "PYTHONDONTWRITEBYTECODE=1", NULL};
	static const char *const start[] = {"/usr/bin/python3",	   "-m",
					    "compileall",	   "-qq",
					    "--invalidation-mode", "unchecked-hash"};
	hull_autofree char *lib = hull_asprintf("%s/usr/lib", root);
	hull_autofd int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
	hull_autostrv struct hull_strv argv = {0}, names = {0};
	struct hull_mount mount = {.kind = HULL_MOUNT_RW, .target = "/usr/lib", .source = lib};
	struct hull_sandbox s = {
		.root = root,
		.mounts = &mount,
		.nmounts = 1,
		.envp = (char *const *)envp,
		.hostname = "build",
		.out = quiet,
		.err = quiet,
	};
	struct hull_sandbox_result r;

	if (!hull_exists(root_fd, "usr/bin/python3"))
		return 0;
	for (size_t i = 0; i < sizeof start / sizeof *start; i++)
		hull_strv_add(&argv, start[i]);
	if (hull_dir_list(root_fd, "usr/lib", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (hull_starts(names.v[i], "python3"))
			hull_strv_addf(&argv, "/usr/lib/%s", names.v[i]);
	s.argv = argv.v;
	if (hull_sandbox_run(&s, &r, e) < 0)
		return -1;
	if (r.end == HULL_END_STOPPED)
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	/* A module that cannot be compiled cannot be used either: that is nobody's loss here. */
	return 0;
}

static int level_dir(int dir, struct hull_err *e);

/* Mode and time of one entry; directories after what is in them, which would change their time. */
static int level(int dir, const char *name, struct hull_err *e)
{
	static const struct timespec times[2] = {{.tv_sec = SEED_TIME}, {.tv_sec = SEED_TIME}};
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "%s", name);
	if (S_ISDIR(st.st_mode)) {
		hull_autofd int sub = -1;

		if (fchmodat(dir, name, (st.st_mode & 0777) | 0700, 0) < 0)
			return hull_fail_errno(e, "chmod %s", name);
		sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			return hull_fail_errno(e, "%s", name);
		if (level_dir(sub, e) < 0)
			return hull_wrap(e, "%s/", name);
	} else if (S_ISREG(st.st_mode)) {
		mode_t mode = (st.st_mode & 0777) | 0400;

		if (mode != (st.st_mode & 07777) && fchmodat(dir, name, mode, 0) < 0)
			return hull_fail_errno(e, "chmod %s", name);
	} else if (!S_ISLNK(st.st_mode)) {
		return hull_fail(e, HULL_FAILED, "%s: neither file nor directory nor link", name);
	}
	if (utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return hull_fail_errno(e, "time of %s", name);
	return 0;
}

static int level_dir(int dir, struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(dir, ".", &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (level(dir, names.v[i], e) < 0)
			return -1;
	return 0;
}

int hull_seed_fix(const char *root, const struct hull_seed_table *t, struct hull_err *e)
{
	hull_autofd int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return hull_fail_errno(e, "%s", root);
	if (clean(fd, e) < 0 || add_links(fd, t, e) < 0 || add_files(fd, t, e) < 0 ||
	    compile_python(fd, root, e) < 0)
		return -1;
	return level(fd, ".", e);
}
