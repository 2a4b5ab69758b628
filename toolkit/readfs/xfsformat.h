// SPDX-License-Identifier: MIT
#pragma once

#include "readfs/driver.h"

/*
 * What the files of XFS share: xfs.c has inodes, extents and content, xfsdir.c directories and
 * extended attributes. After "XFS Algorithms & Data Structures", 3rd edition; numbers are big-endian.
 */

enum {
	XFS_SUPER_BYTES = 264,
	XFS_MAX_INODE = 2048,
	XFS_EXTENT_BYTES = 16,
	XFS_MAX_EXTENTS = 1 << 20, /* of one file */

	/* formats of a fork */
	XFS_LOCAL = 1,
	XFS_EXTENTS = 2,
	XFS_BTREE = 3,
};

struct xfs_extent {
	uint64_t offset, block, count; /* in blocks: of the file, of the file system */
	bool unwritten;
};

struct xfs_extents {
	struct xfs_extent *v;
	size_t n, cap;
};

struct xfs {
	bool v5, has_type, large_counts;
	unsigned int block_log, inode_log, inopb_log, ag_log, dir_log;
	uint32_t ag_blocks, ags;
	uint8_t *block; /* of a directory */
	struct {
		uint64_t number;
		struct xfs_extent *extents; /* NULL: none was read yet */
		size_t n;
	} last; /* the file that was read last */
};

struct xfs_inode {
	uint64_t number, size;
	size_t bytes, core, fork; /* of the inode, its core, its data fork */
	unsigned int format;
	uint8_t b[XFS_MAX_INODE];
};

struct xfs_fork {
	unsigned int format;
	const uint8_t *p;
	size_t bytes;
	uint64_t count; /* of extents */
};

HULL_CHECKED int hull_xfs_inode(struct hull_readfs *f, uint64_t inode, struct xfs_inode *out,
				struct hull_err *e);
struct xfs_fork hull_xfs_data_fork(const struct hull_readfs *f, const struct xfs_inode *i);

/* Appends the extents of a fork that has some, in order; the caller frees out->v, also after an
 * error. */
HULL_CHECKED int hull_xfs_extents(struct hull_readfs *f, const struct xfs_fork *fork,
				  struct xfs_extents *out, struct hull_err *e);

/* Bytes of what the extents have; others are zeros. */
HULL_CHECKED int hull_xfs_read(struct hull_readfs *f, const struct xfs_extents *v, uint64_t offset,
			       void *out, size_t n, struct hull_err *e);

/* (xfsdir.c) For the driver. */
HULL_CHECKED int hull_xfs_entries(struct hull_readfs *f, uint64_t inode, readfs_take_entry take,
				  void *context, struct hull_err *e);
HULL_CHECKED int hull_xfs_xattrs(struct hull_readfs *f, uint64_t inode, readfs_take_xattr take,
				 void *context, struct hull_err *e);
