// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "system/kernelconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An expression, its end, and a kernel configuration to ask it of. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autofree char *text = hull_strndup((const char *)data, size);
	size_t n = strlen(text);
	struct hull_kernel_config k;

	if (n == size)
		return 0;
	if (hull_kernel_config_init((const char *)data + n + 1, size - n - 1, &k, NULL) < 0)
		return 0;
	for (size_t i = 1; i < k.n; i++)
		hull_assert(strcmp(k.v[i - 1].name, k.v[i].name) <= 0);
	hull_assert(!strcmp(hull_kernel_config_value(&k, "NEVER_HEARD_OF"), "n") ||
		    memmem(data, size, "NEVER_HEARD_OF", 14));
	hull_kernel_config_holds(&k, text);
	hull_kernel_config_fini(&k);
	return 0;
}
