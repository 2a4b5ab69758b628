// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>

#include "base/mem.h"
#include "ext4/ext4device.h"
#include "tree/content.h"

/*
 * The inside of a file system that is read: ext4read.c opens one and reads its files, ext4walk.c
 * its tree.
 */

struct hull_ext4 {
	struct hull_ext4_device device;
	ext2_filsys fs;
	struct hull_content_source source; /* of files: their numbers are inodes */
	struct hull_arena arena;
	const char *note;
	char label[17];

	pthread_mutex_t mutex; /* of all that libext2fs does */

	/* the file that was read last: reads of one follow each other */
	ext2_ino_t ino; /* or 0 */
	struct ext2_inode inode;
	ext2_extent_handle_t extents; /* NULL if it has a block map */
};

enum {
	HULL_EXT4_OPEN_PATIENCE = 1 << 20,
	HULL_EXT4_READ_PATIENCE = 1 << 16, /* for one piece of a file */
};

/* hull_fail with the place of the file system in front and the reason for a code of libext2fs
 * behind (0: none); returns -1. */
int hull_ext4_bad(const struct hull_ext4 *f, errcode_t code, struct hull_err *e, const char *fmt,
		  ...) __attribute__((format(printf, 4, 5)));

/* Bytes of an inode's content, inline or not; the mutex is held. */
HULL_CHECKED int hull_ext4_read_inode(struct hull_ext4 *f, ext2_ino_t ino, uint64_t offset_bytes,
				      void *out, size_t n, struct hull_err *e);
