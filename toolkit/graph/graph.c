// SPDX-License-Identifier: MIT
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "graph/vertex.h"

/* Keeps the list ascending; false if the node is in it. */
static bool insert(struct hull_nodes *s, int node)
{
	size_t i = s->n;

	while (i && s->v[i - 1] > node)
		i--;
	if (i && s->v[i - 1] == node)
		return false;
	hull_nodes_push(s, node);
	memmove(s->v + i + 1, s->v + i, (s->n - 1 - i) * sizeof *s->v);
	s->v[i] = node;
	return true;
}

struct hull_graph *hull_graph_new(void)
{
	return hull_alloc(sizeof(struct hull_graph));
}

void hull_graph_free(struct hull_graph *g)
{
	if (!g)
		return;
	for (int i = 0; i < g->n; i++) {
		hull_nodes_fini(&g->v[i].requirements);
		hull_nodes_fini(&g->v[i].required_by);
	}
	free(g->v);
	free(g);
}

static struct hull_vertex *at(const struct hull_graph *g, int node)
{
	hull_assert(node >= 0 && node < g->n);
	return &g->v[node];
}

int hull_graph_add(struct hull_graph *g, int64_t cost_ms)
{
	g->v = hull_grow(g->v, &g->cap, (size_t)g->n, sizeof *g->v);
	g->v[g->n] = (struct hull_vertex){.cost_ms = cost_ms};
	g->paths_known = false;
	return g->n++;
}

bool hull_graph_require(struct hull_graph *g, int node, int dep)
{
	struct hull_vertex *n = at(g, node), *d = at(g, dep);

	hull_assert(n->state == HULL_VERTEX_WAITING || n->state == HULL_VERTEX_DROPPED);
	if (!insert(&n->requirements, dep))
		return false;
	insert(&d->required_by, node);
	if (d->state != HULL_VERTEX_DONE)
		n->blockers++;
	g->paths_known = false;
	return true;
}

const struct hull_nodes *hull_graph_requirements(const struct hull_graph *g, int node)
{
	return &at(g, node)->requirements;
}

/*
 * Breadth first along requirements that are not off, from[] = the node before each one that was reached.
 * Returns the last node of the shortest chain start..x for which x requires `start`, if it has fewer than
 * `limit` nodes (0: any number), or -1.
 */
static int search(const struct hull_graph *g, int start, size_t limit, const bool *off, int *from,
		  int *queue)
{
	size_t head = 0, tail = 0, depth = 1, level = 1;

	for (int i = 0; i < g->n; i++)
		from[i] = -1;
	from[start] = start;
	queue[tail++] = start;
	while (head < tail && (!limit || depth < limit)) {
		int node = queue[head++];
		const struct hull_nodes *requirements = &g->v[node].requirements;

		for (size_t i = 0; i < requirements->n; i++) {
			int next = requirements->v[i];

			if (next == start)
				return node;
			if (from[next] < 0 && !off[next]) {
				from[next] = node;
				queue[tail++] = next;
			}
		}
		if (head == level) {
			level = tail;
			depth++;
		}
	}
	return -1;
}

/* The chain start..last that search() found. */
static void trace(const int *from, int start, int last, struct hull_nodes *out)
{
	out->n = 0;
	for (int node = last;; node = from[node]) {
		hull_nodes_push(out, node);
		if (node == start)
			break;
	}
	for (size_t i = 0, j = out->n - 1; i < j; i++, j--) {
		int swap = out->v[i];

		out->v[i] = out->v[j];
		out->v[j] = swap;
	}
}

/* Marks the nodes that cannot be on a cycle: those that are left without requirements, or without anything
 * that requires them, once the others of that kind are taken away. */
static void trim(const struct hull_graph *g, bool *off, bool forward)
{
	hull_autofree size_t *left = hull_alloc_array((size_t)g->n, sizeof *left);
	hull_autonodes struct hull_nodes queue = {0};

	for (int i = 0; i < g->n; i++) {
		const struct hull_nodes *in =
			forward ? &g->v[i].requirements : &g->v[i].required_by;

		for (size_t k = 0; k < in->n; k++)
			left[i] += !off[in->v[k]];
		if (!off[i] && !left[i])
			hull_nodes_push(&queue, i);
	}
	while (queue.n) {
		int node = queue.v[--queue.n];
		const struct hull_nodes *next =
			forward ? &g->v[node].required_by : &g->v[node].requirements;

		off[node] = true;
		for (size_t k = 0; k < next->n; k++)
			if (!off[next->v[k]] && !--left[next->v[k]])
				hull_nodes_push(&queue, next->v[k]);
	}
}

bool hull_graph_cycle(const struct hull_graph *g, struct hull_nodes *out)
{
	hull_autofree bool *off = hull_alloc_array((size_t)g->n, sizeof *off);
	hull_autofree int *from = hull_alloc_array((size_t)g->n, sizeof *from);
	hull_autofree int *queue = hull_alloc_array((size_t)g->n, sizeof *queue);

	out->n = 0;
	for (int i = 0; i < g->n; i++)
		off[i] = g->v[i].state == HULL_VERTEX_DROPPED;
	trim(g, off, true);
	trim(g, off, false);
	/* The smallest node of each shortest cycle is tried first, so the first of a length wins.
	 */
	for (int i = 0; i < g->n && out->n != 1; i++) {
		int last = off[i] ? -1 : search(g, i, out->n, off, from, queue);

		if (last < 0)
			continue;
		trace(from, i, last, out);
	}
	return out->n > 0;
}
