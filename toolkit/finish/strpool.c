// SPDX-License-Identifier: MIT
#include "finish/strpool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct hull_strpool_node {
	size_t offset, length;
	size_t parent;
	unsigned char byte; /* the one that leads here from the parent */
};

enum { FIRST_SIZE = 1024 };

void hull_strpool_init(struct hull_strpool *p)
{
	*p = (struct hull_strpool){.table_size = FIRST_SIZE};
	p->table = hull_alloc_array(p->table_size, sizeof *p->table);
	p->v = hull_grow(NULL, &p->cap, 0, sizeof *p->v);
	p->v[p->n++] = (struct hull_strpool_node){0};
	hull_buf_addc(&p->bytes, '\0');
}

void hull_strpool_fini(struct hull_strpool *p)
{
	hull_buf_fini(&p->bytes);
	free(p->v);
	free(p->table);
	*p = (struct hull_strpool){0};
}

/* The slot of a child, or the empty one where it would be. */
static size_t *slot(const struct hull_strpool *p, size_t parent, unsigned char byte)
{
	uint64_t h = ((uint64_t)parent << 8 | byte) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 20) & (p->table_size - 1);

	for (; p->table[i]; i = (i + 1) & (p->table_size - 1)) {
		const struct hull_strpool_node *n = &p->v[p->table[i] - 1];

		if (n->parent == parent && n->byte == byte)
			break;
	}
	return &p->table[i];
}

static void grow_table(struct hull_strpool *p)
{
	free(p->table);
	p->table_size *= 2;
	p->table = hull_alloc_array(p->table_size, sizeof *p->table);
	for (size_t i = 1; i < p->n; i++)
		*slot(p, p->v[i].parent, p->v[i].byte) = i + 1;
}

size_t hull_strpool_add(struct hull_strpool *p, const char *s, size_t n)
{
	size_t node = 0, depth = 0, offset;

	for (;; depth++) {
		const struct hull_strpool_node *v = &p->v[node];
		size_t next;

		if (v->length >= n) {
			offset = v->offset + v->length - n;
			if (depth == n || memcmp(p->bytes.p + offset, s, n) == 0)
				return offset;
		}
		next = *slot(p, node, (unsigned char)s[n - 1 - depth]);
		if (!next)
			break;
		node = next - 1;
	}
	if (p->n * 2 > p->table_size)
		grow_table(p);
	offset = p->bytes.n;
	hull_buf_add(&p->bytes, s, n);
	hull_buf_addc(&p->bytes, '\0');
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n] = (struct hull_strpool_node){offset, n, node, (unsigned char)s[n - 1 - depth]};
	*slot(p, node, p->v[p->n].byte) = p->n + 1;
	p->n++;
	return offset;
}
