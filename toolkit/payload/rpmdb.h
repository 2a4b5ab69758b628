// SPDX-License-Identifier: MIT
#pragma once

#include "payload/payload.h"

/*
 * Adds what tells which packages are in an image: the rpm database (sqlite) at
 * /usr/lib/sysimage/rpm/rpmdb.sqlite, and /var/lib/rpmmanifest/container-manifest-2 (the tab
 * separated lines that scanners read on systems without a database). Reproducible: packages in
 * order of the lock, installed at `time`. `with_database` false leaves the database out.
 */
HULL_CHECKED int hull_rpmdb_add(const struct hull_store *s, const struct hull_packages *p,
				int64_t time, bool with_database, struct hull_tree *t,
				struct hull_err *e);
