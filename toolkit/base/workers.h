// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/err.h"

/*
 * Jobs 0..n-1 by several threads of this process. They are handed out in order, each to the first
 * thread that is free; the caller's thread is one of them.
 *
 * The outcome is that of one thread that does one job after the other. The first error in the order
 * of the jobs wins: when a job fails, no further one is begun, those that run are waited for, and
 * the error of the lowest number is the one that is told. After Ctrl-C no further job is begun
 * either. A job that was begun is never abandoned, and no thread is left when the call returns.
 */
enum { HULL_WORKERS_MAX = 64 }; /* threads */

/*
 * Does one job; negative with e set if it fails. `thread` is 0..HULL_WORKERS_MAX-1, and no two jobs
 * with the same one run at the same time: it selects memory that needs no lock. Which jobs share it
 * differs from run to run, so nothing that is told may depend on it.
 */
typedef int hull_worker_job(size_t i, int thread, void *ctx, struct hull_err *e);

/*
 * Runs them by at most `threads` threads; below 1: as many as there are processors. Where threads
 * cannot be made there are fewer. -1 after an error, and, with code HULL_INTERRUPTED, if Ctrl-C
 * kept a job from being begun.
 */
HULL_CHECKED int hull_workers_run(int threads, size_t n, hull_worker_job *job, void *ctx,
				  struct hull_err *e);
