// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The progress of long work on stderr: a live block of lines on a terminal, plain lines elsewhere.
 * All log lines of a command go through it so that they do not tear the block. NULL is a valid,
 * silent writer.
 */
struct hull_progress;

enum hull_verbosity { HULL_QUIET, HULL_NORMAL, HULL_VERBOSE };

struct hull_progress *hull_progress_new(int fd, enum hull_verbosity verbosity);
void hull_progress_free(struct hull_progress *p); /* clears the live block */

/* A line of log (no trailing newline), as hull_vshow() makes it (base/utf8.h): at NORMAL and above /
 * only at VERBOSE / always. */
void hull_log(struct hull_progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hull_log_verbose(struct hull_progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hull_log_error(struct hull_progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A task that runs now: shown with its elapsed time and, if expected_ms > 0, what is left of it.
 * Returns its slot. */
int hull_task_start(struct hull_progress *p, const char *name, int64_t expected_ms);
void hull_task_bytes(struct hull_progress *p, int slot, uint64_t done, uint64_t total);
void hull_task_end(struct hull_progress *p, int slot);

/* The summary line: "7 of 31 packages, about 4 min left" (left_ms < 0: no estimate). */
void hull_progress_total(struct hull_progress *p, const char *unit, uint64_t done, uint64_t total,
			 int64_t left_ms);

/* Removes the live block until the next log line or tick: before a result is printed to stdout. */
void hull_progress_clear(struct hull_progress *p);

/* Redraws the live block if it is due; call a few times a second. */
void hull_progress_tick(struct hull_progress *p);
