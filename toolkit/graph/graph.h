// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "graph/nodes.h"

/*
 * The room graph/: a graph of work: in which order nodes that need each other can be done, which is
 * next, how long it will take.
 */

/*
 * A graph of work. Nodes are numbered from 0 in the order they are added and have a cost; an edge
 * says that a node requires another one first. The graph knows nothing of what a node stands for.
 * Every result depends on the nodes and edges alone, never on the order in which edges were added.
 */
struct hull_graph;

struct hull_graph *hull_graph_new(void);
void hull_graph_free(struct hull_graph *g);

int hull_graph_add(struct hull_graph *g, int64_t cost_ms); /* the number of the new node */

/*
 * `node` requires `dep` first; false if that was known. May be called while the work runs, as long as
 * `node` is not running or done; hull_graph_cycle tells whether that closed a cycle.
 */
bool hull_graph_require(struct hull_graph *g, int node, int dep);

const struct hull_nodes *hull_graph_requirements(const struct hull_graph *g,
						 int node); /* ascending */

/* A shortest cycle of nodes that are not dropped, each node once and requiring the next one, the last one
 * requiring the first, starting at its smallest number; false if the graph has none. */
bool hull_graph_cycle(const struct hull_graph *g, struct hull_nodes *out);

/*
 * All nodes, each after what it requires; of the possible next ones that with the longest path (its
 * cost plus the costliest chain of nodes that wait for it), then the smallest number. Dropped ones come
 * last, by number; the others must not have a cycle.
 */
void hull_graph_order(struct hull_graph *g, struct hull_nodes *out);

/* --- running it: every node is waiting, running, done or dropped --- */

/* Starts a node all of whose requirements are done: the one with the longest path, then the smallest
 * number; -1 if no node can be started now. */
int hull_graph_start(struct hull_graph *g);

void hull_graph_done(struct hull_graph *g, int node);	 /* a running node is finished */
void hull_graph_requeue(struct hull_graph *g, int node); /* a running node waits again */

/* Gives up a node and, with it, all that wait for it: those nodes except `node`, ascending, in out.
 */
void hull_graph_drop(struct hull_graph *g, int node, struct hull_nodes *out);

/* Time left when `jobs` nodes run at a time: the longest path that is left, or all that is left
 * divided by jobs if that is more. Running nodes count in full. */
int64_t hull_graph_left_ms(struct hull_graph *g, int jobs);

/* --- output --- */

/* Appends the graph in the DOT language, an arrow from each node to what it requires. `label` gives
 * the text of a node (any bytes, valid until the next call); NULL prints numbers. */
void hull_graph_dot(const struct hull_graph *g, const char *name,
		    const char *(*label)(void *ctx, int node), void *ctx, struct hull_buf *out);
