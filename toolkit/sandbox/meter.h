// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/cgroup.h"
#include "sandbox/footprint.h"
#include "sandbox/watch.h"

/*
 * What a sandbox uses, measured against its limits. Where the kernel has a control group for it, that counts
 * memory and processes (cgroup.h); else hull looks at them (watch.h). The disk is looked at (footprint.h).
 */
struct hull_meter {
	const struct hull_plan *plan; /* borrowed */
	struct hull_cgroup group;
	struct hull_watch watch;
	struct hull_footprint footprint;
	bool near; /* more than half of a limit is used: the next look should be soon */
	uint64_t peak_memory_bytes;
};

/* For hull_meter_fini before anything was opened. */
#define HULL_METER_NONE                                                                            \
	((struct hull_meter){.group = HULL_CGROUP_NONE,                                            \
			     .watch = HULL_WATCH_NONE,                                             \
			     .footprint = HULL_FOOTPRINT_NONE})

/* Before there is a first process, which hull_cgroup_clone puts into the group. */
HULL_CHECKED int hull_meter_init(struct hull_meter *m, const struct hull_plan *p,
				 struct hull_err *e);

/* Ends what is left in the group. */
void hull_meter_fini(struct hull_meter *m);

/*
 * Once the root is complete; `first` is the first process, and may have ended meanwhile. 1 if a limit was
 * passed, *out_end being the one.
 */
HULL_CHECKED int hull_meter_look(struct hull_meter *m, pid_t first, int64_t now_ms,
				 enum hull_sandbox_end *out_end, struct hull_err *e);

/* The same once the first process has ended, with what the kernel has counted until then. */
HULL_CHECKED int hull_meter_end(struct hull_meter *m, enum hull_sandbox_end *out_end,
				struct hull_err *e);
