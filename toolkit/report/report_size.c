// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/report_section.h"

enum { TABLE_DEPTH = 2 };

bool hull_report_is_file(const struct hull_tree *t, int n)
{
	return t->v[n].inode == n && S_ISREG(t->v[n].mode);
}

struct hull_report_sum *hull_report_sums(const struct hull_tree *t)
{
	struct hull_report_sum *s = hull_alloc_array(t->n + 1, sizeof *s);
	/* in a depth-first walk nodes come after their parents */
	int *order = hull_alloc_array(t->n + 1, sizeof *order);
	size_t n = 0;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		order[n++] = i;
		if (hull_report_is_file(t, i))
			s[i] = (struct hull_report_sum){t->v[i].size_bytes, 1};
	}
	while (n-- > 1) {
		struct hull_report_sum *up = &s[t->v[order[n]].parent];

		up->bytes += s[order[n]].bytes;
		up->files += s[order[n]].files;
	}
	free(order);
	return s;
}

/* --- table --- */

struct place {
	int node;
	uint64_t bytes;
};

static int larger_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->node - y->node;
}

static void add_directory(const struct hull_report_work *w, const struct hull_report_sum *s,
			  int node, struct hull_buf *out)
{
	struct hull_arena a = {0};
	double share = w->bytes ? 100.0 * (double)s[node].bytes / (double)w->bytes : 0;

	hull_report_element(out, "<tr><th scope=\"row\">",
			    hull_tree_path(&w->system->tree, node, &a), "</th>");
	hull_buf_adds(out, "<td class=\"n\">");
	hull_report_size(out, s[node].bytes);
	hull_buf_addf(out, "</td><td class=\"n\">%.1f %%</td><td class=\"n\">", share);
	hull_report_number(out, s[node].files);
	hull_buf_adds(out, "</td></tr>\n");
	hull_arena_fini(&a);
}

static void add_directories(const struct hull_report_work *w, const struct hull_report_sum *s,
			    int node, int depth, struct hull_buf *out)
{
	const struct hull_tree *t = &w->system->tree;
	struct place *v = NULL;
	size_t n = 0, cap = 0;

	for (int c = t->v[node].first_child; c != HULL_NO_NODE; c = t->v[c].next_sibling) {
		if (!S_ISDIR(t->v[c].mode) || s[c].files == 0)
			continue;
		v = hull_grow(v, &cap, n, sizeof *v);
		v[n++] = (struct place){c, s[c].bytes};
	}
	if (n)
		qsort(v, n, sizeof *v, larger_first);
	for (size_t i = 0; i < n; i++) {
		/* all of the first level, of those below what is at least a two-hundredth */
		if (depth > 1 && v[i].bytes < w->bytes / 200)
			break;
		add_directory(w, s, v[i].node, out);
		if (depth < TABLE_DEPTH)
			add_directories(w, s, v[i].node, depth + 1, out);
	}
	free(v);
}

void hull_report_directories(struct hull_report_work *w, struct hull_buf *out)
{
	struct hull_report_sum *s = hull_report_sums(&w->system->tree);

	add_directories(w, s, HULL_TREE_ROOT, 1, out);
	free(s);
}
