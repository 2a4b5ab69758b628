// SPDX-License-Identifier: MIT
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void hull_specs_fini(struct hull_specs *s)
{
	hull_arena_fini(&s->arena);
	hull_strv_fini(&s->warnings);
	free(s->left_out);
	*s = (struct hull_specs){0};
}

const struct hull_spec_source *hull_spec_source_numbered(const struct hull_spec *spec,
							 unsigned int number)
{
	for (size_t i = 0; i < spec->nsources; i++)
		if (!spec->sources[i].patch && spec->sources[i].number == number)
			return &spec->sources[i];
	return NULL;
}

char *hull_spec_source_path(const struct hull_spec *spec, const struct hull_spec_source *s)
{
	return hull_asprintf("%s/%s%s", spec->dir, s->below ? s->below : "", s->file);
}

const struct hull_spec *hull_specs_find_file(const struct hull_specs *s, const char *name)
{
	const struct hull_spec *found = NULL;
	hull_autofree char *file = hull_asprintf("%s.spec", name);

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(hull_basename(s->v[i].path), file))
			return &s->v[i];
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(hull_basename(s->v[i].dir), name) != 0)
			continue;
		if (found)
			return NULL;
		found = &s->v[i];
	}
	return found;
}

static bool builds(const struct hull_spec_fault *f, const char *package)
{
	for (size_t i = 0; i < f->npackages; i++)
		if (!strcmp(f->packages[i], package))
			return true;
	return false;
}

const struct hull_spec_fault *hull_specs_left_out(const struct hull_specs *s, const char *name)
{
	hull_autofree char *file = hull_asprintf("%s.spec", name);
	const struct hull_spec_fault *called = NULL, *building = NULL;

	for (size_t i = 0; i < s->nleft_out; i++) {
		const struct hull_spec_fault *f = &s->left_out[i];

		if (!strcmp(f->name, name))
			return f;
		if (!called && !strcmp(hull_basename(f->path), file))
			called = f;
		if (!building && builds(f, name))
			building = f;
	}
	return called ? called : building;
}

const struct hull_spec *hull_specs_find(const struct hull_specs *s, const char *name)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int r = strcmp(name, s->v[mid].name);

		if (r == 0)
			return &s->v[mid];
		if (r < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}
