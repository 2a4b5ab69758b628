// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"

/*
 * The digest of all that is below a directory: paths, types, modes, targets of symlinks and bytes, not
 * owners and times. By all processors.
 */
HULL_CHECKED int hull_tree_digest(int dirfd, const char *path, char out[HULL_HEX],
				  struct hull_err *e);
