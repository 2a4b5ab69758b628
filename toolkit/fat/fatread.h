// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "disk/disk.h"

/*
 * FAT12, FAT16 and FAT32 on a disk, read-only. Everything is listed when it is opened: at most
 * a million files, and directories together no larger than the file system, so that loops end. A
 * chain of clusters that ends early or leaves the file system is an error that names the path.
 */

enum { HULL_FAT_ROOT = 0 };

struct hull_fat_node {
	size_t parent; /* index; that of the root is the root */
	const char *name;
	bool directory;
	uint32_t size_bytes; /* of a file */
	uint32_t first_cluster;
	int64_t mtime; /* taken as UTC */
};

struct hull_fat {
	struct hull_disk *disk;
	uint64_t offset_bytes; /* of the file system on the disk */
	int bits;	       /* 12, 16 or 32 */
	uint32_t serial;
	char label
		[12]; /* from the root directory, else the boot sector; without spaces at the end */
	struct hull_fat_node
		*v; /* node 0 is the root directory; a directory comes before what it holds */
	size_t n;
	uint64_t size_bytes; /* of the file system */

	/* For the reader itself. */
	struct hull_arena arena;
	size_t cap;
	uint64_t fat_offset, root_offset, data_offset;
	uint32_t cluster_bytes, clusters, root_cluster, root_entries;
	uint64_t directory_clusters; /* that were read so far */
	uint8_t window[4096];	     /* of the FAT */
	uint64_t window_offset;
	size_t window_n;
};

/* The file system at an offset of the disk, which has to outlive it. */
HULL_CHECKED int hull_fat_open(struct hull_fat *f, struct hull_disk *d, uint64_t offset_bytes,
			       uint64_t length_bytes, struct hull_err *e);
void hull_fat_fini(struct hull_fat *f);

/* The content of a file, a piece at a time in order; stops with a result below 0 from `take`. */
typedef int hull_fat_take(void *arg, const void *p, size_t n, struct hull_err *e);
HULL_CHECKED int hull_fat_read(struct hull_fat *f, size_t node, hull_fat_take *take, void *arg,
			       struct hull_err *e);
