// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of hwdb.d becomes a trie, or says why not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_tree t;
	int node;

	hull_tree_init(&t);
	node = hull_tree_add(&t, "/usr/lib/udev/hwdb.d/x.hwdb", NULL);
	hull_tree_set_file(&t, node, data, size, 0644);
	if (hull_hwdb_add(&t, NULL) == 0 && hull_tree_find(&t, "/usr/lib/udev/hwdb.bin") >= 0)
		hull_assert(t.v[hull_tree_find(&t, "/usr/lib/udev/hwdb.bin")].size_bytes > 0);
	hull_tree_fini(&t);
	return 0;
}
