// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdbool.h>
#include <stdint.h>

#include "tree/tree.h"

/*
 * Extended attributes in ext4's form: in the 96 bytes behind an inode's fields as far as they fit,
 * the others in one block. POSIX ACLs come in the form of getxattr(2) and are stored in ext4's own.
 */

/* Whether a block is needed; attributes that do not fit, or that ext4 has no prefix for, are an
 * error. */
HULL_CHECKED int hull_ext4_xattr_measure(const struct hull_xattr *list, bool *out_block,
					 struct hull_err *e);

/* Writes a list that was measured: the rest of the inode behind its fields, and the block (or NULL)
 * at block_number, with its checksum. */
void hull_ext4_xattr_write(const struct hull_xattr *list, uint8_t inode_rest[96], uint8_t *block,
			   uint64_t block_number, uint32_t checksum_seed);
