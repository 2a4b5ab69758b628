// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "rpm/package.h"

/* The documents of an rpm-md repository, as createrepo_c writes and libsolv and librepo read them.
 */

enum hull_repo_document {
	HULL_REPO_PRIMARY,
	HULL_REPO_FILELISTS,
	HULL_REPO_OTHER,
	HULL_REPO_DOCUMENTS
};

extern const char *const hull_repo_document_names[HULL_REPO_DOCUMENTS]; /* "primary", ... */

/* A package and its path in the repository: "x86_64/zlib-1.3.1-1.x86_64.rpm". */
struct hull_repo_entry {
	const struct hull_package *package;
	char *href;
};

/* Appends a document about these packages, in this order. */
void hull_repo_document(enum hull_repo_document d, const struct hull_repo_entry *entries, size_t n,
			struct hull_buf *out);
