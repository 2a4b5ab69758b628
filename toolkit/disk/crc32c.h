// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The CRC-32C (RFC 3720, appendix B.4) of what `crc` is that of and of n more bytes; that of
 * nothing is 0. */
uint32_t hull_crc32c(uint32_t crc, const void *p, size_t n);
