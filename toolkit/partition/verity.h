// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "disk/layout.h"
#include "text/guid.h"

/*
 * dm-verity (kernel documentation, admin-guide/device-mapper/verity): format 1, SHA-256, data and
 * hash blocks of 4096 bytes, with the superblock that veritysetup writes.
 */

struct hull_verity_options {
	uint64_t data_offset_bytes, data_bytes; /* what is hashed; whole blocks */
	uint64_t hash_offset_bytes,
		hash_bytes; /* where superblock and tree go, and the room there */
	struct hull_guid uuid;
	uint8_t salt[32];
	int threads; /* the result does not depend on it */
};

/* Bytes that superblock and tree of so much data take; whole blocks. */
uint64_t hull_verity_bytes(uint64_t data_bytes);

/*
 * Hashes the data area of a sealed layout and adds the tree to it (the layout is sealed again).
 * Gives the root hash in hex.
 */
HULL_CHECKED int hull_verity_add(struct hull_layout *l, const struct hull_verity_options *o,
				 char out_root[HULL_HEX], struct hull_err *e);
