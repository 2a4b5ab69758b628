// SPDX-License-Identifier: MIT
#include "inventory.h"

#include "vulnerability/oval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_hits hits = {0};
	struct hull_err e;

	if (hull_oval_read((const char *)data, size, "x.xml", fuzz_inventory(), &hits, &e) == 0)
		hull_hits_settle(&hits);
	hull_hits_fini(&hits);
	return 0;
}
