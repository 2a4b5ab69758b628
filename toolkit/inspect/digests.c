// SPDX-License-Identifier: MIT
#include "inspect/digests.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/workers.h"

/* Each thread takes the largest file that is left. */

enum { PIECE = 256 * 1024 };

struct reading {
	const struct hull_system *s;
	int *nodes; /* inodes to read, the largest first */
	size_t n;
	char (*digests)[HULL_HEX];
	uint8_t *pieces[HULL_WORKERS_MAX]; /* of each thread */
};

static int digest(const struct hull_system *s, int node, uint8_t *piece, char out[HULL_HEX],
		  struct hull_err *e)
{
	const struct hull_node *f = &s->tree.v[node];
	struct hull_hash *h = hull_hash_new();
	int r = 0;

	for (uint64_t done = 0; done < f->size_bytes && r == 0;) {
		uint64_t left = f->size_bytes - done;
		size_t n = left < PIECE ? (size_t)left : PIECE;

		r = hull_content_read(&f->content, done, piece, n, e);
		if (r == 0)
			hull_hash_add(h, piece, n);
		done += n;
	}
	if (r == 0)
		hull_hash_hex(h, out);
	hull_hash_free(h);
	return r;
}

static int digest_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct reading *w = ctx;
	struct hull_arena a = {0};
	int node = w->nodes[i];

	if (!w->pieces[thread])
		w->pieces[thread] = hull_alloc(PIECE);
	if (digest(w->s, node, w->pieces[thread], w->digests[node], e) == 0)
		return 0;
	hull_wrap(e, "%s: %s: ", w->s->path, hull_tree_path(&w->s->tree, node, &a));
	hull_arena_fini(&a);
	return -1;
}

static int by_size(const void *a, const void *b, void *context)
{
	const struct hull_node *v = context;
	uint64_t x = v[*(const int *)a].size_bytes, y = v[*(const int *)b].size_bytes;

	if (x != y)
		return x > y ? -1 : 1;
	return *(const int *)a - *(const int *)b;
}

/* Inodes to read: all, since what reads file systems and archives lets files have no more bytes than
 * what is stored and HULL_HOLES. */
static void choose(struct reading *w, const bool *chosen)
{
	const struct hull_tree *t = &w->s->tree;

	for (size_t i = 0; i < t->n; i++)
		if (chosen[i])
			w->nodes[w->n++] = (int)i;
	if (w->n)
		qsort_r(w->nodes, w->n, sizeof *w->nodes, by_size, t->v);
}

int hull_system_digests(const struct hull_system *s, bool (*wanted)(const struct hull_node *),
			int threads, char (**out_digests)[65], struct hull_err *e)
{
	const struct hull_tree *t = &s->tree;
	hull_autofree bool *chosen = hull_alloc(t->n), *named = hull_alloc(t->n);
	hull_autofree int *nodes = hull_alloc_array(t->n, sizeof *nodes);
	struct reading w = {.s = s, .nodes = nodes};
	int r;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		named[i] = S_ISREG(t->v[t->v[i].inode].mode) && (!wanted || wanted(&t->v[i]));
		chosen[t->v[i].inode] |= named[i];
	}
	*out_digests = NULL;
	choose(&w, chosen);
	w.digests = hull_alloc_array(t->n, sizeof *w.digests);
	r = hull_workers_run(threads, w.n, digest_next, &w, e);
	for (int i = 0; i < HULL_WORKERS_MAX; i++)
		free(w.pieces[i]);
	if (r < 0) {
		free(w.digests);
		return -1;
	}
	for (size_t i = 0; i < t->n; i++)
		if (named[i] && t->v[i].inode != (int)i)
			memcpy(w.digests[i], w.digests[t->v[i].inode], HULL_HEX);
	/* an inode may be read for another of its names */
	for (size_t i = 0; i < t->n; i++)
		if (!named[i])
			w.digests[i][0] = '\0';
	*out_digests = w.digests;
	return 0;
}
