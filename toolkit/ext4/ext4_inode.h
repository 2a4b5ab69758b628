// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdint.h>
#include <sys/types.h>

#include "ext4/ext4_space.h"

/* Inodes and extent trees as they stand on disk. */

struct hull_ext4_inode {
	uint32_t ino, links, uid, gid, flags;
	mode_t mode;
	int64_t mtime, time; /* time: of creation, change and access */
	uint64_t size_bytes, blocks, xattr_block;
	uint8_t i_block[EXT2_N_BLOCKS * 4];
	const struct hull_xattr *xattrs;
};

/* What checksums of an inode and its blocks begin with. */
uint32_t hull_ext4_inode_seed(ext2_filsys fs, uint32_t ino);

/* Blocks of the extent tree outside the inode. */
uint64_t hull_ext4_extent_tree_blocks(size_t n_extents);

/* Writes an extent tree: its root into i_block, the rest into the blocks given. */
void hull_ext4_extent_tree_write(ext2_filsys fs, uint32_t ino, const struct hull_ext4_extents *x,
				 const struct hull_ext4_extents *tree_blocks,
				 uint8_t i_block[EXT2_N_BLOCKS * 4]);

/* Writes an inode with its xattrs and their block. */
void hull_ext4_inode_write(ext2_filsys fs, const struct hull_ext4_inode *i);
