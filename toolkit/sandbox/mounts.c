// SPDX-License-Identifier: MIT
#include "sandbox/mounts.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As apply.c: system calls only, -1 with errno set, and what is left open on a failure does not matter. */

static const uint64_t SEALED = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

static int enter_stage(const struct hull_step *st)
{
	(void)st;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m") < 0 ||
	    chdir("/tmp") < 0 || mkdir("old", 0755) < 0 || mkdir("new", 0755) < 0 ||
	    mkdir("mnt", 0755) < 0 || mkdir("void", 0555) < 0 ||
	    mknod("empty", S_IFREG | 0444, 0) < 0 || syscall(SYS_pivot_root, ".", "old") < 0)
		return -1;
	return chdir("/");
}

/* `path` in the root under construction; its symlinks cannot lead out of it. */
static int open_in_root(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	int root = open(HULL_NEW, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (root < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
	close(root);
	return fd;
}

static int make_entry(int dir, const char *name, bool is_dir)
{
	int r = is_dir ? mkdirat(dir, name, 0755) : mknodat(dir, name, S_IFREG | 0644, 0);

	return r < 0 && errno == EEXIST ? 0 : r;
}

/* The directory or file to mount on, made with its parents where the file system allows that. */
static int open_target(char *target, bool is_dir)
{
	int dir = open_in_root("/"), r;
	char *at = target, *slash;

	while (dir >= 0 && *at) {
		while (*at == '/')
			at++;
		slash = strchr(at, '/');
		if (slash)
			*slash = '\0';
		r = *at ? make_entry(dir, at, slash || is_dir) : 0;
		close(dir);
		dir = r < 0 ? -1 : open_in_root(target);
		if (!slash)
			break;
		*slash = '/';
		at = slash;
	}
	return dir;
}

/* Puts a mount, attached at /mnt or not at all, at its target. */
static int place(int tree, char *target, bool is_dir)
{
	int at = open_target(target, is_dir);

	if (at < 0)
		return -1;
	if (move_mount(tree, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	close(at);
	return close(tree);
}

static int set_attr(int tree, uint64_t attr, unsigned int flags)
{
	struct mount_attr ma = {.attr_set = attr};

	if (!attr)
		return 0;
	return mount_setattr(tree, "", AT_EMPTY_PATH | flags, &ma, sizeof ma);
}

static int mount_filesystem(const struct hull_step *st)
{
	int tree;

	if (mount(st->source, "/mnt", st->source, 0, st->data) < 0)
		return -1;
	tree = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0 || set_attr(tree, st->attr, 0) < 0)
		return -1;
	return place(tree, st->target, true);
}

static int clone_tree(const struct hull_step *st, int source)
{
	int tree = open_tree(source, "",
			     AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0 || set_attr(tree, st->attr, AT_RECURSIVE) < 0)
		return -1;
	return close(source) < 0 ? -1 : tree;
}

static int mount_tree(const struct hull_step *st)
{
	static const struct hull_step empty = {.source = "tmpfs", .data = "mode=755,size=4k"};
	bool inside = *st->source == '@';
	struct stat stat;
	int tree;

	if (st->ntrees)
		tree = st->trees->fd;
	else
		tree = inside ? open_in_root(st->source + 1) : open(st->source, O_PATH | O_CLOEXEC);
	if (tree < 0 && errno == ENOENT && inside) {
		struct hull_step none = empty;

		none.target = st->target;
		none.attr = st->attr;
		return mount_filesystem(&none);
	}
	if (tree < 0 || fstat(tree, &stat) < 0)
		return -1;
	if (!st->ntrees)
		tree = clone_tree(st, tree);
	return tree < 0 ? -1 : place(tree, st->target, S_ISDIR(stat.st_mode));
}

/* The directories that layers are in, as t0, t1, ... */
static int attach_trees(const struct hull_step *st)
{
	for (size_t i = 0; i < st->ntrees; i++) {
		char name[24];

		snprintf(name, sizeof name, "t%zu", i);
		if (mkdir(name, 0755) < 0 ||
		    move_mount(st->trees[i].fd, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
		    close(st->trees[i].fd) < 0)
			return -1;
	}
	return 0;
}

/* The overlay has mounts of its own. */
static int detach_trees(const struct hull_step *st)
{
	for (size_t i = 0; i < st->ntrees; i++) {
		char name[24];

		snprintf(name, sizeof name, "t%zu", i);
		if (umount2(name, MNT_DETACH) < 0)
			return -1;
	}
	return 0;
}

static int link_layers(const struct hull_step *st)
{
	if (mkdir("e", 0755) < 0 || mkdir("f", 0755) < 0 || attach_trees(st) < 0)
		return -1;
	for (size_t i = 0; i < st->nlayers; i++) {
		char name[24], below[NAME_MAX + 24];
		const char *target = st->layers[i];

		snprintf(name, sizeof name, "%zu", i);
		if (st->ntrees) {
			snprintf(below, sizeof below, "t%zu%s", st->tree_of[i],
				 strrchr(target, '/'));
			target = below;
		}
		if (symlink(target, name) < 0)
			return -1;
	}
	return 0;
}

static int mount_union(const struct hull_step *st)
{
	int tree;

	if (mkdir(st->source, 0755) < 0 || chdir(st->source) < 0 || link_layers(st) < 0 ||
	    mount("overlay", "/mnt", "overlay", MS_RDONLY, st->data) < 0 || detach_trees(st) < 0 ||
	    chdir("/") < 0)
		return -1;
	tree = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0 || set_attr(tree, st->attr, 0) < 0)
		return -1;
	return place(tree, st->target, true);
}

static int make_link(const struct hull_step *st)
{
	char *slash = strrchr(st->target, '/');
	int dir, r;

	*slash = '\0';
	dir = open_in_root(st->target);
	*slash = '/';
	if (dir < 0)
		return -1;
	r = symlinkat(st->source, dir, slash + 1);
	close(dir);
	return r;
}

/* A file of the stage, which is gone with it but for the mount. */
static int place_text(const struct hull_step *st)
{
	int fd = open(st->source, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), tree;
	size_t n = strlen(st->data);

	if (fd < 0 || write(fd, st->data, n) != (ssize_t)n || close(fd) < 0)
		return -1;
	tree = open_tree(AT_FDCWD, st->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || set_attr(tree, SEALED | MOUNT_ATTR_NOEXEC, 0) < 0)
		return -1;
	return place(tree, st->target, false);
}

/* Something empty in place of an entry; a link leads to another one. */
static int cover(int dir, const char *name)
{
	struct stat st;
	int tree;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return 0;
	tree = open_tree(AT_FDCWD, S_ISDIR(st.st_mode) ? "/void" : "/empty",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0 || set_attr(tree, SEALED, 0) < 0 ||
	    move_mount(tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	return close(tree);
}

/* Processes have numbers for names. */
static bool is_shown(const char *name, const char *words)
{
	const char *at = words;
	size_t n = strlen(name);

	if (*name == '.' || (*name >= '0' && *name <= '9'))
		return true;
	while ((at = strstr(at, name))) {
		if (at > words && at[-1] == ' ' && at[n] == ' ')
			return true;
		at += n;
	}
	return false;
}

static int hide(const struct hull_step *st)
{
	_Alignas(struct dirent64) char entries[4096];
	int path = open_in_root(st->target), dir;
	ssize_t n;

	dir = path < 0 ? -1 : openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	while ((n = getdents64(dir, entries, sizeof entries)) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *de = (const void *)(entries + at);

			if (!is_shown(de->d_name, st->data) && cover(dir, de->d_name) < 0)
				return -1;
			at += de->d_reclen;
		}
	close(path);
	return n < 0 ? -1 : close(dir);
}

static int make_readonly(const struct hull_step *st)
{
	int fd = open_in_root(st->target);

	if (fd < 0 || set_attr(fd, MOUNT_ATTR_RDONLY, 0) < 0)
		return -1;
	return close(fd);
}

/* The caller's root goes away with the stage. */
static int enter_root(const struct hull_step *st)
{
	(void)st;
	if (chdir(HULL_NEW) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0)
		return -1;
	return chdir("/");
}

/*
 * The root is a copy of /new that is mounted nowhere: lists of mounts are those of the namespace, without
 * what the reader's root does not lead to. It is there as long as this process has it open.
 */
static int enter_apart(const struct hull_step *st)
{
	int tree =
		open_tree(AT_FDCWD, HULL_NEW, AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	(void)st;
	if (tree < 0 || umount2(HULL_OLD, MNT_DETACH) < 0 || umount2(HULL_NEW, MNT_DETACH) < 0)
		return -1;
	return fchdir(tree) < 0 ? -1 : chroot(".");
}

int hull_mounts_apply(const struct hull_step *st)
{
	static int (*const functions[])(const struct hull_step *st) = {
		[HULL_STEP_STAGE] = enter_stage,
		[HULL_STEP_BIND] = mount_tree,
		[HULL_STEP_FILESYSTEM] = mount_filesystem,
		[HULL_STEP_UNION] = mount_union,
		[HULL_STEP_SYMLINK] = make_link,
		[HULL_STEP_TEXT] = place_text,
		[HULL_STEP_HIDE] = hide,
		[HULL_STEP_READONLY] = make_readonly,
		[HULL_STEP_ENTER] = enter_root,
		[HULL_STEP_ENTER_APART] = enter_apart,
	};

	return functions[st->kind](st);
}
