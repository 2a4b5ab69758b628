// SPDX-License-Identifier: MIT
#include "inspect/backport.h"

#include <stdlib.h>
#include <string.h>

void hull_backports_fini(struct hull_backports *b)
{
	free(b->v);
	hull_arena_fini(&b->arena);
	*b = (struct hull_backports){0};
}

void hull_backports_add(struct hull_backports *b, int package, const char *id, const char *patch)
{
	b->v = hull_grow(b->v, &b->cap, b->n, sizeof *b->v);
	b->v[b->n++] = (struct hull_backport){
		.package = package,
		.id = hull_arena_strdup(&b->arena, id),
		.patch = hull_arena_strdup(&b->arena, patch),
	};
}

const char *hull_backports_find(const struct hull_backports *b, int package, const char *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].package == package && !strcmp(b->v[i].id, id))
			return b->v[i].patch;
	return NULL;
}
