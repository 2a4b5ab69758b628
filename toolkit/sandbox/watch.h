// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/plan.h"

/*
 * What the processes of a sandbox use. They are found in the sandbox's own /proc, which shows
 * exactly those of its pid namespace: no process can leave it, and no walk over parents and
 * children can miss one.
 */
struct hull_watch {
	int proc;   /* that /proc, or -1 */
	int *tmpfs; /* roots of its tmpfs */
	size_t ntmpfs, cap;
};

/* Once the root is complete; `first` is the first process. -1 with e set when it has ended
 * meanwhile, too. */
HULL_CHECKED int hull_watch_init(struct hull_watch *w, const struct hull_plan *p, pid_t first,
				 struct hull_err *e);
void hull_watch_fini(struct hull_watch *w);

struct hull_usage {
	uint64_t memory_bytes; /* private and shared memory of processes, and files in tmpfs */
	uint64_t tasks;	       /* processes and threads, the first process aside */
};

/*
 * `exact` false: memory that processes share since a fork counts for each of them, which makes the
 * sum an upper bound; true: it is divided among them, at the price of a walk over all page tables.
 */
void hull_watch_look(const struct hull_watch *w, bool exact, struct hull_usage *out);
