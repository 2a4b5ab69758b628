// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

/*
 * Where bytes come from: memory, or a file that is opened when they are needed. Nothing is owned:
 * memory and path have to outlive whoever holds the reference.
 */
struct hull_content {
	const void *memory; /* used if it is not NULL */
	int dirfd;	    /* else the file `path` relative to this descriptor */
	const char *path;
	uint64_t offset_bytes; /* of the first byte in memory or file */
};
