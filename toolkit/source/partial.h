// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "store/store.h"

/*
 * A file on its way into the store: partial/<sha256>, which outlives the process so that a later
 * one goes on where it stopped. The digest runs along, so nothing is hashed twice. Whoever opens
 * one holds the store's lock "source-<sha256>".
 */
struct hull_partial {
	const struct hull_store *store;
	char *path; /* relative to the store */
	int fd;
	struct hull_hash *hash; /* of the first have_bytes */
	uint64_t have_bytes;
	uint64_t old_bytes; /* of these, what an earlier transfer left */
	uint64_t max_bytes; /* 0: any number; set by the caller, who looks at it */
	bool keep;	    /* worth to resume: the digest is known */
};

/* Opens what is there or begins an empty one; sha256 NULL: the digest is not known and nothing is
 * kept. */
HULL_CHECKED int hull_partial_open(struct hull_partial *p, const struct hull_store *s,
				   const char *sha256, struct hull_err *e);

HULL_CHECKED int hull_partial_restart(struct hull_partial *p,
				      struct hull_err *e); /* forgets all bytes */
HULL_CHECKED int hull_partial_add(struct hull_partial *p, const void *bytes, size_t n,
				  struct hull_err *e);

/*
 * Ends the file: if its digest is `sha256` (NULL: any), notes where it came from, moves it to
 * sources/<sha256> and returns 1; returns 0 and empties it if the digest is another. out_digest is
 * set in both cases. -1 with e.
 */
HULL_CHECKED int hull_partial_commit(struct hull_partial *p, const char *sha256, const char *origin,
				     char out_digest[HULL_HEX], struct hull_err *e);

/* Closes; an empty partial is removed. Valid on a zeroed one with fd -1. */
void hull_partial_close(struct hull_partial *p);
