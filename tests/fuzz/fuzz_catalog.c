// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "finish/finish.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two catalogs with the same text become a database, or say why not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/usr/lib/systemd/catalog/a.catalog",
					    "/usr/lib/systemd/catalog/a.de.catalog"};
	struct hull_tree t;

	hull_tree_init(&t);
	for (size_t i = 0; i < 2; i++)
		hull_tree_set_file(&t, hull_tree_add(&t, paths[i], NULL), data, size, 0644);
	hull_ignore(hull_catalog_add(&t, NULL));
	hull_tree_fini(&t);
	return 0;
}
