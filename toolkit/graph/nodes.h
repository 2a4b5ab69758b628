// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* Numbers of nodes. */
struct hull_nodes {
	int *v;
	size_t n, cap;
};
void hull_nodes_fini(struct hull_nodes *s);
#define hull_autonodes __attribute__((cleanup(hull_nodes_fini)))

void hull_nodes_push(struct hull_nodes *s, int node);
