// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The room disk/: the bytes of a disk and the files that hold them. What is written is laid out
 * first (layout.h), goes through a sink that may compress (sink.h) and into a container
 * (container.h); what is read is this header's, whoever made it.
 */

/*
 * A disk image that is read: raw, VHD (fixed, dynamic), VHDX (fixed, dynamic), qcow2 (not encrypted;
 * clusters may be compressed), and each of them inside zstd, gzip or xz. The file may be hostile: what it
 * claims is checked against its size, and memory does not depend on it. Errors name the file, the
 * structure and its offset. Several threads may read a disk.
 */
struct hull_disk;

/* Recognises the format by its content. What is compressed goes into a file without a name in the
 * directory temp_dirfd. Differencing disks and a VHDX whose log has to be replayed are errors. */
HULL_CHECKED struct hull_disk *hull_disk_open(int dirfd, const char *path, int temp_dirfd,
					      struct hull_err *e);
void hull_disk_free(struct hull_disk *d); /* NULL is fine */

uint64_t hull_disk_size(const struct hull_disk *d);   /* of the virtual disk, in bytes */
uint64_t hull_disk_stored(const struct hull_disk *d); /* of the file, unpacked, without holes */
const char *hull_disk_path(const struct hull_disk *d);
const char *hull_disk_format(const struct hull_disk *d); /* "VHD, dynamic" */

/* Exactly n bytes; a range that does not lie within the disk is an error. */
HULL_CHECKED int hull_disk_read(struct hull_disk *d, uint64_t offset_bytes, void *out, size_t n,
				struct hull_err *e);

/* Whether these bytes are known to be zero without reading them. */
bool hull_disk_is_hole(struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes);

void hull_diskp(struct hull_disk **d);
#define hull_autodisk __attribute__((cleanup(hull_diskp)))
