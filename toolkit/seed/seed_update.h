// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "store/store.h"

/*
 * Writes lock.json of a directory of tables (seed_lock.h): what apt would install of the packages of
 * the tables, the newest of the release, its updates and its security updates, by signed indexes
 * (debian/aptindex.h). Nothing is downloaded but indexes. A package that Debian does not have is an
 * error with its line of the table; after an error the lock is what it was.
 */
HULL_CHECKED int hull_seed_update(const struct hull_store *s, const char *tables,
				  const char *debian_mirror, const char *today,
				  struct hull_progress *progress, struct hull_err *e);
