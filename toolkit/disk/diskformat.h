// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What the readers of disk formats have in common (qcow2read.c, vhdread.c, vhdxread.c, and
 * decompress.c for what they are in); disk.h is what others use.
 */

struct hull_disk_file {
	int fd;
	const char *path; /* for errors */
	uint64_t size_bytes;
};

/* Bytes of the disk that follow each other in the file, or are a hole. */
struct hull_disk_run {
	uint64_t length_bytes; /* at least 1 */
	bool hole;
	uint64_t file_offset; /* of the first, if it is no hole */
	const uint8_t *bytes; /* the bytes themselves if they are not in the file as such, until the
				 next call; else NULL */
};

struct hull_disk_format {
	const char *name;
	/* The run at an offset, which is below the size of the disk; it may reach beyond its end.
	 */
	int (*map)(void *state, uint64_t offset_bytes, struct hull_disk_run *out,
		   struct hull_err *e);
};

/* What opening a file in a format gives. */
struct hull_disk_opened {
	const struct hull_disk_format *format;
	uint64_t size_bytes;
	void *state;		    /* heap, one piece */
	void (*close)(void *state); /* frees what else it has, or NULL */
};

HULL_CHECKED int hull_vhd_open(const struct hull_disk_file *f, struct hull_disk_opened *out,
			       struct hull_err *e);
HULL_CHECKED int hull_vhdx_open(const struct hull_disk_file *f, struct hull_disk_opened *out,
				struct hull_err *e);
HULL_CHECKED int hull_qcow2_open(const struct hull_disk_file *f, struct hull_disk_opened *out,
				 struct hull_err *e);

/* Whether the file has the footer of a fixed VHD, which is all that tells it from a raw disk. */
bool hull_vhd_has_footer(const struct hull_disk_file *f);

/* The run of data at an offset of the file which stands for as much of the disk. */
void hull_disk_file_run(const struct hull_disk_file *f, uint64_t offset_bytes,
			uint64_t length_bytes, struct hull_disk_run *out);

/* Exactly n bytes at an offset of the file; `what` is the structure that they belong to. */
HULL_CHECKED int hull_disk_file_read(const struct hull_disk_file *f, uint64_t offset_bytes,
				     void *out, size_t n, const char *what, struct hull_err *e);

/* An error unless the file has these bytes. */
HULL_CHECKED int hull_disk_file_has(const struct hull_disk_file *f, uint64_t offset_bytes,
				    uint64_t length_bytes, const char *what, struct hull_err *e);

/* A window on a table that is too large to keep. */
struct hull_disk_window {
	uint64_t offset_bytes;
	size_t n;
	uint8_t b[4096];
};

/* The n bytes (or more: *out_n, if it is not NULL) at an offset of the file; NULL with e set. */
HULL_CHECKED const uint8_t *hull_disk_window_get(struct hull_disk_window *w,
						 const struct hull_disk_file *f,
						 uint64_t offset_bytes, size_t n, size_t *out_n,
						 const char *what, struct hull_err *e);

enum hull_disk_compression { HULL_DISK_PLAIN, HULL_DISK_ZSTD, HULL_DISK_GZIP, HULL_DISK_XZ };

enum hull_disk_compression hull_disk_compression_of(const uint8_t magic[8]);

/* A descriptor of a file without a name that holds what the compressed file holds; -1 with e set.
 */
HULL_CHECKED int hull_disk_decompress(const struct hull_disk_file *f, enum hull_disk_compression c,
				      int temp_dirfd, struct hull_err *e);

/* A file that people take for a disk and that is not read: what it is, and what makes a disk of it. NULL for all
 * else: detect.c. */
const char *hull_disk_foreign(const struct hull_disk_file *f);
