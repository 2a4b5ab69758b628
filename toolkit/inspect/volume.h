// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* The partitions of a system's disk, as its tree is put together from them: for imagefile.c. */

/*
 * Reads the partition table of s->disk, or, if there is none, a file system on the bare disk. Fills
 * the tree from the partition that has the root, with the others of ext4 below it where /etc/fstab
 * or their types put them, and s->esp from the EFI system partition.
 */
HULL_CHECKED int hull_volumes_read(struct hull_system *s, struct hull_err *e);
