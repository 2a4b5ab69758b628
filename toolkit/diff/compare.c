// SPDX-License-Identifier: MIT
#include "diff/compare.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_size(struct hull_comparison *c, const char *name, int64_t old, int64_t now)
{
	if (old == now)
		return;
	c->sizes = hull_grow(c->sizes, &c->cap_sizes, c->nsizes, sizeof *c->sizes);
	c->sizes[c->nsizes++] = (struct hull_size_difference){name, old, now};
}

/* Bytes of the regular files of a tree, each once. */
static int64_t all_files(const struct hull_system *system)
{
	const struct hull_tree *t = &system->tree;
	uint64_t n = 0;

	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (t->v[i].inode == i && S_ISREG(t->v[i].mode))
			n += t->v[i].size_bytes;
	return (int64_t)n;
}

static const char *partition_name(const struct hull_gpt_partition *p, struct hull_arena *a)
{
	char id[HULL_GUID_TEXT];

	if (p->name && *p->name)
		return hull_arena_printf(a, "partition %s", p->name);
	hull_guid_text(&p->id, id);
	return hull_arena_printf(a, "partition %s", id);
}

static int64_t partition_bytes(const struct hull_gpt_partition *p)
{
	return (int64_t)((p->last_lba - p->first_lba + 1) * HULL_SECTOR);
}

/* Partitions are the same if their names are; the nth of a name is the nth. */
static void compare_partitions(const struct hull_gpt *x, const struct hull_gpt *y,
			       struct hull_comparison *c)
{
	hull_autofree bool *taken = hull_alloc(y->n + 1);

	for (size_t i = 0; i < x->n; i++) {
		const char *name = partition_name(&x->v[i], &c->arena);
		int64_t now = -1;

		for (size_t k = 0; k < y->n && now < 0; k++) {
			if (taken[k] || strcmp(partition_name(&y->v[k], &c->arena), name) != 0)
				continue;
			taken[k] = true;
			now = partition_bytes(&y->v[k]);
		}
		add_size(c, name, partition_bytes(&x->v[i]), now);
	}
	for (size_t k = 0; k < y->n; k++)
		if (!taken[k])
			add_size(c, partition_name(&y->v[k], &c->arena), -1,
				 partition_bytes(&y->v[k]));
}

int hull_compare(const struct hull_side *old, const struct hull_side *now,
		 const struct hull_compare_options *o, struct hull_comparison *out,
		 struct hull_err *e)
{
	*out = (struct hull_comparison){
		.old_path = old->path,
		.new_path = now->path,
		.with_files = old->system && now->system,
	};
	hull_compare_packages(old, now, out);
	if (!old->system || !now->system)
		return 0;
	if (hull_compare_files(old, now, o, out, e) < 0 ||
	    hull_compare_units(old, now, out, e) < 0 || hull_compare_settings(old, now, out, e) < 0)
		goto undo_out;
	add_size(out, "image file", (int64_t)old->file_bytes, (int64_t)now->file_bytes);
	add_size(out, "all files", all_files(old->system), all_files(now->system));
	compare_partitions(&old->system->table, &now->system->table, out);
	return 0;
undo_out:
	hull_comparison_fini(out);
	return -1;
}
