// SPDX-License-Identifier: MIT
#include "source/source.h"

#include <stdlib.h>

static struct hull_source_want *add(struct hull_source_wants *w)
{
	w->v = hull_grow(w->v, &w->cap, w->n, sizeof *w->v);
	w->v[w->n] = (struct hull_source_want){0};
	return &w->v[w->n++];
}

bool hull_source_url_is_made(const char *url)
{
	return hull_starts(url, "key:") || hull_starts(url, "signatures:");
}

bool hull_source_is_made(const struct hull_spec_source *s)
{
	return hull_source_url_is_made(s->url) && !s->sha256 && !s->local;
}

void hull_source_wants_add(struct hull_source_wants *w, const struct hull_spec *spec)
{
	for (size_t i = 0; i < spec->nsources; i++) {
		const struct hull_spec_source *s = &spec->sources[i];

		if ((s->patch && s->local && !s->sha256) || hull_source_is_made(s))
			continue;
		*add(w) = (struct hull_source_want){
			.url = s->url,
			.file = s->file,
			.sha256 = s->sha256,
			.date = s->date,
			.places = (const char *const *)s->places,
			.nplaces = s->nplaces,
			.where = hull_arena_printf(&w->arena, "%s:%d", spec->path, s->line),
			.dir = s->below ? hull_arena_printf(&w->arena, "%s/%s", spec->dir, s->below)
					: spec->dir,
		};
	}
}

void hull_source_want_fini(struct hull_source_want *w)
{
	free(hull_steal(w->origin));
	free(hull_steal(w->error));
}

void hull_source_wants_fini(struct hull_source_wants *w)
{
	for (size_t i = 0; i < w->n; i++)
		hull_source_want_fini(&w->v[i]);
	free(w->v);
	hull_arena_fini(&w->arena);
	*w = (struct hull_source_wants){0};
}
