// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "binary/pe.h"
#include "binary/uki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A program to read sections of, and a stub to add sections to: what was added is read back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char kernel[100] = "MZ";
	struct hull_uki u = {.stub = data,
			     .stub_bytes = size,
			     .kernel = kernel,
			     .kernel_bytes = sizeof kernel,
			     .command_line = "ro",
			     .os_release = "ID=x\n"};
	hull_autobuf struct hull_buf uki = {0};
	volatile uint8_t last;
	struct hull_err e;
	const void *p;
	size_t n;

	if (hull_pe_section(data, size, ".text", &p, &n, &e) == 0 && n)
		last = ((const uint8_t *)p)[n - 1];
	(void)last;
	if (hull_uki_make(&u, &uki, &e) == 0) {
		hull_assert(hull_pe_section(uki.p, uki.n, ".linux", &p, &n, &e) == 0);
		hull_assert(n == sizeof kernel && !memcmp(p, kernel, n));
	}
	return 0;
}
