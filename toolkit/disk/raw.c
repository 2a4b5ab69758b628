// SPDX-License-Identifier: MIT
#include "disk/container.h"

int hull_raw_write(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e)
{
	struct hull_layout_reader r;
	int result;

	hull_layout_reader_init(&r, l);
	result = hull_container_copy(&r, 0, l->size_bytes, out, e);
	hull_layout_reader_fini(&r);
	return result;
}
