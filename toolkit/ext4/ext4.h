// SPDX-License-Identifier: MIT
#pragma once

#include "disk/layout.h"
#include "ext4/ext4_options.h"
#include "tree/tree.h"

/*
 * The room ext4/: ext4 file systems, made from a tree in memory without a mount (ext4.h, ext4_*.h)
 * and read into one from a disk (ext4read.h).
 */

/*
 * ext4 by libext2fs: blocks of 4096 bytes, inodes of 256, extents, flex_bg, 64bit, metadata_csum,
 * dir_index (hashed directories beyond one block), a journal, room to grow online (resize_inode).
 * Files lie contiguous, in order of the tree. Nothing is left for the kernel to initialise.
 */

/*
 * The smallest size in whole MiB that holds the tree below `top` and `head_room_bytes` more of
 * data. `mounts` (n nodes) are directories below top where other file systems are mounted: they
 * appear empty.
 */
HULL_CHECKED int hull_ext4_min_bytes(const struct hull_tree *t, int top, const int *mounts,
				     size_t n, uint64_t head_room_bytes,
				     const struct hull_ext4_options *o, uint64_t *out_bytes,
				     struct hull_err *e);

/*
 * Adds the file system with the tree below top at an offset of the layout. Metadata goes into the
 * layout's memory, content of files stays a reference. Holes of stored files stay holes. Errors: it
 * does not fit (what is needed and there is), an xattr that is too large, too many links.
 */
HULL_CHECKED int hull_ext4_add(struct hull_layout *l, uint64_t offset_bytes,
			       const struct hull_tree *t, int top, const int *mounts, size_t n,
			       const struct hull_ext4_options *o, struct hull_err *e);
