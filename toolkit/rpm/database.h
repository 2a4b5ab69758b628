// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "rpm/package.h"

/*
 * The database of installed packages as rpm 4.16 and later keep it in rpmdb.sqlite: the table
 * Packages has a header a package, the others are its indexes. Written in memory; the same packages
 * in the same order give the same bytes. The journal mode is the one that can be read from a
 * read-only file system; rpm changes it when it writes.
 */
struct hull_database;

/* What a system does with files for several architectures (rpm's %_transaction_color). */
enum { HULL_COLOR_NONE = 0, HULL_COLOR_MULTILIB = 3 };

/* Packages are installed at `time`. */
HULL_CHECKED struct hull_database *hull_database_new(int64_t time, uint32_t color,
						     struct hull_err *e);
void hull_databasep(struct hull_database **d); /* NULL is fine */
#define hull_autodatabase __attribute__((cleanup(hull_databasep)))

/* Adds the package of an RPM file, its header checked against its digest. Files for which
 * `installed` says no are recorded as left out. */
HULL_CHECKED int hull_database_add(struct hull_database *d, int dirfd, const char *path,
				   bool (*installed)(void *context, const char *path),
				   void *context, struct hull_err *e);

/* The bytes of the database file. */
HULL_CHECKED int hull_database_finish(struct hull_database *d, struct hull_buf *out,
				      struct hull_err *e);

/*
 * Reads the packages of a database file (sqlite's, ndb's, a hash of Berkeley DB), in its order; `path` is for messages, strings live in the
 * arena. Files that were left out are not listed, nor are the keys that rpm keeps in its database.
 * sha256, content and what else is of the RPM file is not known. The bytes may come from anybody;
 * paths may be no UTF-8.
 */
HULL_CHECKED int hull_database_read(const void *bytes, size_t n, const char *path,
				    struct hull_arena *a, struct hull_package **out, size_t *out_n,
				    struct hull_err *e);
