// SPDX-License-Identifier: MIT
#include "sparse.h"

#include <string.h>

#include "fat/fatread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Files may claim 4 GiB: a little of all of them is enough. */
static int take(void *arg, const void *p, size_t n, struct hull_err *e)
{
	uint64_t *left = arg;

	(void)p;
	if (*left < n)
		return hull_fail(e, HULL_FAILED, "enough");
	*left -= n;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofd int fd = sparse_open(data, size);
	hull_autodisk struct hull_disk *d = fd < 0 ? NULL : sparse_disk(fd);
	uint64_t left = 4 * 1024 * 1024;
	struct hull_fat f;
	struct hull_err e;

	if (!d || hull_fat_open(&f, d, 0, hull_disk_size(d), &e) < 0)
		return 0;
	for (size_t i = 1; i < f.n && i < 1000; i++) {
		hull_assert(f.v[i].parent < i && f.v[f.v[i].parent].directory);
		if (!f.v[i].directory)
			hull_ignore(hull_fat_read(&f, i, take, &left, &e));
	}
	hull_fat_fini(&f);
	return 0;
}
