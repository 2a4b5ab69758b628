// SPDX-License-Identifier: MIT
#pragma once

#include "seed/seed_package.h"
#include "store/store.h"

/*
 * Unpacks packages, which are sources of the store, into the directory `root` (an absolute path) that
 * has the links of a merged /usr. Owners are the caller's, maintainer scripts do not run. Two packages
 * with a file of one name are an error that names them, because the order would decide.
 */
HULL_CHECKED int hull_seed_unpack(const struct hull_store *s,
				  const struct hull_seed_package *packages, size_t n,
				  const char *root, struct hull_err *e);
