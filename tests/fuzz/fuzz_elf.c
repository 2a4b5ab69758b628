// SPDX-License-Identifier: MIT
#include <string.h>

#include "binary/hardening.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_content c = {.memory = size ? data : (const void *)""};
	struct hull_elf_hardening h;
	struct hull_arena a = {0};
	struct hull_err e;

	if (hull_elf_harden(&c, size, &a, &h, &e) == 0 && h.rpath)
		hull_assert(strlen(h.rpath) < size);
	hull_arena_fini(&a);
	return 0;
}
