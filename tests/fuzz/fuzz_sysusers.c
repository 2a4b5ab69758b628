// SPDX-License-Identifier: MIT
#include <stddef.h>
#include <stdint.h>

#include "finish/allot.h"
#include "system/sysusers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sysusers.d file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hull_sysusers lines = {0};
	struct hull_userdb db;
	struct hull_tree t;
	struct hull_err e;
	int node;

	hull_tree_init(&t);
	node = hull_tree_add(&t, "/usr/lib/sysusers.d/x.conf", &e);
	hull_tree_set_file(&t, node, data, size, 0644);
	if (hull_sysusers_read(&t, &lines, &e) == 0 && hull_userdb_read(&t, &db, &e) == 0) {
		if (hull_sysusers_allot(&lines, &t, 0, &db, &e) == 0)
			hull_ignore(hull_userdb_write(&db, 0, &t, &e));
		hull_userdb_fini(&db);
	}
	hull_sysusers_fini(&lines);
	/* what was written can be read again */
	if (hull_userdb_read(&t, &db, &e) == 0)
		hull_userdb_fini(&db);
	else
		hull_assert(!"the account files are malformed");
	hull_tree_fini(&t);
	return 0;
}
