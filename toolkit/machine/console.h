// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* The serial console of a machine that runs as a process: copied, kept, and searched for texts. */
struct hull_console {
	int from;			/* descriptor to read */
	int echo, log;			/* descriptors to copy to, or -1 */
	const struct hull_strv *expect; /* texts that have to appear, in this order; may be empty */
	int64_t timeout_ms;		/* 0: none */
};

/*
 * Reads until all texts have appeared (returns 0), the console ends (0 if nothing was expected, an
 * error otherwise; *out_ended is true), the time is over (an error) or this process is interrupted
 * (HULL_INTERRUPTED). An error has the last lines, unless they were copied to `echo`.
 */
HULL_CHECKED int hull_console_watch(const struct hull_console *c, bool *out_ended,
				    struct hull_err *e);
