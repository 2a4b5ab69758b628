// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/tree.h"

/* /etc/fstab of a tree (fstab(5)). */

enum { HULL_FSTAB_MAX_BYTES = 1 << 20 };

struct hull_fstab_entry {
	const char *source; /* "PARTUUID=...", "/dev/disk/by-uuid/..." */
	const char *path;   /* absolute */
};

struct hull_fstab {
	struct hull_arena arena;
	struct hull_fstab_entry *v; /* in the order of the file, those with an absolute path */
	size_t n, cap;
	bool too_large; /* there are more than HULL_FSTAB_MAX_BYTES, of which none was read */
};

/* No file is none of its lines. */
HULL_CHECKED int hull_fstab_read(const struct hull_tree *t, struct hull_fstab *out,
				 struct hull_err *e);
void hull_fstab_fini(struct hull_fstab *f);
