// SPDX-License-Identifier: MIT
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/*
 * The room seccomp/: which system calls a command of a sandbox may make: programs for seccomp(2), made
 * by libseccomp.
 *
 * What is allowed is a list. A call that is not on it does not exist (ENOSYS, at which programs fall
 * back on an older one), whatever kernel runs: of Linux 5.12 all that builds use, and nothing newer.
 * So a kernel's new calls are neither a way out nor a difference between machines. Calls that take
 * privileges or that builds have no use for answer EPERM. The calls of other architectures, also of
 * 32 bits and x32, do not exist. Of those that are allowed, some may not have all arguments.
 */

struct hull_filter {
	struct sock_filter *code; /* in the arena */
	size_t n;
};

/* A call has to pass all: the kernel takes the strictest answer. */
enum {
	HULL_FILTER_CALLS,     /* which */
	HULL_FILTER_ARGUMENTS, /* sockets, their buffers, namespaces, terminals */
	HULL_FILTERS
};

enum { HULL_FILTER_NATIVE = 0 };

/* For an architecture, an AUDIT_ARCH_* of <linux/audit.h>, or for this machine's. */
HULL_CHECKED int hull_filters_make(uint32_t arch, struct hull_arena *a,
				   struct hull_filter out[HULL_FILTERS], struct hull_err *e);

/* Puts this process and what it starts under a filter, for good; -1 with errno. Allocates nothing. */
int hull_filter_apply(const struct hull_filter *f);
