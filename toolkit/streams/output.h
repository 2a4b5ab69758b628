// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "text/printable.h"

/*
 * What a command writes, taken from a pipe and kept in a file that the command has no hold of. It
 * takes the same memory however much that is and however long its lines are.
 */
struct hull_output {
	int pipe, command; /* what hull reads, what the command gets; -1: not there (any more) */
	int file;	   /* borrowed */
	bool is_log;	   /* kept as text (text/printable.h), with a last line if it is cut off */
	bool full;	   /* all that comes is thrown away */
	uint64_t bytes, max_bytes; /* written so far; 0: no limit */
	struct hull_printable_flow flow;
	struct hull_buf text; /* scratch */
};

/* For hull_output_fini before anything was opened. */
#define HULL_OUTPUT_NONE ((struct hull_output){.pipe = -1, .command = -1})

HULL_CHECKED int hull_output_init(struct hull_output *o, int file, bool is_log, uint64_t max_bytes,
				  struct hull_err *e);
void hull_output_fini(struct hull_output *o);

/* The command has its copy. */
void hull_output_started(struct hull_output *o);

/*
 * Takes what there is, at most 1 MiB, without waiting: 0, 1 if that was more than the file may have,
 * -1 if it could not be written. `ended`: nobody writes any more, and a pipe has no more than that.
 */
HULL_CHECKED int hull_output_take(struct hull_output *o, bool ended, struct hull_err *e);
