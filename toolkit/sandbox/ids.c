// SPDX-License-Identifier: MIT
#include "sandbox/ids.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "sandbox/support.h"

static const uid_t FIRST_ID = 0x7a000000; /* and no process has a number above 0x400000 */

/* All ids there are, each as it is: that has the first user namespace only. */
bool hull_ids_are_root(void)
{
	hull_autobuf struct hull_buf text = {0};
	unsigned int inside, outside, n;

	return geteuid() == 0 && hull_file_read(AT_FDCWD, "/proc/self/uid_map", &text, NULL) == 0 &&
	       text.n && sscanf(text.p, "%u %u %u", &inside, &outside, &n) == 3 && inside == 0 &&
	       outside == 0 && n == UINT32_MAX;
}

/* Mounts get the map of the sandbox, which has 0 inside: so the files have to be those of group 0, too. */
bool hull_ids_can_differ(void)
{
	return hull_ids_are_root() && getegid() == 0 && hull_kernel_since(5, 19);
}

int hull_ids_open(struct hull_plan *p, size_t *out_step)
{
	for (*out_step = 0; *out_step < p->n; ++*out_step) {
		struct hull_step *st = &p->steps[*out_step];

		for (size_t i = 0; i < st->ntrees; i++) {
			st->trees[i].fd =
				open_tree(AT_FDCWD, st->trees[i].path,
					  AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
			if (st->trees[i].fd < 0)
				return -1;
		}
	}
	return 0;
}

void hull_ids_close(struct hull_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->steps[i].ntrees; k++) {
			hull_closep(&p->steps[i].trees[k].fd);
			p->steps[i].trees[k].fd = -1;
		}
}

/*
 * What is mounted below it may be of a kind that cannot map ids (/proc): then its files belong to somebody
 * unknown. What is mounted on it inside must not appear outside.
 */
static int map_tree(const struct hull_step *st, int tree, int ns, struct hull_err *e)
{
	struct mount_attr ids = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)ns};
	struct mount_attr rest = {.attr_set = st->attr, .propagation = MS_PRIVATE};
	struct mount_attr both = {.attr_set = st->attr | MOUNT_ATTR_IDMAP,
				  .propagation = MS_PRIVATE,
				  .userns_fd = (uint64_t)ns};

	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &both, sizeof both) == 0)
		return 0;
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &ids, sizeof ids) < 0 ||
	    mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &rest, sizeof rest) < 0)
		return hull_fail_errno(e, "sandbox: map the ids of files");
	return 0;
}

static int map_trees(const struct hull_plan *p, pid_t first, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/ns/user", (int)first);
	hull_autofd int ns = open(path, O_RDONLY | O_CLOEXEC);

	if (ns < 0)
		return hull_fail_errno(e, "sandbox: %s", path);
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->steps[i].ntrees; k++)
			if (map_tree(&p->steps[i], p->steps[i].trees[k].fd, ns, e) < 0)
				return -1;
	return 0;
}

/* --- maps of processes --- */

/* The caller's own map, each id as it is. */
static int add_own_map(const char *file, struct hull_buf *out, struct hull_err *e)
{
	hull_autofree char *own = hull_asprintf("/proc/self/%s", file);
	hull_autobuf struct hull_buf text = {0};
	char *rest, *line;

	if (hull_file_read(AT_FDCWD, own, &text, e) < 0)
		return -1;
	rest = text.p;
	while ((line = strsep(&rest, "\n"))) {
		unsigned int id, outside, n;

		if (sscanf(line, "%u %u %u", &id, &outside, &n) == 3)
			hull_buf_addf(out, "%u %u %u\n", id, id, n);
	}
	return 0;
}

static int write_map(const struct hull_plan *p, pid_t first, uid_t id, const char *file,
		     struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("/proc/%d/%s", (int)first, file);
	hull_autofd int fd = open(path, O_WRONLY | O_CLOEXEC);
	hull_autobuf struct hull_buf map = {0};

	if (fd < 0)
		return hull_fail_errno(e, "sandbox: %s", path);
	if (p->other_id)
		hull_buf_addf(&map, "0 %u 1", (unsigned int)id);
	else if (add_own_map(file, &map, e) < 0)
		return -1;
	if (write(fd, map.p, map.n) != (ssize_t)map.n)
		return hull_fail_errno(e, "sandbox: map ids");
	return 0;
}

int hull_ids_map(const struct hull_plan *p, pid_t first, uid_t *out_id, struct hull_err *e)
{
	*out_id = p->other_id ? FIRST_ID + (uid_t)first : 0;
	if (write_map(p, first, *out_id, "uid_map", e) < 0 ||
	    write_map(p, first, *out_id, "gid_map", e) < 0 ||
	    (p->other_id && map_trees(p, first, e) < 0))
		return -1;
	return hull_fd_write(p->ids[1], "", 1, e);
}
