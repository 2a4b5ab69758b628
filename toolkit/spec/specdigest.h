// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

/* What makes a spec what it is. */
struct hull_spec_digest {
	char directory[HULL_HEX]; /* of what is in its directory */
	char all[HULL_HEX];	  /* of all that the spec means: directory, name, macros, arch */
	char key[HULL_HEX];	  /* of that, and of who has read it: in the cache */
};

/*
 * Of the names and bytes of all files below a directory, links followed, but for what editors leave
 * while a file is open. `buf` is scratch.
 */
HULL_CHECKED int hull_spec_directory_digest(const char *path, struct hull_buf *buf,
					    char out[HULL_HEX], struct hull_err *e);

/* Of the spec in `dir`, with macros of which the digest is given, and some definitions. */
HULL_CHECKED int hull_spec_digest(const char *name, const char *dir, const char *macros,
				  const char *arch, const char *const *defines, size_t ndefines,
				  struct hull_buf *buf, struct hull_spec_digest *out,
				  struct hull_err *e);
