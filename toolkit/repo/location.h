// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Where packages are: a directory, or a file: or http(s): URL, that has repodata/repomd.xml. */
struct hull_repository {
	const char *name; /* short, for messages and the lock file */
	const char *url;
	const char *keys; /* file of OpenPGP keys of which one must have signed repomd.xml.asc;
			     NULL: no matter */
	bool allow_older; /* although a newer state of it was seen before (repo/seen.h) */
};

/* Whether the repository is on another machine. */
bool hull_repo_is_remote(const char *url);

/* Whether it is, and anybody on the way could change what it says. */
bool hull_repo_is_open(const char *url);

/* The directory of a local repository; NULL with e if there is none in the URL. The caller
 * frees. */
HULL_CHECKED char *hull_repo_directory(const char *url, struct hull_err *e);

/* URL of a file of a remote repository. The caller frees. */
char *hull_repo_file_url(const char *url, const char *location);

/* Whether a location stays inside its repository. */
bool hull_repo_is_inside(const char *location);
