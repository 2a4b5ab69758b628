// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/str.h"

/*
 * Jobs 0..n-1 in child processes, because what they run cannot be trusted to end or to leave the
 * process as it was, or because a library works for one thread only: a crash, a loop or a changed
 * global in one touches no other. (Where that is no question, hull_workers_run costs less.)
 *
 * They are begun in order. The first error in the order of the jobs wins: after a failure no further
 * one is begun and those that run are waited for. After Ctrl-C they are killed. No child is left
 * when the call returns.
 */
typedef void hull_children_work(void *arg, int out);

struct hull_children {
	int processes;		/* at a time; below 1: as many as there are processors */
	int seconds;		/* after which a job is killed; 0: it has all the time */
	uint64_t address_bytes; /* of address space that a child may have; 0: as this process */
	struct hull_progress *progress; /* kept moving; or NULL */

	/* A child goes on with further jobs, for those that trust each other: to begin is not free
	 * (300 pages are copied, libraries start anew). */
	bool reuse;

	/*
	 * Where a child does its jobs, if not in the process itself; or NULL. Has work(arg, out) run
	 * once, in a copy of this process (in a sandbox), and returns when it is over: its exit
	 * status, or -1 with e set. `out` is to be open there; work is told its number. The copy dies
	 * with its caller. To be reused.
	 */
	int (*within)(hull_children_work *work, void *arg, int out, void *ctx, struct hull_err *e);

	/* In the child, which dies with this process and is alone in its process group: what it
	 * writes to the descriptor is its result. Its standard output is discarded. What it forks
	 * cannot reach what parent and children have in common. */
	int (*job)(size_t i, int out, void *ctx, struct hull_err *e);

	/*
	 * In this process, in the order in which jobs end; unless children are reused, all that the
	 * job started is dead by then. status: 0 if it returned 0 or more; 1..128 with e set if it
	 * failed; 128+N if signal N killed it; -1 if its time was up. Negative with e set (which may
	 * be the job's own error) makes it the failure of the whole.
	 */
	int (*done)(size_t i, const struct hull_buf *out, int status, void *ctx,
		    struct hull_err *e);

	void *ctx;
};

/* -1 if `done` says so, if processes cannot be made, or after Ctrl-C (code HULL_INTERRUPTED). */
HULL_CHECKED int hull_children_run(const struct hull_children *c, size_t n, struct hull_err *e);
