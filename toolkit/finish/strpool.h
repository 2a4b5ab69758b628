// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/str.h"

/*
 * NUL-terminated strings behind each other in which a string that another one ends with is not
 * stored again. The first byte is NUL: the empty string has offset 0. Which of several strings is
 * shared follows from a tree over the last bytes: each string hangs below the ones it was compared
 * with, and the first on that way that ends with the new one is taken. hwdb.bin and the journal's
 * catalog are made of such strings.
 */
struct hull_strpool {
	struct hull_buf bytes;
	struct hull_strpool_node *v;
	size_t n, cap;
	size_t *table; /* open hash of (node, byte) to node + 1 */
	size_t table_size;
};

void hull_strpool_init(struct hull_strpool *p);
void hull_strpool_fini(struct hull_strpool *p);
size_t hull_strpool_add(struct hull_strpool *p, const char *s, size_t n); /* the offset */
