// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/str.h"
#include "store/store.h"

/* From rpm-md documents to an index that libsolv loads in milliseconds. */

enum { HULL_REPO_FILES = 2 }; /* primary, filelists */

/* The most that a document may have when it is unpacked. */
static const uint64_t HULL_REPO_OPEN_BYTES = (uint64_t)4 << 30;

/* A document of a repository, as repomd.xml describes it. */
struct hull_repo_file {
	char *location;		       /* NULL: there is none (filelists only) */
	char *base;		       /* its xml:base (hull_repo_places), or NULL */
	struct hull_checksum checksum; /* SHA-1 is weak: for the reader to say */
	uint64_t bytes;		       /* 0: not said */
	uint64_t max_bytes;	       /* what it may have at most: that, or 1 GiB */
	uint64_t open_bytes;	       /* and unpacked; 0: 4 GiB */
	char *path;		       /* where it was put; set by the caller */
};

/* What repomd.xml says. */
struct hull_repomd {
	struct hull_repo_file files[HULL_REPO_FILES];
	struct hull_strv others; /* types of documents that are not read: "group", "modules" */
	uint64_t revision;	 /* 0: it has none, or one that is no number */
	uint64_t timestamp;	 /* of its newest document, in seconds since 1970; 0: not said */
};
void hull_repomd_fini(struct hull_repomd *r);

/* (repomd.c) Reads it; a repository without primary, with other checksums than SHA-1 and SHA-2, or
 * with documents of more than 1 GiB (4 GiB unpacked) is an error. */
HULL_CHECKED int hull_repomd_parse(const struct hull_buf *repomd, struct hull_repomd *out,
				   struct hull_err *e);

/*
 * Parses the documents at their `path`, as far as they unpack to open_bytes, and puts the index
 * into the store as that of `digest`. A package without name, location inside the repository, or
 * checksum of SHA-1 or SHA-2 is left out, and noted in the index; an error if no other is left.
 */
HULL_CHECKED int hull_index_make(const struct hull_store *s,
				 const struct hull_repo_file files[HULL_REPO_FILES],
				 const char *digest, struct hull_err *e);

/* The key of those notes (hull_pool_notes): package and reason. */
#define HULL_INDEX_LEFT_OUT "hull:left-out"
