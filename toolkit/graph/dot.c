// SPDX-License-Identifier: MIT
#include "graph/vertex.h"

#include "graph/graph.h"

/* A quoted string of the DOT language; control characters become spaces. */
static void quote(struct hull_buf *out, const char *s)
{
	hull_buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			hull_buf_addc(out, '\\');
		hull_buf_addc(out, (unsigned char)*s < ' ' ? ' ' : *s);
	}
	hull_buf_addc(out, '"');
}

void hull_graph_dot(const struct hull_graph *g, const char *name,
		    const char *(*label)(void *ctx, int node), void *ctx, struct hull_buf *out)
{
	hull_buf_adds(out, "digraph ");
	quote(out, name);
	hull_buf_adds(out, " {\n");
	for (int i = 0; i < g->n; i++) {
		hull_buf_addf(out, "\tn%d", i);
		if (label) {
			hull_buf_adds(out, " [label=");
			quote(out, label(ctx, i));
			hull_buf_addc(out, ']');
		}
		hull_buf_adds(out, ";\n");
	}
	for (int i = 0; i < g->n; i++)
		for (size_t k = 0; k < g->v[i].requirements.n; k++)
			hull_buf_addf(out, "\tn%d -> n%d;\n", i, g->v[i].requirements.v[k]);
	hull_buf_adds(out, "}\n");
}
