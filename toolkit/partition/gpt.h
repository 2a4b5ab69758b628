// SPDX-License-Identifier: MIT
#pragma once

#include "disk/layout.h"
#include "text/guid.h"

/* GUID partition table (UEFI specification 2.10, section 5), sectors of 512 bytes. */

enum {
	HULL_SECTOR = 512,
	HULL_GPT_FIRST_LBA = 34,      /* the first that a partition may use */
	HULL_GPT_RESERVED_END = 33,   /* sectors at the end of the disk that belong to the table */
	HULL_GPT_MAX_PARTITIONS = 128 /* entries in the table */
};

struct hull_gpt_partition {
	struct hull_guid type, id;
	uint64_t first_lba, last_lba; /* both inclusive */
	uint64_t attributes;
	const char *name; /* UTF-8; at most 36 UTF-16 units */
};

/* Partition types by the names of the Discoverable Partitions Specification that Hull uses: "esp",
 * "xbootldr", "linux-generic", "root", "root-verity", "usr", "usr-verity", "var", "home", "srv",
 * "swap", "tmp"; those that differ by architecture for `arch`. false if there is none. */
bool hull_gpt_type(const char *name, const char *arch, struct hull_guid *out);

/*
 * Adds protective MBR, table and backup to a layout whose size is set. Partitions that overlap, lie
 * outside the usable sectors, share an id, or whose name is too long are errors that name them.
 */
HULL_CHECKED int hull_gpt_add(struct hull_layout *l, const struct hull_guid *disk,
			      const struct hull_gpt_partition *partitions, size_t n,
			      struct hull_err *e);
