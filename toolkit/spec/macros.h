// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "store/store.h"

/*
 * The value of rpm's --macros for Hull's macro set in the directory `dir`: the list that
 * macros/macros documents, with the generators of dependencies. The caller frees.
 */
char *hull_macro_files(const char *dir, const char *arch);

/*
 * Makes sure that the store has the directory of macros as macros/<digest>/ and gives the digest:
 * of the sorted "path -> sha256" of its files. Builds see that copy, so that an edit while hull
 * runs cannot get into a build whose key does not know of it.
 */
HULL_CHECKED int hull_macros_store(const struct hull_store *s, const char *dir,
				   char out_digest[HULL_HEX], struct hull_err *e);

/* The digest alone, of a directory relative to dirfd. */
HULL_CHECKED int hull_macros_digest(int dirfd, const char *dir, char out_digest[HULL_HEX],
				    struct hull_err *e);
