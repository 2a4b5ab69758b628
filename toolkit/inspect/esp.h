// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* Reads the FAT at a place of the disk into s->esp, and from the kernel on it command line and
 * version. */
HULL_CHECKED int hull_esp_read(struct hull_system *s, uint64_t offset_bytes, uint64_t length_bytes,
			       struct hull_err *e);
