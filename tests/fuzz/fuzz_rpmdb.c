// SPDX-License-Identifier: MIT
#include <string.h>

#include "rpm/database.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A database of packages, or the header of one package in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char magic[] = "SQLite format 3";
	struct hull_package one, *all;
	struct hull_arena a = {0};
	struct hull_err e;
	size_t n;

	if (size >= sizeof magic && !memcmp(data, magic, sizeof magic)) {
		if (hull_database_read(data, size, "fuzz", &a, &all, &n, &e) == 0)
			for (size_t i = 0; i < n; i++)
				json_decref(hull_package_to_json(&all[i]));
	} else if (hull_database_describe(data, size, "fuzz", &a, &one, &e) == 0) {
		json_decref(hull_package_to_json(&one));
	}
	hull_arena_fini(&a);
	return 0;
}
