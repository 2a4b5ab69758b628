// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/disk.h"
#include "disk/diskformat.h"

/*
 * Disks in few bytes: flags (1 byte; bit 0: checksums are fixed, which would keep a fuzzer out),
 * size of the file in units of 512 bytes (le24), then pieces: offset in units of 16 bytes (le24),
 * length (le16), bytes.
 */
enum { SPARSE_FIX = 1, SPARSE_FRONT = 4, SPARSE_PIECE = 5, SPARSE_UNIT = 512 };

static inline uint32_t sparse_le24(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

/* A file without a name, or -1 if the input is too short. */
static inline int sparse_open(const uint8_t *data, size_t size)
{
	int fd;

	if (size < SPARSE_FRONT)
		return -1;
	fd = memfd_create("disk", MFD_CLOEXEC);
	hull_assert(fd >= 0);
	hull_assert(ftruncate(fd, (off_t)sparse_le24(data + 1) * SPARSE_UNIT) == 0);
	data += SPARSE_FRONT;
	size -= SPARSE_FRONT;
	while (size > SPARSE_PIECE) {
		off_t at = (off_t)sparse_le24(data) * 16;
		size_t n = hull_get_le16(data + 3);

		data += SPARSE_PIECE;
		size -= SPARSE_PIECE;
		n = n < size ? n : size;
		hull_assert(pwrite(fd, data, n, at) == (ssize_t)n);
		data += n;
		size -= n;
	}
	return fd;
}

static inline struct hull_disk *sparse_disk(int fd)
{
	uint8_t magic[8];
	char path[64];
	struct hull_err e;

	/* What little is compressed may become much, which takes long and shows nothing. */
	if (pread(fd, magic, sizeof magic, 0) == sizeof magic &&
	    hull_disk_compression_of(magic) != HULL_DISK_PLAIN && lseek(fd, 0, SEEK_END) > 4096)
		return NULL;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return hull_disk_open(AT_FDCWD, path, AT_FDCWD, &e);
}

/* Both ends of the disk and places between. */
static inline void sparse_read(struct hull_disk *d)
{
	enum { PIECE = 5000, PLACES = 40 };
	static uint8_t buf[PIECE];
	uint64_t size = hull_disk_size(d), step = size / PLACES + 1;
	struct hull_err e;

	for (uint64_t at = 0; at < size && size - at > PIECE; at += step)
		if (hull_disk_read(d, at, buf, PIECE, &e) == 0 && hull_disk_is_hole(d, at, PIECE))
			for (size_t i = 0; i < PIECE; i++)
				hull_assert(!buf[i]);
	if (size)
		hull_ignore(hull_disk_read(d, size - 1, buf, 1, &e));
}
