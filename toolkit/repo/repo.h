// SPDX-License-Identifier: MIT
#pragma once

#include "base/store.h"
#include "rpm/package.h"

/*
 * An rpm-md repository (repomd.xml, primary, filelists, other; zstd) of stored packages, readable by
 * dnf, zypper and libsolv. The RPMs are hard links into the store (copies across file systems).
 */
struct hull_repo_stats {
	size_t packages, added, removed, reused; /* reused: index entries taken from the cache */
};

/*
 * Makes `path` the repository of exactly these built packages. Only what changed is linked and indexed;
 * repomd.xml appears last, by rename. The bytes of the metadata depend on the packages alone; `time` is
 * the revision (SOURCE_DATE_EPOCH).
 */
int hull_repo_write(const struct hull_store *s, const char *path,
		    const struct hull_package *const *packages, size_t n, int64_t time,
		    struct hull_repo_stats *out, struct hull_err *e);
