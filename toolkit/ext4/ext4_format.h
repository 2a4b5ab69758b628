// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "ext4/ext4_options.h"

/* An empty file system in memory, without its root directory, and its completion. */

struct hull_ext4_format {
	uint64_t size_bytes;
	uint64_t data_bytes;
	uint32_t used_inodes; /* the tables have memory for them, contiguous in each group */
	const struct hull_ext4_options *o;
	struct hull_arena *arena; /* for its blocks */
};

/* libext2fs' answer as an error; -1. */
int hull_ext4_fail(struct hull_err *e, errcode_t rc, const char *what);

/* Blocks of the journal, 0 if there is none. */
uint64_t hull_ext4_journal_blocks(const struct hull_ext4_options *o, uint64_t size_bytes);

/* *out_fs is NULL with success if the size does not even hold the inodes. */
HULL_CHECKED int hull_ext4_format(const struct hull_ext4_format *f, ext2_filsys *out_fs,
				  struct hull_err *e);

/* Where an inode is. */
uint8_t *hull_ext4_inode_at(ext2_filsys fs, uint32_t ino);

/* Counters of groups, then bitmaps, descriptors, superblock and its copies. */
HULL_CHECKED int hull_ext4_finish(ext2_filsys fs, struct hull_err *e);
