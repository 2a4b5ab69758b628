// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "godeps/golist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autobuf struct hull_buf text = {0};
	struct hull_go_list l = {0};
	struct hull_err e;

	if (hull_go_list_parse(&l, (const char *)data, size, &e) == 0)
		hull_go_list_describe(&l, &text);
	hull_go_list_fini(&l);
	return 0;
}
