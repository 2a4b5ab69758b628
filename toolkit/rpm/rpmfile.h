// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/package.h"
#include "store/store.h"

/*
 * Built RPM files, also as the store has them (stored.c). The header is read with librpm, the payload decompressed with libarchive. Both
 * have to match the SHA-256 that the file itself has of them: a truncated or altered file is an
 * error, and so is one that has none (built by an rpm older than 4.14), a source package, or a name
 * that is not UTF-8.
 */

/*
 * Reads everything hull keeps of an RPM; strings live in the arena. Files are sorted by path. Left
 * out: dependencies on rpmlib features, scriptlets without a line, size and digest of a %ghost.
 */
HULL_CHECKED int hull_rpm_read(int dirfd, const char *path, struct hull_arena *a,
			       struct hull_package *out, struct hull_err *e);

/* The same of a descriptor; `what` is for messages. */
HULL_CHECKED int hull_rpm_read_fd(int fd, const char *what, struct hull_arena *a,
				  struct hull_package *out, struct hull_err *e);

/*
 * Puts an RPM file (path relative to dirfd) into the store as rpms/<sha256>.rpm, with
 * headers/<sha256>.json; out describes it. The file is moved if it is on the store's file system.
 * Its time becomes that of the build, so that an index of stored packages depends on their bytes
 * alone.
 */
HULL_CHECKED int hull_rpm_store(const struct hull_store *s, int dirfd, const char *path,
				struct hull_arena *a, struct hull_package *out, struct hull_err *e);

/*
 * The same of a descriptor by which `p` was read before, of a file that nobody else writes to any
 * more: what its name leads to by now does not matter. The file is linked if that is possible, and
 * gets the mode, owner and time of an object then, else copied. Sets p's time.
 */
HULL_CHECKED int hull_rpm_store_fd(const struct hull_store *s, int fd, const char *what,
				   struct hull_package *p, struct hull_err *e);

/* The description of a stored RPM from headers/ (made again from the RPM when it is missing). */
HULL_CHECKED int hull_rpm_stored(const struct hull_store *s, const char *sha256,
				 struct hull_arena *a, struct hull_package *out,
				 struct hull_err *e);

/* --- their files, as they lie in unpacked/<sha256>/ (unpacked.c) --- */

/* Makes sure that unpacked/<sha256>/ exists: see rpm/unpack.h. Many processes may do this at once.
 */
HULL_CHECKED int hull_rpm_unpacked(const struct hull_store *s, const char *sha256,
				   struct hull_err *e);

/* The same for many of them, and the disk is waited for once. */
HULL_CHECKED int hull_rpms_unpacked(const struct hull_store *s, const char *const *sha256, size_t n,
				    struct hull_err *e);

/* Unpacks to a directory below tmp/, for hull_store_commit_trees; *out_tmp is NULL if unpacked/<sha256>/
 * is there. The caller frees the name. */
HULL_CHECKED int hull_rpm_unpack(const struct hull_store *s, const char *sha256, char **out_tmp,
				 struct hull_err *e);

/* Whether unpacked/<sha256>/ has what the header says, nothing less and nothing more, with bytes, modes
 * and targets: 1, 0 with the first difference in `why`, or -1 if that cannot be told. */
HULL_CHECKED int hull_unpacked_compare(const struct hull_store *s, const struct hull_package *p,
				       struct hull_err *why);

/*
 * The same as hull_rpms_unpacked for who uses them as they lie there. What was not compared since the
 * machine was started is, or all if `again`, by all processors; a tree that is damaged is set aside
 * (store/intact.h) and unpacked again. Returns how many were.
 */
HULL_CHECKED int hull_rpms_intact(const struct hull_store *s, const char *const *sha256, size_t n,
				  bool again, struct hull_err *e);
