// SPDX-License-Identifier: MIT
#pragma once

#include "disk/layout.h"
#include "text/guid.h"
#include "tree/tree.h"

/*
 * ext4 by libext2fs: blocks of 4096 bytes, inodes of 256, extents, flex_bg, 64bit, metadata_csum,
 * dir_index (hashed directories beyond one block), a journal, room to grow online (resize_inode).
 * Files lie contiguous, in order of the tree. Nothing is left for the kernel to initialise.
 */

struct hull_ext4_options {
	uint64_t size_bytes; /* a multiple of 4096 */
	struct hull_guid uuid, hash_seed;
	const char *label;	/* at most 16 bytes, or NULL */
	const char *mount;	/* where it is mounted last, for the superblock, or NULL */
	int64_t time;		/* of the file system, and of nodes whose time is later */
	uint64_t journal_bytes; /* 0: by size, as mke2fs does */
	uint64_t spare_inodes;	/* at least so many are free */
	bool read_only; /* no journal, the read-only compatible flag "shared_blocks" not set */
};

/*
 * The smallest size in whole MiB that holds the tree below `top` and `head_room_bytes` more of
 * data. `mounts` (n nodes) are directories below top where other file systems are mounted: they
 * appear empty.
 */
int hull_ext4_min_bytes(const struct hull_tree *t, int top, const int *mounts, size_t n,
			uint64_t head_room_bytes, const struct hull_ext4_options *o,
			uint64_t *out_bytes, struct hull_err *e);

/*
 * Adds the file system with the tree below top at an offset of the layout. Metadata goes into the
 * layout's memory, content of files stays a reference. Holes of stored files stay holes. Errors: it
 * does not fit (what is needed and there is), an xattr that is too large, too many links.
 */
int hull_ext4_add(struct hull_layout *l, uint64_t offset_bytes, const struct hull_tree *t, int top,
		  const int *mounts, size_t n, const struct hull_ext4_options *o,
		  struct hull_err *e);
