// SPDX-License-Identifier: MIT
#pragma once

#include "disk/layout.h"

/*
 * The room fat/: FAT32 file systems for the EFI system partition, written (fat.h) and read
 * (fatread.h).
 */

/* FAT32 ("Microsoft Extensible Firmware Initiative FAT32 File System Specification", 1.03). */

struct hull_fat_file {
	const char
		*path; /* "EFI/BOOT/BOOTX64.EFI"; directories are made as needed; long names work */
	struct hull_content content;
	uint64_t size_bytes;
};

struct hull_fat_options {
	uint64_t size_bytes; /* of the file system: a multiple of the sector, at least
				hull_fat_min_bytes */
	uint32_t serial;
	const char *label; /* at most 11 characters, upper case */
	int64_t time;	   /* of every file, in seconds since 1970 (before 1980 becomes 1980) */
};

/* The smallest file system of whole MiB that holds these files. */
uint64_t hull_fat_min_bytes(const struct hull_fat_file *files, size_t n);

/*
 * Adds a file system at an offset of the layout; files lie contiguous, in the given order. Errors:
 * it does not fit (bytes needed and there), a name that FAT cannot have, a path twice.
 */
HULL_CHECKED int hull_fat_add(struct hull_layout *l, uint64_t offset_bytes,
			      const struct hull_fat_options *o, const struct hull_fat_file *files,
			      size_t n, struct hull_err *e);
