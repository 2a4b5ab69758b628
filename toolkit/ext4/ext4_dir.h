// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdint.h>

#include "ext4/ext4_plan.h"

/*
 * Directories: one block in order of the tree, or, beyond that, a hashed tree (half MD4) of one or
 * two levels whose leaves are filled in order of the hash.
 */

/* How many blocks a directory takes; one that is too large is an error. */
HULL_CHECKED int hull_ext4_dir_blocks(const struct hull_ext4_plan *p, int node,
				      uint64_t *out_blocks, struct hull_err *e);

/*
 * Writes a planned directory into its blocks, which are zero. `checksum_seed` is that of its inode.
 */
void hull_ext4_dir_write(const struct hull_ext4_plan *p, size_t item, uint8_t *const *blocks,
			 size_t n_blocks, uint32_t checksum_seed);
