// SPDX-License-Identifier: MIT
#include "memfile.h"
#include "sparse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A disk in zstd or gzip. What little is compressed may become much. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MAX_BYTES = 4096 };
	struct memfile file = memfile(data, size < MAX_BYTES ? size : MAX_BYTES);
	struct hull_disk *d = hull_disk_open(AT_FDCWD, file.path, AT_FDCWD, NULL);

	if (d)
		sparse_read(d);
	hull_disk_free(d);
	close(file.fd);
	return 0;
}
