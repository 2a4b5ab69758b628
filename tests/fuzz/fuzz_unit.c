// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A unit file, and what is behind its first NUL byte as a preset file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	size_t unit = nul ? (size_t)(nul - data) : size;
	struct hull_image_config c = {0};
	struct hull_tree t;
	struct hull_err e;
	int node;

	hull_tree_init(&t);
	node = hull_tree_add(&t, "/usr/lib/systemd/system/a@.service", &e);
	hull_tree_set_file(&t, node, data, unit, 0644);
	node = hull_tree_add(&t, "/usr/lib/systemd/system/b.service", &e);
	hull_tree_set_file(&t, node, data, unit, 0644);
	node = hull_tree_add(&t, "/usr/lib/systemd/system-preset/1.preset", &e);
	hull_tree_set_file(&t, node, nul ? nul + 1 : data, nul ? size - unit - 1 : 0, 0644);
	hull_ignore(hull_presets_apply(&c, &t, &e));
	hull_tree_fini(&t);
	return 0;
}
