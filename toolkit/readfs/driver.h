// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include "readfs/readfs.h"

/*
 * What a kind of file system has to tell (squashfs.c, erofs.c, xfs.c), and what they have in common
 * (driver.c, fswalk.c for the tree). A driver is called by one thread at a time.
 */

struct readfs_inode {
	mode_t mode;
	uint32_t uid, gid, links, major, minor;
	int64_t mtime;
	uint64_t size_bytes; /* of a regular file or the target of a symlink */
};

/* Told of each name of a directory but "." and "..", and of each extended attribute. */
typedef int (*readfs_take_entry)(void *context, uint64_t inode, const char *name, size_t n,
				 struct hull_err *e);
typedef int (*readfs_take_xattr)(void *context, const char *name, const void *value, size_t n,
				 struct hull_err *e);

struct readfs_driver {
	const char *content; /* as hull_disk_detect calls it */
	int (*open)(struct hull_readfs *f, struct hull_err *e);
	void (*close)(struct hull_readfs *f); /* also after an open that failed */
	int (*inode)(struct hull_readfs *f, uint64_t inode, struct readfs_inode *out,
		     struct hull_err *e);
	int (*entries)(struct hull_readfs *f, uint64_t inode, readfs_take_entry take, void *context,
		       struct hull_err *e);
	int (*xattrs)(struct hull_readfs *f, uint64_t inode, readfs_take_xattr take, void *context,
		      struct hull_err *e);
	/* Bytes within the size that `inode` told, of a file or of the target of a symlink. */
	int (*read)(struct hull_readfs *f, uint64_t inode, uint64_t offset_bytes, void *out,
		    size_t n, struct hull_err *e);
};

extern const struct readfs_driver hull_readfs_squashfs, hull_readfs_erofs, hull_readfs_xfs;

struct hull_readfs {
	const struct readfs_driver *driver;
	struct hull_disk *disk;
	uint64_t offset_bytes, length_bytes;
	struct hull_content_source source; /* of files: their numbers are inodes */
	struct hull_arena arena;
	pthread_mutex_t mutex;
	uint64_t root; /* inode: set by open, with what follows */
	const char *label;
	struct hull_guid uuid;
	const char *note;
	void *state;	  /* of the driver */
	int64_t patience; /* pieces that may still be read of the disk */
};

/* hull_fail with kind and place of the file system in front; returns -1. */
int hull_readfs_bad(const struct hull_readfs *f, struct hull_err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Exactly n bytes at an offset of the file system; `what` is what they belong to. */
HULL_CHECKED int hull_readfs_at(struct hull_readfs *f, uint64_t at, void *out, size_t n,
				const char *what, struct hull_err *e);
