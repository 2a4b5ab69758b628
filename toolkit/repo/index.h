// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "store/store.h"

/* From rpm-md documents to an index that libsolv loads in milliseconds. */

enum { HULL_REPO_FILES = 2 }; /* primary, filelists */

/* A document of a repository, as repomd.xml describes it. */
struct hull_repo_file {
	char *location; /* inside the repository; NULL: there is none (filelists only) */
	char *sha256;
	uint64_t bytes; /* 0: not said */
	char *path;	/* where it was put; set by the caller */
};
void hull_repo_file_fini(struct hull_repo_file *f);

/* Reads repomd.xml; a repository without primary, or with digests other than SHA-256, is an error.
 */
HULL_CHECKED int hull_repomd_parse(const struct hull_buf *repomd,
				   struct hull_repo_file out[HULL_REPO_FILES], struct hull_err *e);

/* Parses the documents at their `path` and puts the index into the store as that of `digest`. */
HULL_CHECKED int hull_index_make(const struct hull_store *s,
				 const struct hull_repo_file files[HULL_REPO_FILES],
				 const char *digest, struct hull_err *e);
