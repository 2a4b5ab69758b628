// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "text/guid.h"

/* What is told about a file system that is written. */
struct hull_ext4_options {
	uint64_t size_bytes; /* a multiple of 4096 */
	struct hull_guid uuid, hash_seed;
	const char *label;	/* at most 16 bytes, or NULL */
	const char *mount;	/* where it is mounted last, for the superblock, or NULL */
	int64_t time;		/* of the file system, and of nodes whose time is later */
	uint64_t journal_bytes; /* 0: by size, as mke2fs does */
	uint64_t spare_inodes;	/* at least so many are free */
	bool read_only; /* no journal, the read-only compatible flag "shared_blocks" not set */
};
