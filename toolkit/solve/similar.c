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

/* A name, by what can be compared at once. */
struct hull_known_name {
	Id id;
	uint64_t letters; /* a bit for each that occurs, in any case */
	size_t length;
	char start[4];
};

static struct hull_known_name look(const char *text, Id id)
{
	struct hull_known_name k = {.id = id, .length = strlen(text)};

	for (const char *c = text; *c; c++)
		k.letters |= (uint64_t)1 << (tolower((unsigned char)*c) % 64);
	strncpy(k.start, text, sizeof k.start);
	return k;
}

static void add_name(struct hull_known_names *names, struct hull_known_name k)
{
	names->v = hull_grow(names->v, &names->cap, names->n, sizeof *names->v);
	names->v[names->n++] = k;
}

/* Names that came since the last time, whether something provides them or not: that may change. */
static void learn_names(struct hull_pool *p)
{
	size_t id = p->nlearned < 2 ? 2 : p->nlearned;

	for (; id < (size_t)p->names->ss.nstrings; id++) {
		const char *name = pool_id2str(p->names, (Id)id);

		if (name[0] == '/')
			add_name(&p->known_paths, look(hull_basename(name), (Id)id));
		else
			add_name(&p->known_names, look(name, (Id)id));
	}
	p->nlearned = id;
}

/* False if the distance of the two is SIZE_MAX in any case: each letter that only one has is an edit. */
static bool may_be_near(const struct hull_known_name *a, const struct hull_known_name *b, bool path)
{
	size_t limit = a->length / 3 + 1;
	size_t gap = a->length > b->length ? a->length - b->length : b->length - a->length;

	if (path)
		return gap == 0 && a->letters == b->letters;
	if (!memcmp(a->start, b->start, sizeof a->start))
		return true;
	return gap <= limit && (size_t)__builtin_popcountll(a->letters & ~b->letters) <= limit &&
	       (size_t)__builtin_popcountll(b->letters & ~a->letters) <= limit;
}

void hull_pool_similar(struct hull_pool *p, const char *name, size_t max, struct hull_strv *out)
{
	bool path = name[0] == '/';
	const struct hull_known_name wanted = look(path ? hull_basename(name) : name, 0);
	const struct hull_known_names *names = path ? &p->known_paths : &p->known_names;
	struct near *v = NULL;
	size_t n = 0, cap = 0;

	learn_names(p);
	for (size_t i = 0; i < names->n; i++) {
		const struct hull_known_name *k = &names->v[i];
		const char *other;
		size_t d;

		if ((size_t)k->id >= p->nindex || !p->index[k->id].n ||
		    !may_be_near(&wanted, k, path))
			continue;
		other = pool_id2str(p->names, k->id);
		d = strcmp(other, name) ? distance(name, other) : SIZE_MAX;
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
