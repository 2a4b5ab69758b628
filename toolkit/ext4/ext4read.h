// SPDX-License-Identifier: MIT
#pragma once

#include "disk/disk.h"
#include "text/guid.h"
#include "tree/tree.h"

/*
 * An ext2, ext3 or ext4 file system on a disk, read-only, by libext2fs. It may be hostile: what is
 * inconsistent is an error that names the inode or block. A journal that has not been replayed is
 * noted, not replayed. Its tree is read by ext4walk.c.
 */
struct hull_ext4;

/* The file system at an offset of the disk, which has to outlive it. */
HULL_CHECKED struct hull_ext4 *hull_ext4_open(struct hull_disk *d, uint64_t offset_bytes,
					      uint64_t length_bytes, struct hull_err *e);
void hull_ext4_free(struct hull_ext4 *f); /* NULL is fine */

bool hull_ext4_needs_replay(const struct hull_ext4 *f);
const char *hull_ext4_label(const struct hull_ext4 *f);
struct hull_guid hull_ext4_uuid(const struct hull_ext4 *f);
/* What hull_ext4_read_tree left out because it is encrypted, or NULL. */
const char *hull_ext4_note(const struct hull_ext4 *f);

/*
 * Puts all of it below node `top` of a tree: modes, owners, times, links, devices, xattrs. Content
 * of files stays a reference to this file system (hull_content.source), which has to outlive the
 * tree; it may be read by several threads.
 */
HULL_CHECKED int hull_ext4_read_tree(struct hull_ext4 *f, struct hull_tree *t, int top,
				     struct hull_err *e);
