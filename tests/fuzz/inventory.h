// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/inventory.h"

/* What the fuzzed lists of vulnerabilities are compared with. */
static inline const struct hull_inventory *fuzz_inventory(void)
{
	static struct hull_package packages[] = {
		{.name = "kernel",
		 .version = "6.12.10",
		 .release = "1",
		 .arch = "x86_64",
		 .source_rpm = "kernel-6.12.10-1.src.rpm"},
		{.name = "zlib",
		 .version = "1.3.1",
		 .release = "2.azl3",
		 .arch = "x86_64",
		 .epoch = 1,
		 .source_rpm = "zlib-1.3.1-2.azl3.src.rpm"},
		{.name = "runc", .version = "1.1.15", .release = "1", .arch = "x86_64"},
	};
	static struct hull_system system = {
		.packages = packages, .npackages = 3, .os_id = "azurelinux", .os_version = "3.0"};
	static struct hull_inventory inventory;

	if (!inventory.n) {
		hull_tree_init(&system.tree);
		hull_inventory_init(&inventory, &system);
	}
	return &inventory;
}
