// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/nodes.h"

/* The inside of a graph, within graph/: order.c puts it in order, dot.c draws it. */

enum hull_vertex_state {
	HULL_VERTEX_WAITING,
	HULL_VERTEX_RUNNING,
	HULL_VERTEX_DONE,
	HULL_VERTEX_DROPPED
};

struct hull_vertex {
	int64_t cost_ms, path_ms;
	enum hull_vertex_state state;
	size_t blockers;			     /* requirements that are not done */
	struct hull_nodes requirements, required_by; /* ascending */
};

struct hull_graph {
	struct hull_vertex *v;
	int n;
	size_t cap;
	bool paths_known; /* path_ms of all nodes is up to date */
};
