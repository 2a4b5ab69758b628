// SPDX-License-Identifier: MIT
#include "source/update.h"

#include <stdlib.h>
#include <string.h>

#include "source/fetch.h"
#include "source/pins.h"
#include "text/json.h"

/* The sources of one spec: a slice of the wants that were fetched for all. */
struct update {
	const struct hull_spec *spec;
	json_t *old;
	size_t first, end;
};

static bool is_pinned(const struct hull_spec_source *s, const json_t *old)
{
	if (hull_source_is_made(s))
		return false;
	return !s->patch || !s->local || json_object_get(old, s->file);
}

static void add_wants(struct update *u, bool all, struct hull_source_wants *wants)
{
	hull_autofree struct hull_spec_source *sources =
		hull_alloc_array(u->spec->nsources + 1, sizeof *sources);
	struct hull_spec spec = *u->spec;

	spec.sources = sources;
	spec.nsources = 0;
	for (size_t i = 0; i < u->spec->nsources; i++) {
		const struct hull_spec_source *s = &u->spec->sources[i];

		if (is_pinned(s, u->old) && (all || s->local || !json_object_get(u->old, s->file)))
			sources[spec.nsources++] = *s;
	}
	u->first = wants->n;
	hull_source_wants_add(wants, &spec);
	u->end = wants->n;
	for (size_t i = u->first; i < u->end; i++)
		wants->v[i].sha256 = NULL;
}

static void add_change(struct hull_pin_changes *out, const struct hull_spec *spec, const char *file,
		       const char *old, const char *now, const char *origin)
{
	if (old && now && !strcmp(old, now))
		return;
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n++] = (struct hull_pin_change){
		.spec = hull_strdup(spec->name),
		.file = hull_strdup(file),
		.old_sha256 = hull_strdup(old),
		.new_sha256 = hull_strdup(now),
		.origin = hull_strdup(origin),
	};
}

/* The new file: the hashes that came, and the old ones of the other sources. */
static int write_pins(const struct update *u, const struct hull_source_wants *wants,
		      const char *today, struct hull_pin_changes *out, struct hull_err *e)
{
	hull_autojson json_t *pins = json_object();
	size_t before = out->n;
	const char *file;
	json_t *value;

	for (size_t i = 0; i < u->spec->nsources; i++) {
		file = u->spec->sources[i].file;
		value = json_object_get(u->old, file);
		if (value)
			json_object_set(pins, file, value);
	}
	for (size_t i = u->first; i < u->end; i++) {
		const struct hull_source_want *w = &wants->v[i];

		if (!w->ok)
			continue;
		add_change(out, u->spec, w->file, hull_json_optional(u->old, w->file), w->digest,
			   w->origin);
		hull_json_set(pins, w->file, w->digest);
	}
	json_object_foreach (u->old, file, value)
		if (!json_object_get(pins, file))
			add_change(out, u->spec, file, json_string_value(value), NULL, NULL);
	return out->n == before ? 0 : hull_pins_write(u->spec, pins, today, e);
}

int hull_source_update(const struct hull_store *s, const struct hull_source_options *o,
		       const struct hull_spec *const *specs, size_t n, bool all,
		       struct hull_pin_changes *out, struct hull_progress *progress,
		       struct hull_err *e)
{
	struct update *updates = hull_alloc_array(n + 1, sizeof *updates);
	struct hull_source_options options = *o;
	struct hull_source_wants wants = {0};
	struct hull_err write_err;
	int result = 0;

	options.accept_unpinned = true;
	for (size_t i = 0; i < n && result == 0; i++) {
		updates[i].spec = specs[i];
		updates[i].old = hull_pins_read(specs[i], e);
		if (updates[i].old)
			add_wants(&updates[i], all, &wants);
		else
			result = -1;
	}
	if (result == 0) {
		result = hull_source_fetch(s, &options, wants.v, wants.n, progress, e);
		for (size_t i = 0; i < n; i++)
			if (write_pins(&updates[i], &wants, o->today, out, &write_err) < 0 &&
			    result == 0)
				result = hull_fail_as(e, &write_err);
	}
	for (size_t i = 0; i < n; i++)
		json_decref(updates[i].old);
	free(updates);
	hull_source_wants_fini(&wants);
	return result;
}

void hull_pin_changes_fini(struct hull_pin_changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].spec);
		free(c->v[i].file);
		free(c->v[i].old_sha256);
		free(c->v[i].new_sha256);
		free(c->v[i].origin);
	}
	free(c->v);
	*c = (struct hull_pin_changes){0};
}
