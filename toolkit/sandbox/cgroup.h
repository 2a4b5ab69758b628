// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/sandbox.h"

/*
 * Control groups of Linux, version 2 (Documentation/admin-guide/cgroup-v2.rst): the kernel itself counts
 * the memory and processes of a sandbox, and lets nothing pass a limit. Each sandbox has a group of its
 * own, without groups below. They are not to be had everywhere; watch.h looks at processes then.
 *
 * Whoever has made a group holds a lock (flock) on its directory. So the kernel knows when the owner is
 * gone, whatever ended it and in whichever pid namespace it was, and who comes next removes what it left.
 */

enum { HULL_CGROUP_NAME = 40 };

/* Where groups for sandboxes can be made. */
struct hull_cgroups {
	int fd;	      /* of that group's directory; -1: there is none */
	char *path;   /* its name, NULL if there is none */
	char *reason; /* NULL, or for people why there is none */
	int own;      /* hull's own group, which it has moved to; else -1 */
	char own_name[HULL_CGROUP_NAME];
};

#define HULL_CGROUPS_NONE ((struct hull_cgroups){.fd = -1, .own = -1})

/*
 * Finds that place from the group in which this process is, by /proc and the file systems below `root`
 * ("": the machine's). Groups that others manage stay as they are, so it is one of these:
 * - the hierarchy's root, if this is its owner;
 * - the group itself, if the caller owns it and this process is alone in it: it moves to a group of its
 *   own below, since a group with processes can limit none below;
 * - the parent of the group, if the caller owns it and groups in there are limited already.
 * What dead owners left there is removed. -1 only if it should work and does not: e names the file.
 */
HULL_CHECKED int hull_cgroups_find(const char *root, struct hull_cgroups *out, struct hull_err *e);
void hull_cgroups_fini(struct hull_cgroups *c); /* the process stays where it is */

/* For people: who counts what builds use, and where or why. */
void hull_cgroups_describe(const struct hull_cgroups *c, struct hull_buf *out);

/* The group of a sandbox. */
struct hull_cgroup {
	const struct hull_cgroups *in; /* borrowed */
	int fd;			       /* its directory, locked; -1: there is none */
	char name[HULL_CGROUP_NAME];
};

#define HULL_CGROUP_NONE ((struct hull_cgroup){.fd = -1})

/* An empty group without limits. */
HULL_CHECKED int hull_cgroup_init(struct hull_cgroup *g, const struct hull_cgroups *in,
				  struct hull_err *e);

/* Kills what is in there and removes it; what is in the way of that is left to whoever comes next. */
void hull_cgroup_fini(struct hull_cgroup *g);

/*
 * Memory (nothing is swapped, and who needs more is killed with all of the group) and processes, not
 * counting the first one of a sandbox. Where the kernel shares out processors and disks by groups, these
 * get what nobody else wants.
 */
HULL_CHECKED int hull_cgroup_limit(const struct hull_cgroup *g, const struct hull_limits *max,
				   struct hull_err *e);

/*
 * A child as of fork(), with these flags of clone(2), that is in the group from its start. Where that
 * cannot be done *out_procs is the group's list of processes, to which the child has to write itself
 * (hull_plan); else -1. -1 with errno set.
 */
pid_t hull_cgroup_clone(const struct hull_cgroup *g, unsigned long flags, int *out_procs);

struct hull_cgroup_usage {
	uint64_t
		memory_bytes; /* what the kernel cannot take back, as it can what it has read of files */
	bool over_memory, over_processes; /* a limit was met: more was asked for, and refused */
};

HULL_CHECKED int hull_cgroup_look(const struct hull_cgroup *g, const struct hull_limits *max,
				  struct hull_cgroup_usage *out, struct hull_err *e);
