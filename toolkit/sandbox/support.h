// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "sandbox/cgroup.h"

/*
 * Adds to e, which says what failed, why this machine forbids it and what to change. `root` is
 * where to look for /proc/sys and the marks of containers: "/" but for tests.
 */
void hull_sandbox_explain(const char *root, struct hull_err *e);

/* Whether the kernel is this release or a later one. */
bool hull_kernel_since(unsigned int major, unsigned int minor);

/*
 * Where this machine has control groups, for this process and its forks of the same user: only the first
 * call looks. So that forks which use it at once find the same, it is called before they are made. Not
 * for two threads at once. NULL with e set.
 */
HULL_CHECKED const struct hull_cgroups *hull_cgroups_here(struct hull_err *e);

/* A limited group of this machine; an empty *g where none is to be had. */
HULL_CHECKED int hull_cgroup_start(struct hull_cgroup *g, const struct hull_limits *max,
				   struct hull_err *e);
