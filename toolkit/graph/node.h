// SPDX-License-Identifier: MIT
#pragma once

#include "graph/graph.h"

/* The inside of a graph, shared by the files of this module only. */

enum hull_node_state { HULL_NODE_WAITING, HULL_NODE_RUNNING, HULL_NODE_DONE, HULL_NODE_DROPPED };

struct hull_node {
	int64_t cost_ms, path_ms;
	enum hull_node_state state;
	size_t blockers;		    /* needs that are not done */
	struct hull_nodes needs, needed_by; /* ascending */
};

struct hull_graph {
	struct hull_node *v;
	int n;
	size_t cap;
	bool paths_known; /* path_ms of all nodes is up to date */
};

void hull_nodes_push(struct hull_nodes *s, int node);
