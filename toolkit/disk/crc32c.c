// SPDX-License-Identifier: MIT
#include "disk/crc32c.h"

uint32_t hull_crc32c(uint32_t crc, const void *p, size_t n)
{
	static const uint32_t polynomial = 0x82f63b78; /* reflected */
	const uint8_t *b = p;
	uint32_t table[256];

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
	}
	crc = ~crc;
	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ table[(crc ^ b[i]) & 0xff];
	return ~crc;
}
