// SPDX-License-Identifier: MIT
#pragma once

#include "base/store.h"
#include "rpm/package.h"

/*
 * Built RPM files. The header is read with librpm, the payload (cpio, in any compression libarchive
 * knows) unpacked with libarchive; digests of header and payload are checked, a truncated or
 * altered file is an error.
 */

/* Reads everything hull keeps of an RPM; strings live in the arena. */
int hull_rpm_read(int dirfd, const char *path, struct hull_arena *a, struct hull_package *out,
		  struct hull_err *e);

/*
 * Unpacks the payload below an existing empty folder: modes, times, links (owners are not restored,
 * device nodes are left out). A path that leaves the folder ("..", through a symlink) is an error.
 */
int hull_rpm_unpack(int dirfd, const char *path, int to_dirfd, struct hull_err *e);

/*
 * Puts an RPM file (path relative to dirfd) into the store as rpms/<sha256>.rpm, with
 * headers/<sha256>.json; out describes it. The file is moved if it is on the store's file system.
 */
int hull_rpm_store(const struct hull_store *s, int dirfd, const char *path, struct hull_arena *a,
		   struct hull_package *out, struct hull_err *e);

/* The description of a stored RPM from headers/ (made again from the RPM when it is missing). */
int hull_rpm_stored(const struct hull_store *s, const char *sha256, struct hull_arena *a,
		    struct hull_package *out, struct hull_err *e);

/* Makes sure that unpacked/<sha256>/ exists. */
int hull_rpm_unpacked(const struct hull_store *s, const char *sha256, struct hull_err *e);
