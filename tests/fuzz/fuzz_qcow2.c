// SPDX-License-Identifier: MIT
#include "sparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = fd < 0 ? NULL : sparse_disk(fd);

	if (d)
		sparse_read(d);
	return 0;
}
