// SPDX-License-Identifier: MIT
#include "diff/comparison.h"

#include <stdlib.h>

void hull_setting_add(struct hull_setting_differences *d, struct hull_arena *a, const char *name,
		      const char *old, const char *now)
{
	d->v = hull_grow(d->v, &d->cap, d->n, sizeof *d->v);
	d->v[d->n++] = (struct hull_setting_difference){
		.name = hull_arena_strdup(a, name),
		.old = hull_arena_strdup(a, old),
		.now = hull_arena_strdup(a, now),
	};
}

void hull_comparison_fini(struct hull_comparison *c)
{
	hull_arena_fini(&c->arena);
	free(c->packages);
	free(c->files);
	free(c->units.v);
	free(c->presets.v);
	free(c->kernel.v);
	free(c->command_line.v);
	free(c->os_release.v);
	free(c->sizes);
	*c = (struct hull_comparison){0};
}

bool hull_comparison_is_empty(const struct hull_comparison *c)
{
	return !c->npackages && !c->nfiles && !c->units.n && !c->presets.n && !c->kernel.n &&
	       !c->command_line.n && !c->os_release.n && !c->nsizes;
}

const char *hull_difference_name(enum hull_difference d)
{
	static const char *const names[] = {"added", "removed", "changed", "rebuilt"};

	return names[d];
}
