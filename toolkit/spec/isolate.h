// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Jobs in child processes of their own, because what they run cannot be trusted to end, or to leave
 * the process as it was: a crash, a loop or a changed global in one touches no other.
 */
struct hull_isolated {
	int workers; /* jobs at a time */
	int seconds; /* after which a job is killed, with the programs that it started */

	/* In the child: what it writes to the descriptor is the result. Its standard output is
	 * discarded. */
	void (*job)(size_t i, int out, void *ctx);

	/* In this process, in the order in which jobs end. status: 0, or as hull_wait; -1: killed
	 * for its time. */
	void (*done)(size_t i, const struct hull_buf *out, int status, void *ctx);

	void *ctx;
};

/* Runs jobs 0..n-1. -1 only if processes cannot be made, or after Ctrl-C; no child is left then. */
int hull_isolated_run(const struct hull_isolated *r, size_t n, struct hull_err *e);
