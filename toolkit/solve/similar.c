// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "solve/pool.h"
#include "solve/world.h"

/* A name and how far it is from the one looked for. */
struct near {
	const char *name;
	size_t distance;
};

static int by_distance(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return strcmp(x->name, y->name);
}

static size_t length_gap(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	return n > m ? n - m : m - n;
}

/* "pkgconfig(" is no part of what is compared when both have it. */
static size_t common_wrapper(const char *a, const char *b)
{
	size_t n = strcspn(a, "(");

	return a[n] && !strncmp(a, b, n + 1) ? n + 1 : 0;
}

/*
 * The distance of two names, or SIZE_MAX if they have nothing in common: a path is near to one with
 * the same last part, a name to one that is a few edits away or begins with it.
 */
static size_t distance(const char *wanted, const char *name)
{
	size_t skip, limit, d;

	if ((wanted[0] == '/') != (name[0] == '/'))
		return SIZE_MAX;
	if (wanted[0] == '/')
		return strcmp(hull_basename(wanted), hull_basename(name)) ? SIZE_MAX : strlen(name);
	skip = common_wrapper(wanted, name);
	if (!skip && (strchr(wanted, '(') != NULL) != (strchr(name, '(') != NULL))
		return SIZE_MAX;
	wanted += skip;
	name += skip;
	limit = strlen(wanted) / 3 + 1;
	if (strlen(wanted) >= 4 && (hull_starts(name, wanted) || hull_starts(wanted, name)))
		return strlen(name) < 3 ? SIZE_MAX : 1 + length_gap(wanted, name) / 2;
	if (length_gap(wanted, name) > limit)
		return SIZE_MAX;
	d = hull_edit_distance(wanted, name);
	if (!strcasecmp(wanted, name))
		d = 0;
	return d <= limit && d < strlen(wanted) ? d : SIZE_MAX;
}

void hull_pool_similar(struct hull_pool *p, const char *name, size_t max, struct hull_strv *out)
{
	struct near *v = NULL;
	size_t n = 0, cap = 0;

	for (size_t id = 2; id < p->nindex; id++) {
		const char *other = pool_id2str(p->names, (Id)id);
		size_t d;

		if (!p->index[id].n || !strcmp(other, name))
			continue;
		d = distance(name, other);
		if (d == SIZE_MAX)
			continue;
		v = hull_grow(v, &cap, n, sizeof *v);
		v[n++] = (struct near){other, d};
	}
	if (n)
		qsort(v, n, sizeof *v, by_distance);
	for (size_t i = 0; i < n && i < max; i++)
		hull_strv_add(out, v[i].name);
	free(v);
}
