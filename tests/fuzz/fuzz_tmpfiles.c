// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A tmpfiles.d file, applied to a small tree. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_tree t;
	struct hull_err e;
	int node;

	hull_tree_init(&t);
	node = hull_tree_add(&t, "/etc/a/link", &e);
	hull_tree_set_symlink(&t, node, "../a");
	node = hull_tree_add(&t, "/usr/share/factory/etc/b/file", &e);
	hull_tree_set_file(&t, node, "text", 4, 0640);
	node = hull_tree_add(&t, "/usr/lib/tmpfiles.d/x.conf", &e);
	hull_tree_set_file(&t, node, data, size, 0644);
	hull_ignore(hull_tmpfiles_apply(0, &t, &e));
	hull_tree_fini(&t);
	return 0;
}
