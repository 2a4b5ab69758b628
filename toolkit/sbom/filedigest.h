// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "tree/tree.h"

struct hull_sbom_file {
	const char *path;  /* absolute */
	int node, package; /* package: or -1 */
	char sha1[41], sha256[HULL_HEX];
};

/* SHA-1 and SHA-256 of files of a tree, by several threads; an error names the file. */
HULL_CHECKED int hull_file_digests(const struct hull_tree *t, struct hull_sbom_file *files,
				   size_t n, int threads, struct hull_err *e);

/* The same of bytes: SHA-1 as 40 hex digits. */
void hull_sha1(const void *p, size_t n, char out[41]);
