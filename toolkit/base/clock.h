// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/* The only readers of time and environment; everything else takes them as parameters. */

int64_t hull_now(void); /* seconds since 1970 */
int64_t hull_monotonic_ms(void);
const char *hull_env(const char *name); /* NULL when unset or empty */
int hull_cores(void);			/* processors this process may use, at least 1 */
uint64_t hull_memory_bytes(void);	/* physical memory */
