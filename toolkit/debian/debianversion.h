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

/* Whether the revision is of an update of a stable release by patches: "1.13-1+deb13u1", and
 * "10.46-1~deb13u2", but not "10.46-1~deb13u1", by which the version came to that release. */
bool hull_debian_version_is_update(const char *version);
