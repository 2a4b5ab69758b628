// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/plan.h"

/*
 * What a sandbox has written to the disk: all that lies in its writable directories, and open files
 * there that have no name any more. To walk over them takes long, so a process of its own does that:
 * when their file systems have become fuller, all in all, by what is left to a limit, for no more than a
 * twentieth of a processor's time; else, since that does not see everything, two seconds after the last
 * time, for no more than a two hundredth.
 */
struct hull_footprint {
	struct hull_footprint_dir {
		int fd; /* O_PATH */
		dev_t dev;
		uint64_t used_bytes, used_inodes; /* of the file system at the last look */
	} * dirs;
	size_t n, cap;
	pid_t first;			  /* of the sandbox */
	uint64_t bytes, inodes;		  /* at the last count */
	uint64_t more_bytes, more_inodes; /* at most, since that began */
	pid_t counter;			  /* 0: none */
	int result;			  /* its pipe */
	int64_t next_ms, routine_ms;	  /* no other before, and one by then */
};

/* For hull_footprint_fini before anything was opened. */
#define HULL_FOOTPRINT_NONE ((struct hull_footprint){.result = -1})

/* `first` is the first process; its directories are those of the plan. */
HULL_CHECKED int hull_footprint_init(struct hull_footprint *f, const struct hull_plan *p,
				     pid_t first, struct hull_err *e);
void hull_footprint_fini(struct hull_footprint *f);

/*
 * Brings f->bytes and f->inodes up to date if they could be above these limits (0: none), some time
 * after the call: it does not wait. `proc` is the sandbox's /proc.
 */
HULL_CHECKED int hull_footprint_look(struct hull_footprint *f, int proc,
				     const struct hull_limits *max, int64_t now_ms,
				     struct hull_err *e);

/* Of files without a name on this device that processes of a /proc have open. */
uint64_t hull_footprint_nameless(int proc, dev_t dev);
