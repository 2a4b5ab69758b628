// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "binary/gobuild.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A program of anybody; all that was read of it is looked at. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hull_content c = {.memory = data ? data : (const uint8_t *)""};
	struct hull_arena arena = {0};
	struct hull_go_build b;
	struct hull_err e;

	if (hull_go_build_read(&c, size, &arena, &b, &e) == 1) {
		volatile size_t n = strlen(b.go) + (b.path ? strlen(b.path) : 0);

		(void)n;
		for (size_t i = 0; i < b.nmodules; i++) {
			const struct hull_go_module *m = &b.modules[i];

			n += strlen(m->path) + strlen(m->version) + (m->sum ? strlen(m->sum) : 0);
			n += m->replaced_path ? strlen(m->replaced_version) : 0;
		}
		hull_assert(!b.has_main || b.nmodules);
	}
	hull_arena_fini(&arena);
	return 0;
}
