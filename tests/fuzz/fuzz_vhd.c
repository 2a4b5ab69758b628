// SPDX-License-Identifier: MIT
#include "sparse.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fix(int fd, uint64_t at, size_t n, size_t field)
{
	uint8_t b[1024];
	uint32_t sum = 0;

	if (pread(fd, b, n, (off_t)at) != (ssize_t)n)
		return;
	for (size_t i = 0; i < n; i++)
		sum += i >= field && i < field + 4 ? 0 : b[i];
	hull_put_be32(b + field, ~sum);
	hull_assert(pwrite(fd, b, n, (off_t)at) == (ssize_t)n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = NULL;
	struct stat st;

	if (fd < 0)
		return 0;
	hull_assert(fstat(fd, &st) == 0);
	if (data[0] & SPARSE_FIX && st.st_size >= 2048) {
		fix(fd, 512, 1024, 36);
		fix(fd, (uint64_t)st.st_size - 512, 512, 64);
	}
	d = sparse_disk(fd);
	if (d)
		sparse_read(d);
	return 0;
}
