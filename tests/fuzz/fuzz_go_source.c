// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "source/gofile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hull_go_target target = {.arch = "amd64", .cgo = true};
	struct hull_go_file f = {.name = "a_linux.go"};
	struct hull_arena a = {0};

	if (hull_go_file_parse((const char *)data, size, &a, &f))
		hull_go_file_matches(&f, &target);
	hull_arena_fini(&a);
	return 0;
}
