// SPDX-License-Identifier: MIT
#pragma once

#include <sched.h>

#include "base/mem.h"
#include "seccomp/filter.h"
#include "sandbox/sandbox.h"

/*
 * A sandbox as a list of steps, which are printed or applied (apply.c). The list is complete before the first
 * process is made: applying it needs no memory, so it is safe after a fork, and a failure is told
 * by the number of the step.
 *
 * While the root is put together the process sits in a tmpfs, the stage: /old is the caller's root,
 * /new the one to be, /mnt the place where a file system is mounted before it is moved to its
 * target.
 */
#define HULL_OLD "/old"
#define HULL_NEW "/new"

enum hull_step_kind {
	HULL_STEP_DESCRIPTORS, /* the sandbox's 0, 1, 2; everything else is closed */
	HULL_STEP_CGROUP, /* the first process is in its group, the top of what it sees of groups */
	HULL_STEP_IDS,	  /* they are mapped, says the plan's `ids`; number: id 0 is taken */
	HULL_STEP_WRITE,  /* data to the file target */
	HULL_STEP_TUNE,	  /* the same, if the kernel has it and allows it */
	HULL_STEP_SYSV,	  /* target, a list of its shared memory, is open as HULL_PLAN_SYSV */
	HULL_STEP_LOOPBACK,
	HULL_STEP_HOSTNAME,   /* data */
	HULL_STEP_STAGE,      /* enter the tmpfs */
	HULL_STEP_BIND,	      /* source at target with attributes attr */
	HULL_STEP_FILESYSTEM, /* one of type source with options data at target */
	HULL_STEP_UNION,      /* of layers at target; links are made in source, options are data */
	HULL_STEP_SYMLINK,    /* target that points to source */
	HULL_STEP_TEXT,	      /* a read-only file of data at target, called source in the stage */
	HULL_STEP_HIDE,	    /* all in target but what data names, words between spaces, is empty */
	HULL_STEP_READONLY, /* target becomes read-only */
	HULL_STEP_ENTER,    /* /new becomes / */
	HULL_STEP_ENTER_APART,	/* the same, and nothing inside can see its mounts */
	HULL_STEP_PIDS,		/* `number` process ids are used up */
	HULL_STEP_COMMAND,	/* what follows happens in the command's process */
	HULL_STEP_CORES,	/* as the plan says */
	HULL_STEP_OLD_KERNEL,	/* uname(2) says 2.6.something, personality(2) */
	HULL_STEP_NICE,		/* number */
	HULL_STEP_LIMIT,	/* resource attr to number; source is its name */
	HULL_STEP_SESSION,	/* one of its own */
	HULL_STEP_TERMINAL,	/* the session's is that of 0, 1 or 2, if there is one */
	HULL_STEP_KEYRING,	/* an empty one for the session */
	HULL_STEP_CAPABILITIES, /* those of data's list only, for good */
	HULL_STEP_CHDIR,	/* target */
	HULL_STEP_FILTER,	/* system calls, by the plan's filter `number` */
	HULL_STEP_EXEC,
	HULL_STEP_CALL, /* the sandbox's function */
};

/* A descriptor of the first process, which hull takes to look at (watch.h). */
enum { HULL_PLAN_SYSV = 4 };

/* A directory or file of the caller's, and a mount of it that is handed to the first process (ids.h). */
struct hull_handed {
	const char *path; /* outside */
	int fd;		  /* -1: not made */
};

struct hull_step {
	enum hull_step_kind kind;
	const char *source;
	char *target; /* applying cuts it at slashes, and fixes it */
	const char *data;
	uint64_t attr, number;
	const char **layers; /* directories of the stage */
	size_t nlayers;
	/* If the plan's id 0 is another one: what is bound, or the directories that layers are in, that of
	 * layers[i] being trees[tree_of[i]]. */
	struct hull_handed *trees;
	size_t ntrees, *tree_of;
};

enum { HULL_MAX_LAYERS = 499 }; /* overlayfs takes 500 */

struct hull_plan {
	struct hull_arena arena;
	struct hull_step *steps;
	size_t n, cap;
	struct hull_sandbox sandbox; /* what it points to is used by the child only, in its copy */
	cpu_set_t cpus;		     /* for HULL_STEP_CORES; whoever starts the sandbox sets it */
	const struct hull_filter *filters;
	int ids[2]; /* a pipe, if there is HULL_STEP_IDS; the same opens and closes it; else -1 */
	/* for HULL_STEP_CGROUP, if that has to enter the group: its list of processes; the same opens and closes
	 * it; else -1 */
	int procs;
	bool other_id;
};

/*
 * Fails only for a sandbox that cannot be meant: relative paths, too many layers. other_id: id 0 of the
 * sandbox is not the caller's outside, and whoever starts it calls hull_ids_open (ids.h) before.
 */
HULL_CHECKED int hull_plan_init(struct hull_plan *p, const struct hull_sandbox *s, bool other_id,
				struct hull_err *e);
void hull_plan_fini(struct hull_plan *p);

/*
 * The filters of all sandboxes, which are there as long as this process and its forks: only the first
 * plan makes them (4 ms). Not for two threads at once. NULL with e set.
 */
HULL_CHECKED const struct hull_filter *hull_plan_filters(struct hull_err *e);

/* Whether there is HULL_STEP_IDS. */
bool hull_plan_waits_for_ids(const struct hull_plan *p);

/* One line, without a newline: "overlay of 40 layers at /hull/sysroot". */
void hull_step_describe(const struct hull_step *st, struct hull_buf *out);

/* What the first process of the sandbox tells hull. */
enum hull_plan_report_kind {
	HULL_REPORT_READY,  /* the root is complete */
	HULL_REPORT_FAILED, /* step `step` with errno `value` */
	HULL_REPORT_ENDED,  /* the command, with wait status `value` */
};

struct hull_plan_report {
	enum hull_plan_report_kind kind;
	int value;
	size_t step;
};

/*
 * The life of the first process: applies the steps, starts the command, reaps until it ends.
 * Reports are written to `report`; allocates nothing.
 */
void hull_plan_live(const struct hull_plan *p, int report) __attribute__((noreturn));
