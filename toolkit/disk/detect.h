// SPDX-License-Identifier: MIT
#pragma once

#include "disk/disk.h"

/* What is at a place of a disk, by its magic numbers, as people call it ("ext4" for ext2, ext3 and
 * ext4, "FAT", "LVM2 physical volume"); NULL if it is not known. */
const char *hull_disk_detect(struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes);
