// SPDX-License-Identifier: MIT
#include "sparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* CRC-32C of a structure that has it behind its signature. */
static void fix(int fd, off_t at, size_t n)
{
	static uint32_t table[256];
	static uint8_t b[64 * 1024];
	uint32_t crc = UINT32_MAX;

	if (pread(fd, b, n, at) != (ssize_t)n)
		return;
	for (uint32_t i = 0; i < 256 && !table[255]; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
		table[i] = c;
	}
	hull_put_le32(b + 4, 0);
	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ table[(crc ^ b[i]) & 0xff];
	hull_put_le32(b + 4, ~crc);
	hull_assert(pwrite(fd, b, n, at) == (ssize_t)n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { KIB = 1024 };
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = NULL;

	if (fd < 0)
		return 0;
	if (data[0] & SPARSE_FIX) {
		fix(fd, 64 * KIB, 4 * KIB);
		fix(fd, 128 * KIB, 4 * KIB);
		fix(fd, 192 * KIB, 64 * KIB);
		fix(fd, 256 * KIB, 64 * KIB);
	}
	d = sparse_disk(fd);
	if (d)
		sparse_read(d);
	return 0;
}
