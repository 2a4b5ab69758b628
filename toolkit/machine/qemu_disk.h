// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "machine/machine.h"

/* The disk of a machine, for qemu.c. */

struct hull_qemu_disk {
	int image, overlay; /* open as long as the machine runs, or -1 */
};

/*
 * Opens the image, decompresses it if it is compressed, makes a file for what the machine writes,
 * and adds the options for both to argv. The files that are made have no names.
 */
HULL_CHECKED int hull_qemu_disk_open(const struct hull_qemu *q, struct hull_qemu_disk *out,
				     struct hull_strv *argv, struct hull_err *e);
void hull_qemu_disk_close(struct hull_qemu_disk *d);
