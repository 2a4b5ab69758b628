// SPDX-License-Identifier: MIT
#pragma once

#include "diff/comparison.h"
#include "inspect/system.h"

/* One of the two: an image, or a lock file alone. */
struct hull_side {
	const char *path;		  /* as it was given */
	const struct hull_system *system; /* NULL: a lock file, of which only packages are known */
	const struct hull_lock *lock;	  /* NULL: an image without one */
	const char *kernel_config; /* file to read instead of the one in the image, or NULL */
	uint64_t file_bytes;	   /* of the image file; 0: not known */
};

struct hull_compare_options {
	bool thorough; /* hash every file instead of trusting the digests of packages */
	int threads;
};

/*
 * What hull_compare looks at, a file for each subject (compare_packages.c, compare_files.c,
 * compare_units.c, compare_settings.c); each appends to `out`.
 */
void hull_compare_packages(const struct hull_side *old, const struct hull_side *now,
			   struct hull_comparison *out);
HULL_CHECKED int hull_compare_files(const struct hull_side *old, const struct hull_side *now,
				    const struct hull_compare_options *o,
				    struct hull_comparison *out, struct hull_err *e);
HULL_CHECKED int hull_compare_units(const struct hull_side *old, const struct hull_side *now,
				    struct hull_comparison *out, struct hull_err *e);
HULL_CHECKED int hull_compare_settings(const struct hull_side *old, const struct hull_side *now,
				       struct hull_comparison *out, struct hull_err *e);
