// SPDX-License-Identifier: MIT
#pragma once

#include "debian/aptindex.h"

/* A .deb of the archive as its index has it. */
struct hull_apt_file {
	const char *name, *version, *arch, *path, *sha256; /* path: below the archive's base */
	uint64_t size_bytes;
};

/*
 * What apt would install of these packages and what they depend on (no recommendations), on a machine
 * that has nothing: sorted by name; array and strings in the arena. `out_unknown` are the names that no
 * index has, which are then all of the error. The lists have to be those of a request with packages,
 * for one architecture.
 */
HULL_CHECKED int hull_apt_install(const struct hull_apt_lists *l,
				  const struct hull_debian_suites *suites,
				  const struct hull_strv *names, struct hull_arena *a,
				  struct hull_apt_file **out, size_t *out_n,
				  struct hull_strv *out_unknown, struct hull_err *e);
