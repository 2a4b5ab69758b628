// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What the "Virtual Hard Disk Image Format Specification", 1.0, says of a file. */

enum {
	HULL_VHD_SECTOR = 512,
	HULL_VHD_FOOTER_BYTES = 512,
	HULL_VHD_FOOTER_SUM = 64, /* where its checksum is */
	HULL_VHD_HEADER_BYTES = 1024,
	HULL_VHD_HEADER_SUM = 36,
	HULL_VHD_FIXED = 2, /* types of disks */
	HULL_VHD_DYNAMIC = 3,
	HULL_VHD_DIFFERENCING = 4,
	HULL_VHD_MAJOR_VERSION = 1,
};
#define HULL_VHD_FOOTER	  "conectix"
#define HULL_VHD_HEADER	  "cxsparse"
#define HULL_VHD_NO_BLOCK UINT32_MAX /* in the table: there is none */

/* The complement of the sum of all bytes, those of the checksum at `at` left out. */
static inline uint32_t hull_vhd_checksum(const uint8_t *p, size_t n, size_t at)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (i < at || i >= at + 4)
			sum += p[i];
	return ~sum;
}
