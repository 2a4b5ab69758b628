// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/err.h"

/*
 * A Linux kernel for x86 ("The Linux/x86 Boot Protocol", 2.08 and later): a program that unpacks
 * another one.
 *
 * Whether bytes occur in a kernel: in what lies in it as it is, or in what is compressed with zstd, of
 * which no more than half a GiB is looked through. 1 or 0; what is no such kernel is only looked through
 * as it is. -1: the compressed part is damaged or too long.
 */
HULL_CHECKED int hull_bzimage_contains(const void *image, size_t n, const void *bytes,
				       size_t nbytes, struct hull_err *e);
