// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"

/* Versions of what distributions package. */

/*
 * The upstream version in a version of a distribution: "1:1.3.dfsg+really1.3.1-1+deb13u1" is 1.3.1,
 * "1.2.13-2.azl3" is 1.2.13. *out_first: the distribution's revision is its first, so that it can
 * have fixed nothing by a patch of its own.
 */
const char *hull_upstream_version(const char *version, struct hull_arena *a, bool *out_first);

/* Semantic Versioning 2.0.0, section 11; a leading "v" or "go" and build metadata do not count. */
int hull_semver_compare(const char *a, const char *b);
