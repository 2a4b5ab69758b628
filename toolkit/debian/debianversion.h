// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"

/* Versions of Debian packages: [epoch:]upstream[-revision] (deb-version(7)). */

/* By dpkg's rules: below, at or above 0. What is no number in front of a colon is part of the version. */
int hull_debian_version_compare(const char *a, const char *b);

/* Without the epoch, as it is in names of files; points into `version`. */
const char *hull_debian_version_without_epoch(const char *version);

/* Neither epoch nor revision. */
const char *hull_debian_version_upstream(const char *version, struct hull_arena *a);

/* Whether the revision is one of an update of a stable release: "1.13-1+deb13u1". */
bool hull_debian_version_is_update(const char *version);
