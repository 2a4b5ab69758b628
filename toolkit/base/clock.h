// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* The only readers of time and environment; everything else takes them as parameters. */

int64_t hull_now(void); /* seconds since 1970 */
int64_t hull_monotonic_ms(void);
const char *hull_env(const char *name); /* NULL when unset or empty */
int hull_cores(void);			/* processors this process may use, at least 1 */
uint64_t hull_memory_bytes(void);	/* physical memory */

/* What the kernel calls this start of the machine; false if it does not say. */
enum { HULL_BOOT_ID = 37 };
bool hull_boot_id(char out[HULL_BOOT_ID]);

/* "2026-11-24T10:00:00Z": seconds since 1970 in UTC; what lies outside of 1970 to 9999 is its
 * end. */
const char *hull_time_text(struct hull_arena *a, int64_t seconds);
const char *hull_date_text(struct hull_arena *a, int64_t seconds); /* "2026-11-24" */
