// SPDX-License-Identifier: MIT
#pragma once

#include <ext2fs/ext2fs.h>
#include <stdint.h>

#include "disk/disk.h"

/*
 * Part of a disk as libext2fs reads it, in large pieces that are kept for a while. Used by one
 * thread at a time.
 */

enum {
	HULL_EXT4_PIECE = 16 * 1024,
	HULL_EXT4_PIECES = 512, /* that are kept */
};

struct hull_ext4_piece;

struct hull_ext4_device {
	struct hull_disk *disk;
	uint64_t offset_bytes, length_bytes;
	/* How often libext2fs may read: what is corrupt could make it go in circles. */
	uint64_t patience;
	struct hull_err failure; /* of the last read that failed */
	struct hull_ext4_piece *pieces[HULL_EXT4_PIECES];
};

/* As reads fail, with the reason in `failure`. */
enum { HULL_EXT4_NOT_READ = EIO };

/* Opens a file system on a device, read-only. */
errcode_t hull_ext4_device_open(struct hull_ext4_device *d, ext2_filsys *out);
void hull_ext4_device_fini(struct hull_ext4_device *d);
