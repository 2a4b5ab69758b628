// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtag.h>
#include <rpm/rpmtypes.h>

#include "rpm/package.h"

/*
 * From librpm's header to struct hull_package. A header may come from anybody: `path` is named in
 * errors, strings are copied into the arena, names that are not UTF-8 are refused, and prose that is
 * not is escaped as hull_vshow() does.
 */

/* Identity, texts and dependencies; everything else of *out is zero. */
HULL_CHECKED int hull_header_describe(Header h, const char *path, struct hull_arena *a,
				      struct hull_package *out, struct hull_err *e);

/* One kind of dependencies, without those on rpmlib features. */
HULL_CHECKED int hull_header_deps(Header h, enum hull_dep_kind kind, const char *path,
				  struct hull_arena *a, struct hull_deps *out, struct hull_err *e);

/* The list of files, sorted by path. */
HULL_CHECKED int hull_header_files(Header h, const char *path, struct hull_arena *a,
				   struct hull_package *out, struct hull_err *e);

/* All of a built package that its header says: the above, files, sizes, times, scriptlets. */
HULL_CHECKED int hull_header_describe_built(Header h, const char *path, struct hull_arena *a,
					    struct hull_package *out, struct hull_err *e);

/*
 * The same of a package that is installed, which is never refused for its names: paths and targets
 * of links are as the file system has them, other names are escaped (hull_printable) if they are
 * not UTF-8. A file of which the header has no SHA-256 has none.
 */
HULL_CHECKED int hull_header_describe_installed(Header h, const char *path, struct hull_arena *a,
						struct hull_package *out, struct hull_err *e);

/* The changelog, as far as its three lists go together. */
void hull_header_changelog(Header h, struct hull_arena *a, struct hull_package *out);

/* The (first) number of a tag; 0 when there is none. */
uint64_t hull_header_number(Header h, rpmTag tag);

/* A size: of the 64 bit tag if the package needed it, else of the 32 bit one. */
uint64_t hull_header_size(Header h, rpmTag wide, rpmTag narrow);
