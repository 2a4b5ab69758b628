// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The room rpmdb/: what an rpm database has that is not in sqlite: ndb's Packages.db (ndb.c), and the hash of Berkeley
 * DB as rpm before 4.16 kept it in Packages (berkeley.c). The bytes may come from anybody; what all
 * headers together have is no more than the file.
 */

enum hull_rpmdb_kind { HULL_RPMDB_OTHER, HULL_RPMDB_NDB, HULL_RPMDB_BERKELEY };

enum hull_rpmdb_kind hull_rpmdb_kind(const uint8_t *bytes, size_t n);

/* Told of the header of each package, as rpm keeps it (no magic in front). */
typedef int (*hull_rpmdb_take)(void *context, const void *header, size_t n, struct hull_err *e);

/* In order of the packages' numbers; `path` is for messages. */
HULL_CHECKED int hull_rpmdb_ndb(const uint8_t *bytes, size_t n, const char *path,
				hull_rpmdb_take take, void *context, struct hull_err *e);

/* In order of the file. */
HULL_CHECKED int hull_rpmdb_berkeley(const uint8_t *bytes, size_t n, const char *path,
				     hull_rpmdb_take take, void *context, struct hull_err *e);
