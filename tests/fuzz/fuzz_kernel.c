// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "binary/bzimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What to look for, after its length in a byte, and the kernel to look through. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t nbytes = size ? *data : 0;
	const uint8_t *kernel = data + 1 + nbytes;

	if (!nbytes || size < 1 + nbytes)
		return 0;
	size -= 1 + nbytes;
	if (hull_bzimage_contains(kernel, size, data + 1, nbytes, NULL) == 0)
		hull_assert(!memmem(kernel, size, data + 1, nbytes));
	return 0;
}
