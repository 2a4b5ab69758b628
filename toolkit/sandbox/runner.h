// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/sandbox.h"

/* A sandbox that runs. */

struct hull_running;

/* Starts it; NULL with e set when not even the first process could be made. */
HULL_CHECKED struct hull_running *hull_sandbox_start(const struct hull_sandbox *s,
						     struct hull_err *e);

/* The process to wait for (its end raises SIGCHLD). */
pid_t hull_sandbox_pid(const struct hull_running *r);

/*
 * Looks at limits and reaps: 1 when it has ended, else 0. To be called at least every 200 ms while
 * it runs; more often costs nothing.
 */
int hull_sandbox_poll(struct hull_running *r);

/* Kills everything in it. */
void hull_sandbox_stop(struct hull_running *r);

/* To be called after poll returned 1, always: result, -1 with e for HULL_END_SETUP; frees r. */
HULL_CHECKED int hull_sandbox_finish(struct hull_running *r, struct hull_sandbox_result *out,
				     struct hull_err *e);

/* Start, poll to the end, finish. */
HULL_CHECKED int hull_sandbox_run(const struct hull_sandbox *s, struct hull_sandbox_result *out,
				  struct hull_err *e);
