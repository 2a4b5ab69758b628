// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "finding/finding.h"

/*
 * A baseline file: findings that somebody accepts, each with a justification and until a date.
 *
 *     {"accepted": [{"id": "HULL-MODE-SETUID", "object": "/usr/bin/su",
 *                    "justification": "people with a password may become root",
 *                    "expires": "2027-01-31"}]}
 *
 * `object` is a pattern as fnmatch(3) has it ("*" matches "/"). Marks the findings that entries
 * match; adds findings for entries that have expired on the day of `now` (which accept nothing) and
 * for those that match none, but not for HULL-VULNDB-MISSING, which is about how the audit was called:
 * one file serves audits with and without --vulndb. A malformed file is an error with line and column,
 * and so are more than 4,096 different entries with a wildcard; of others there may be any number.
 */
HULL_CHECKED int hull_baseline_apply(const char *path, int64_t now, struct hull_findings *f,
				     struct hull_err *e);
