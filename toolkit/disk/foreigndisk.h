// SPDX-License-Identifier: MIT
#pragma once

#include "disk/diskformat.h"

/* A file that people take for a disk and that is not read: what it is, and what makes a disk of it. NULL for all
 * else. */
const char *hull_disk_foreign(const struct hull_disk_file *f);
