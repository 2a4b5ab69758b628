// SPDX-License-Identifier: MIT
#include <string.h>

#include "binary/hardening.h"
#include "binary/linking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A program, library, object or kernel module. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_content c = {.memory = size ? data : (const void *)""};
	struct hull_elf_hardening h;
	struct hull_elf_linking l;
	struct hull_arena a = {0};
	struct hull_err e;

	if (hull_elf_harden(&c, size, &a, &h, &e) == 0 && h.rpath)
		hull_assert(strlen(h.rpath) < size);
	if (hull_elf_linking_read(&c, size, &a, &l, &e) > 0)
		for (size_t i = 0; l.needed[i]; i++)
			hull_assert(strlen(l.needed[i]) < size);
	hull_arena_fini(&a);
	return 0;
}
