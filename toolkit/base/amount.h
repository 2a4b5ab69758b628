// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/* Sizes and durations as people read them. Units of sizes are powers of 1000, and a MiB is written
 * as that. Each function returns `out`. */

enum { HULL_AMOUNT = 32 };

/* "823 B", "12.3 MB", "123 MB": two or three digits. */
const char *hull_size_text(uint64_t bytes, char out[HULL_AMOUNT]);

/* "12345.6 kB": in lists, whose lines are compared, all have the same unit. */
const char *hull_kb_text(uint64_t bytes, char out[HULL_AMOUNT]);

/* "12 s", "4:05 min", "1:02 h"; what is negative is none. */
const char *hull_duration_text(int64_t ms, char out[HULL_AMOUNT]);
