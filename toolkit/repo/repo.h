// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/package.h"
#include "store/store.h"

/*
 * The room repo/: repositories of packages as dnf and zypper know them: written (repo.h,
 * metadata.h), and read as a solver needs it (read.h, index.h, keys.h).
 */

/*
 * An rpm-md repository (repomd.xml, primary, filelists, other; zstd) of stored packages, readable
 * by dnf, zypper and libsolv:
 *
 *   <arch>/<name>-<version>-<release>.<arch>.rpm   hard links into the store (copies across file
 *                                                  systems)
 *   repodata/<sha256>-primary.xml.zst, ...         named by their content
 *   repodata/repomd.xml                            what counts
 *   SRPMS/                                         whatever it is: no part of it
 */
struct hull_repo_stats {
	size_t packages;
	size_t added;	/* RPMs linked now */
	size_t reused;	/* RPMs that were in place */
	size_t removed; /* RPMs that are no longer part of it */
};

/*
 * Makes `path` the repository of exactly these built packages; a directory that holds RPMs but no
 * repodata/ is refused. The bytes of the metadata depend on the packages, `time` and the version of
 * libzstd alone, not on the order of the packages; `time` is the revision (SOURCE_DATE_EPOCH). Two
 * packages with one file name are an error.
 *
 * Only RPMs that changed are touched. New files come first, then repomd.xml by rename, then old
 * files go: a crash at any moment leaves the old or the new repository. (One exception: an RPM with
 * other content under the same file name is exchanged right before repomd.xml; no order could
 * satisfy both. The next run repairs that too.) Two processes that write one repository wait for
 * each other.
 */
HULL_CHECKED int hull_repo_write(const struct hull_store *s, const char *path,
				 const struct hull_package *const *packages, size_t n, int64_t time,
				 struct hull_repo_stats *out, struct hull_err *e);
