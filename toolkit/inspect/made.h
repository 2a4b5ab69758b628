// SPDX-License-Identifier: MIT
#pragma once

#include "tree/tree.h"

/* What Hull's image writer adds to the files of packages, or changes in them. */
enum hull_made_flags {
	HULL_MADE = 1,	       /* may be there although no package has it */
	HULL_MADE_CONTENT = 2, /* its content or target may differ from the package's */
	HULL_MADE_MODE = 4,    /* its mode and owner may */
};

struct hull_made_map {
	uint8_t *v; /* a place for each node of the tree: flags, 0 for what the writer leaves alone
		     */
	size_t n;
};

/*
 * Found from the tree itself: its accounts, tmpfiles.d lines, units, libraries, kernels, fstab.
 * Additional files of the configuration are not among them. A directory is made if something in it
 * is made or belongs to a package. An error is a malformed file of the image.
 */
HULL_CHECKED int hull_made_map_init(struct hull_made_map *m, const struct hull_tree *t,
				    struct hull_err *e);
void hull_made_map_fini(struct hull_made_map *m);
