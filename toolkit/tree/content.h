// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Files that are read by calling somebody, such as those of a file system in an image. */
struct hull_content_source {
	/* Exactly n bytes of the file `id`, -1 with e set. Several threads may call it. */
	int (*read)(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
		    struct hull_err *e);
	void *context;
};

/*
 * Where bytes come from: memory, a source, or a file that is opened when they are needed. Nothing
 * is owned: memory, source and path have to outlive whoever holds the reference.
 */
struct hull_content {
	const void *memory; /* used if it is not NULL */
	const struct hull_content_source
		*source; /* else the file `id` of this, if it is not NULL */
	uint64_t id;
	int dirfd; /* else the file `path` relative to this descriptor */
	const char *path;
	uint64_t offset_bytes; /* of the first byte in memory or file */
	const char *sha256;    /* of the whole file `path`, if it is known; else NULL */
};

/* Files that are open: `id` is the descriptor. */
extern const struct hull_content_source hull_content_open;

/* Exactly n bytes from an offset on. Several threads may read. */
HULL_CHECKED int hull_content_read(const struct hull_content *c, uint64_t offset_bytes, void *out,
				   size_t n, struct hull_err *e);

/* The same of content that is a file, which is open already. */
HULL_CHECKED int hull_content_read_fd(int fd, const struct hull_content *c, uint64_t offset_bytes,
				      void *out, size_t n, struct hull_err *e);

/* Reads a file whose SHA-256 is known as a whole; an error names what it has instead. Of all other content
 * nothing is known, and it is fine. */
HULL_CHECKED int hull_content_check(const struct hull_content *c, struct hull_err *e);
