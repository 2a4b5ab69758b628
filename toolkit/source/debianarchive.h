// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

/* The patches in the archive of a Debian source package ("x_1.0-1.debian.tar.xz"). */

struct hull_debian_patch {
	const char *name;      /* below debian/patches/ */
	char sha256[HULL_HEX]; /* as it is there */
};

struct hull_debian_archive {
	struct hull_arena arena;	   /* owns the names */
	struct hull_debian_patch *patches; /* every file, as archived */
	size_t n, cap;
	struct hull_strv series; /* what Debian applies, in order; empty if there is no series */
};

/* Whether a Source is such an archive, by its name. */
bool hull_debian_archive_is(const char *file);

/* Reads one; zero-initialise *d. `name` is for messages. The caller calls _fini in any case. */
HULL_CHECKED int hull_debian_archive_read(struct hull_debian_archive *d, int fd, const char *name,
					  struct hull_err *e);
void hull_debian_archive_fini(struct hull_debian_archive *d);

/* NULL if it has none of this name. */
const struct hull_debian_patch *hull_debian_archive_find(const struct hull_debian_archive *d,
							 const char *name);
