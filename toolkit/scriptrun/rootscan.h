// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/err.h"

/* A path below a root, and what the file system says of it. */
struct hull_scanned {
	const char *path; /* "/etc/passwd" */
	struct stat st;
};

/* In byte order of path. */
struct hull_scan {
	struct hull_arena arena;
	struct hull_scanned *v;
	size_t n, cap;
};

/*
 * All that lies below a directory but /dev, /proc, /run, /sys and /tmp, which are no part of an image.
 * Directories that their owner cannot read are made readable for the moment.
 */
HULL_CHECKED int hull_scan_init(struct hull_scan *s, int dirfd, struct hull_err *e);
void hull_scan_fini(struct hull_scan *s);

/* NULL if there is none. */
const struct hull_scanned *hull_scan_find(const struct hull_scan *s, const char *path);

/* Calls for each path at which the two are not the same inode with the same time of change. */
void hull_scan_differences(const struct hull_scan *before, const struct hull_scan *after,
			   void (*differs)(const char *path, void *ctx), void *ctx);

/* The content of a regular file, and its digest; of one, too, that its owner cannot read. The caller frees. */
struct hull_buf;
HULL_CHECKED int hull_scan_read(int dirfd, const struct hull_scanned *f, struct hull_buf *out,
				char out_sha256[HULL_HEX], struct hull_err *e);
