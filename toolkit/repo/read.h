// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/progress.h"
#include "repo/location.h"
#include "store/store.h"

/*
 * Repositories as a reader sees them. Each is parsed once and kept as
 * indexes/<digest of repomd.xml>.<format>.solv.
 */

/*
 * Has the index of a repository in the store; out_digest is that of its repomd.xml. Signature first
 * (if keys are given), then whether a newer state was seen, then size and SHA-256 of primary and filelists are checked: an index comes
 * from what repomd.xml says, or not at all. Each of its packages has a SHA-256 and a location
 * inside the repository. Offline, a remote repository is what it was the last time (with the same
 * keys).
 */
HULL_CHECKED int hull_repo_index(const struct hull_store *s, const struct hull_repository *at,
				 bool offline, struct hull_progress *progress,
				 char out_digest[HULL_HEX], struct hull_err *e);
