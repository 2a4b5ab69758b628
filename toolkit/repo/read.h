// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/progress.h"
#include "store/store.h"

/*
 * Repositories as a reader sees them: a directory, or a file: or http(s): URL, that has
 * repodata/repomd.xml. Each is parsed once and kept as indexes/<digest of
 * repomd.xml>.<format>.solv.
 */
struct hull_repo_place {
	const char *name; /* for messages */
	const char *url;
	const char *keys; /* a key in this file must have signed repomd.xml.asc; NULL: no matter */
};

/*
 * Has the index of a repository in the store; out_digest is that of its repomd.xml. Signature first
 * (if keys are given), then size and SHA-256 of primary and filelists are checked: an index comes
 * from what repomd.xml says, or not at all. Each of its packages has a SHA-256 and a location
 * inside the repository. Offline, a remote repository is what it was the last time (with the same
 * keys).
 */
int hull_repo_index(const struct hull_store *s, const struct hull_repo_place *at, bool offline,
		    struct hull_progress *progress, char out_digest[HULL_HEX], struct hull_err *e);

/* Path of an index in the store. The caller frees. */
char *hull_repo_index_path(const char *digest);

/* Whether the repository is on another machine. */
bool hull_repo_is_remote(const char *url);

/* The directory of a local repository; NULL with e if there is none in the URL. The caller
 * frees. */
char *hull_repo_directory(const char *url, struct hull_err *e);

/* URL of a file of a remote repository. The caller frees. */
char *hull_repo_file_url(const char *url, const char *location);

/* Whether a location stays inside its repository. */
bool hull_repo_is_inside(const char *location);
