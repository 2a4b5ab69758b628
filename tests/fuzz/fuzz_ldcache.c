// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An ld.so.conf, its end, and a library. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t n = end ? (size_t)(end - data) : size;
	struct hull_tree t;

	hull_tree_init(&t);
	hull_tree_set_file(&t, hull_tree_add(&t, "/etc/ld.so.conf", NULL), data, n, 0644);
	if (end)
		hull_tree_set_file(&t, hull_tree_add(&t, "/usr/lib/libx.so.1", NULL), end + 1,
				   size - n - 1, 0755);
	hull_ignore(hull_ldcache_add(&t, NULL));
	hull_tree_fini(&t);
	return 0;
}
