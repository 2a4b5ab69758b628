// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "seed/seed_package.h"
#include "seed/seed_table.h"
#include "store/store.h"

/*
 * Makes a seed root in tmp/ of the store: downloads and unpacks the packages of the table with
 * mmdebstrap, which checks the archive's signature, then does what is left of the work of
 * maintainer scripts. They are the newest of the release, its updates and its security updates
 * (debian/suites.h). *out_root is its path relative to the store, *out_packages what was unpacked
 * (sorted; strings in the arena). The same packages and tables give the same tree, times included.
 */
HULL_CHECKED int hull_seed_make(const struct hull_store *s, struct hull_seed_table *t,
				const char *debian_mirror, struct hull_progress *progress,
				struct hull_arena *arena, char **out_root,
				struct hull_seed_package **out_packages, size_t *out_npackages,
				struct hull_err *e);
