// SPDX-License-Identifier: MIT
#include "solve/pkgset.h"

#include <stdlib.h>

#include "base/mem.h"

void hull_pkgset_fini(struct hull_pkgset *s)
{
	free(s->v);
	*s = (struct hull_pkgset){0};
}

void hull_pkgset_push(struct hull_pkgset *s, hull_pkgid id)
{
	s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
	s->v[s->n++] = id;
}

bool hull_pkgset_has(const struct hull_pkgset *s, hull_pkgid id)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->v[mid] == id)
			return true;
		if (s->v[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}
