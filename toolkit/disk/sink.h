// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A file that is written forward once and appears under its name when it is complete: through a
 * temporary file next to it, fsync and rename. Uncompressed zeros become holes. Compression is
 * deterministic and does not depend on the number of cores: one zstd frame with a window of 32 MiB
 * (RFC 8878), or one gzip member without name and time (RFC 1952).
 */
struct hull_sink;

enum hull_compression {
	HULL_COMPRESS_NONE,
	HULL_COMPRESS_ZSTD,
	HULL_COMPRESS_GZIP,
	HULL_COMPRESS_XZ
};

HULL_CHECKED struct hull_sink *hull_sink_new(int dirfd, const char *path,
					     enum hull_compression compression, struct hull_err *e);
HULL_CHECKED int hull_sink_write(struct hull_sink *s, const void *p, size_t n, struct hull_err *e);
HULL_CHECKED int hull_sink_zeros(struct hull_sink *s, uint64_t n, struct hull_err *e);
uint64_t hull_sink_offset(const struct hull_sink *s); /* bytes before compression */

/* Nothing more is written: waits until all of it is on the disk. It has no name yet. */
HULL_CHECKED int hull_sink_settle(struct hull_sink *s, struct hull_err *e);

/* Completes the file. After an error, or without this call, nothing appears. */
HULL_CHECKED int hull_sink_finish(struct hull_sink *s, struct hull_err *e);

void hull_sinkp(struct hull_sink **s); /* frees *s and removes the temporary file; NULL is fine */
#define hull_autosink __attribute__((cleanup(hull_sinkp)))
