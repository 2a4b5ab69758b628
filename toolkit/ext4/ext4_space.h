// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The free blocks of a file system, taken from the front only, so that all of them together are
 * described by the runs between its metadata. */

struct hull_ext4_extent {
	uint64_t pblk;
	uint32_t lblk, n; /* at most 32768 blocks */
};

struct hull_ext4_extents {
	struct hull_ext4_extent *v;
	size_t n, cap;
};

struct hull_ext4_run {
	uint64_t first, n;
};

struct hull_ext4_space {
	struct hull_ext4_run *v;
	size_t n, cap;
	size_t at;	/* the run that is taken from */
	uint64_t taken; /* blocks of it */
	uint64_t free;	/* blocks that are left in all runs */
};

/* From the block bitmap. */
HULL_CHECKED int hull_ext4_space_init(struct hull_ext4_space *s, ext2_filsys fs,
				      struct hull_err *e);
void hull_ext4_space_fini(struct hull_ext4_space *s);

/* Appends extents for n blocks of a file from its block lblk on; false if there are not so many. */
bool hull_ext4_space_take(struct hull_ext4_space *s, uint32_t lblk, uint64_t n,
			  struct hull_ext4_extents *out);

/* Marks what was taken in the block bitmap and the counters of groups and superblock. */
void hull_ext4_space_mark(const struct hull_ext4_space *s, ext2_filsys fs);
