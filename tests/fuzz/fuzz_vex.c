// SPDX-License-Identifier: MIT
#include "inventory.h"

#include "vulnerability/vex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hull_inventory *v = fuzz_inventory();
	struct hull_vex vex = {0};
	struct hull_err e;

	if (hull_vex_read((const char *)data, size, "x.json", &vex, &e) == 0)
		for (size_t i = 0; i < v->n; i++) {
			struct hull_hit hit = {.id = "CVE-1", .component = &v->v[i]};

			hull_vex_find(&vex, v->system, &hit);
		}
	hull_vex_fini(&vex);
	return 0;
}
