// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Where packages are: a directory, or a file: or http(s): URL, that has repodata/repomd.xml; or a list of
 * such URLs, "mirrorlist:LIST" or "metalink:LIST", the list being a file or URL (repo/mirrorlist.h).
 */
struct hull_repository {
	const char *name; /* short, for messages and the lock file */
	const char *url;
	const char *keys; /* file of OpenPGP keys of which one must have signed repomd.xml.asc;
			     NULL: no matter */
	bool allow_older; /* although a newer state of it was seen before (repo/seen.h) */
	bool allow_open;  /* also mirrors by http:, without keys */
	/* Of a list: the URLs, as hull_repo_index found them, the one that had repomd.xml first; else NULL. */
	struct hull_strv *mirrors;
};

/* Whether the repository is on another machine. Lists count as such. */
bool hull_repo_is_remote(const char *url);

/* Whether it, or its list, is, and anybody on the way could change what that says. */
bool hull_repo_is_open(const char *url);

/* The list of a repository that is given by one, without the word before it; NULL for others. */
const char *hull_repo_list(const char *url);
bool hull_repo_is_metalink(const char *url);

/* The directory of a local repository; NULL with e if there is none in the URL. The caller
 * frees. */
HULL_CHECKED char *hull_repo_directory(const char *url, struct hull_err *e);

/* URL of a file below that of a remote repository. The caller frees. */
char *hull_repo_file_url(const char *url, const char *location);

/* Whether a location stays inside its repository. */
bool hull_repo_is_inside(const char *location);

/*
 * The places of a file of a repository: http(s) URLs, in the order in which to try them, or one path.
 * `base` is the xml:base that its metadata give it, or NULL: an http(s) URL, a file: URL (of a
 * repository on this machine only), or what is relative to the repository, "../pool" too. Another one is an
 * error that names it.
 */
HULL_CHECKED int hull_repo_places(const struct hull_repository *at, const char *base,
				  const char *location, struct hull_strv *out, struct hull_err *e);
