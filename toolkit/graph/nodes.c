// SPDX-License-Identifier: MIT
#include "graph/nodes.h"

#include <stdlib.h>

#include "base/mem.h"

void hull_nodes_fini(struct hull_nodes *s)
{
	free(s->v);
	*s = (struct hull_nodes){0};
}

void hull_nodes_push(struct hull_nodes *s, int node)
{
	s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
	s->v[s->n++] = node;
}
