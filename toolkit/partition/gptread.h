// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "disk/disk.h"
#include "partition/gpt.h"

/* What the partition table of a disk says; only entries that are used, in the order of the table.
 */
struct hull_gpt {
	struct hull_guid disk;
	struct hull_gpt_partition *v;
	size_t n;
	uint32_t sector_bytes; /* of the disk */
	bool from_backup;      /* the table at the end was read, because that in front is damaged */
	/* What is wrong though the table could be read (the other copy is damaged or says something
	 * else, no protective MBR), or NULL. */
	const char *note;
};

/*
 * Reads the partition table of a disk with sectors of 512 or 4096 bytes: signatures, checksums and
 * places are checked, partitions lie within the usable sectors and do not overlap. Both copies
 * damaged is an error. Partitions are counted in sectors of HULL_SECTOR whatever the disk has.
 */
HULL_CHECKED int hull_gpt_read(struct hull_disk *d, struct hull_arena *a, struct hull_gpt *out,
			       struct hull_err *e);
