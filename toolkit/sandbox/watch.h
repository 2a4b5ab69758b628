// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/plan.h"

/*
 * What the processes of a sandbox use. They are found in the sandbox's own /proc, which shows
 * exactly those of its pid namespace: no process can leave it, and no walk over parents and
 * children can miss one.
 */
struct hull_watch {
	int proc;    /* that /proc, or -1 */
	int sysv;    /* its list of System V shared memory; -1: a kernel without */
	int sockets; /* what its network namespace says of sockets */
	int *tmpfs;  /* roots of its tmpfs */
	size_t ntmpfs, cap;
	dev_t shared; /* where the kernel has memory that is shared, memfd and the like */
};

/* For hull_watch_fini before anything was opened. */
#define HULL_WATCH_NONE ((struct hull_watch){.proc = -1, .sysv = -1, .sockets = -1})

/* Once the root is complete; `first` is the first process. -1 with e set when it has ended
 * meanwhile, too. */
HULL_CHECKED int hull_watch_init(struct hull_watch *w, const struct hull_plan *p, pid_t first,
				 struct hull_err *e);
void hull_watch_fini(struct hull_watch *w);

struct hull_usage {
	/*
	 * Private and shared memory of processes, also swapped out, and their page tables; files in
	 * tmpfs; System V shared memory; what sockets and pipes may hold, at most.
	 */
	uint64_t memory_bytes;
	uint64_t tasks; /* processes and threads, the first process aside */
};

/* In tmpfs. */
uint64_t hull_watch_inodes(const struct hull_watch *w);

/*
 * As exactly as it takes to compare it with these limits (0: none). Memory that processes share
 * since a fork counts for each of them at first, which makes the sum an upper bound; only if that is
 * above the limit it is divided among them, at the price of a walk over all page tables. Likewise
 * open files in memory that no process maps are looked for only if all the machine's shared memory
 * is above what the limit leaves. Who is above the limit of tasks is not looked at further.
 */
void hull_watch_look(const struct hull_watch *w, const struct hull_limits *max,
		     struct hull_usage *out);
