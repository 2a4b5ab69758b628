// SPDX-License-Identifier: MIT
#pragma once

#include "store/store.h"

/*
 * Makes sure that the store has the directory of macros as macros/<digest>/ and gives the digest:
 * of the sorted "path -> sha256" of its files. Builds see that copy, so that an edit while hull
 * runs cannot get into a build whose key does not know of it.
 */
int hull_macros_store(const struct hull_store *s, const char *dir, char out_digest[HULL_HEX],
		      struct hull_err *e);

/* The digest alone, of a directory relative to dirfd. */
int hull_macros_digest(int dirfd, const char *dir, char out_digest[HULL_HEX], struct hull_err *e);
