// SPDX-License-Identifier: MIT
#include "scriptlet/fires.h"

#include <string.h>

#include "base/str.h"
#include "rpm/version.h"

static bool has_version(const struct hull_dep *d, const struct hull_package *p)
{
	struct hull_arena a = {0};
	int order;

	if (!d->evr)
		return true;
	order = hull_evr_compare(hull_package_evr(p, &a), d->evr);
	hull_arena_fini(&a);
	return d->flags & (order < 0   ? HULL_DEP_LESS
			   : order > 0 ? HULL_DEP_GREATER
				       : HULL_DEP_EQUAL);
}

static bool has_package(const struct hull_scriptlet *s, const struct hull_package *p)
{
	for (size_t i = 0; i < s->on.n; i++)
		if (!strcmp(s->on.v[i].name, p->name) && has_version(&s->on.v[i], p))
			return true;
	return false;
}

bool hull_trigger_fires_by(const struct hull_scriptlet *s, const struct hull_file *f)
{
	for (size_t i = 0; i < s->on.n && !(f->flags & HULL_FILE_GHOST); i++)
		if (hull_starts(f->path, s->on.v[i].name))
			return true;
	return false;
}

bool hull_trigger_fires_for(const struct hull_scriptlet *s, const struct hull_package *p)
{
	if (s->kind == HULL_TRIGGER)
		return has_package(s, p);
	for (size_t i = 0; i < p->nfiles; i++)
		if (hull_trigger_fires_by(s, &p->files[i]))
			return true;
	return false;
}

bool hull_trigger_fires(const struct hull_scriptlet *s, const struct hull_package *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hull_trigger_fires_for(s, &v[i]))
			return true;
	return false;
}
