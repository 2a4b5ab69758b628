// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "graph/graph.h"
#include "graph/vertex.h"

static bool dropped(const struct hull_graph *g, int node)
{
	return g->v[node].state == HULL_VERTEX_DROPPED;
}

/* Of each node that is not dropped, how many of its requirements are not either; how many of those nodes
 * there are. */
static size_t count_requirements(const struct hull_graph *g, size_t *left)
{
	size_t n = 0;

	for (int i = 0; i < g->n; i++) {
		const struct hull_nodes *requirements = &g->v[i].requirements;

		n += !dropped(g, i);
		for (size_t k = 0; k < requirements->n; k++)
			left[i] += !dropped(g, requirements->v[k]);
	}
	return n;
}

/* Sets out to all nodes that are not dropped, requirements first, in no particular but always the same
 * order. */
static void sort(const struct hull_graph *g, struct hull_nodes *out)
{
	hull_autofree size_t *left = hull_alloc_array((size_t)g->n, sizeof *left);
	size_t n = count_requirements(g, left);

	out->n = 0;
	for (int i = 0; i < g->n; i++)
		if (!left[i] && !dropped(g, i))
			hull_nodes_push(out, i);
	for (size_t k = 0; k < out->n; k++) {
		const struct hull_nodes *next = &g->v[out->v[k]].required_by;

		for (size_t i = 0; i < next->n; i++)
			if (!dropped(g, next->v[i]) && !--left[next->v[i]])
				hull_nodes_push(out, next->v[i]);
	}
	hull_assert(out->n == n); /* no cycle */
}

static void find_paths(struct hull_graph *g)
{
	hull_autonodes struct hull_nodes order = {0};

	if (g->paths_known)
		return;
	sort(g, &order);
	for (size_t k = order.n; k--;) {
		struct hull_vertex *node = &g->v[order.v[k]];
		int64_t behind = 0;

		for (size_t i = 0; i < node->required_by.n; i++) {
			const struct hull_vertex *next = &g->v[node->required_by.v[i]];

			if (next->state != HULL_VERTEX_DROPPED && next->path_ms > behind)
				behind = next->path_ms;
		}
		node->path_ms = node->cost_ms + behind;
	}
	g->paths_known = true;
}

/* Whether a goes before b when both can. */
static bool before(const struct hull_graph *g, int a, int b)
{
	int64_t x = g->v[a].path_ms, y = g->v[b].path_ms;

	return x != y ? x > y : a < b;
}

static void heap_push(const struct hull_graph *g, struct hull_nodes *heap, int node)
{
	size_t i = heap->n;

	hull_nodes_push(heap, node);
	while (i && before(g, node, heap->v[(i - 1) / 2])) {
		heap->v[i] = heap->v[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap->v[i] = node;
}

static int heap_pop(const struct hull_graph *g, struct hull_nodes *heap)
{
	int first = heap->v[0], last = heap->v[--heap->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < heap->n) {
		if (child + 1 < heap->n && before(g, heap->v[child + 1], heap->v[child]))
			child++;
		if (!before(g, heap->v[child], last))
			break;
		heap->v[i] = heap->v[child];
		i = child;
	}
	heap->v[i] = last;
	return first;
}

void hull_graph_order(struct hull_graph *g, struct hull_nodes *out)
{
	hull_autofree size_t *left = hull_alloc_array((size_t)g->n, sizeof *left);
	hull_autonodes struct hull_nodes heap = {0};

	out->n = 0;
	find_paths(g);
	count_requirements(g, left);
	for (int i = 0; i < g->n; i++)
		if (!left[i] && !dropped(g, i))
			heap_push(g, &heap, i);
	while (heap.n) {
		int node = heap_pop(g, &heap);
		const struct hull_nodes *next = &g->v[node].required_by;

		hull_nodes_push(out, node);
		for (size_t i = 0; i < next->n; i++)
			if (!dropped(g, next->v[i]) && !--left[next->v[i]])
				heap_push(g, &heap, next->v[i]);
	}
	for (int i = 0; i < g->n; i++)
		if (dropped(g, i))
			hull_nodes_push(out, i);
}

int hull_graph_start(struct hull_graph *g)
{
	int best = -1;

	find_paths(g);
	for (int i = 0; i < g->n; i++)
		if (g->v[i].state == HULL_VERTEX_WAITING && !g->v[i].blockers &&
		    (best < 0 || before(g, i, best)))
			best = i;
	if (best >= 0)
		g->v[best].state = HULL_VERTEX_RUNNING;
	return best;
}

static struct hull_vertex *running(struct hull_graph *g, int node)
{
	hull_assert(node >= 0 && node < g->n && g->v[node].state == HULL_VERTEX_RUNNING);
	return &g->v[node];
}

void hull_graph_done(struct hull_graph *g, int node)
{
	struct hull_vertex *n = running(g, node);

	n->state = HULL_VERTEX_DONE;
	for (size_t i = 0; i < n->required_by.n; i++)
		g->v[n->required_by.v[i]].blockers--;
}

void hull_graph_requeue(struct hull_graph *g, int node)
{
	running(g, node)->state = HULL_VERTEX_WAITING;
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

void hull_graph_drop(struct hull_graph *g, int node, struct hull_nodes *out)
{
	int from = node;

	hull_assert(node >= 0 && node < g->n && g->v[node].state != HULL_VERTEX_DONE);
	out->n = 0;
	g->v[node].state = HULL_VERTEX_DROPPED;
	g->paths_known = false;
	for (size_t k = 0;; from = out->v[k++]) {
		const struct hull_nodes *next = &g->v[from].required_by;

		for (size_t i = 0; i < next->n; i++) {
			if (g->v[next->v[i]].state != HULL_VERTEX_WAITING)
				continue;
			g->v[next->v[i]].state = HULL_VERTEX_DROPPED;
			hull_nodes_push(out, next->v[i]);
		}
		if (k == out->n)
			break;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_number);
}

int64_t hull_graph_left_ms(struct hull_graph *g, int jobs)
{
	int64_t sum = 0, longest = 0;

	find_paths(g);
	for (int i = 0; i < g->n; i++) {
		const struct hull_vertex *n = &g->v[i];

		if (n->state != HULL_VERTEX_WAITING && n->state != HULL_VERTEX_RUNNING)
			continue;
		sum += n->cost_ms;
		if (n->path_ms > longest)
			longest = n->path_ms;
	}
	sum /= jobs > 0 ? jobs : 1;
	return sum > longest ? sum : longest;
}
