// SPDX-License-Identifier: MIT
#include "sbom/backported.h"

#include <string.h>

#include "sbom/buildsearch.h"
#include "sbom/component.h"

/* The entry of the lock that a package is from, by its name: an image has one of each. */
static int locked_index(const struct hull_system *s, const char *name)
{
	for (size_t i = 0; i < s->lock.n; i++)
		if (!strcmp(s->lock.v[i].name, name))
			return (int)i;
	return -1;
}

static void add_patches(struct hull_backports *out, int package,
			const struct hull_source_package *source)
{
	for (size_t i = 0; i < source->ncomponents; i++) {
		const struct hull_component *p = &source->components[i];
		hull_autostrv struct hull_strv cves = {0};

		if (p->kind != HULL_COMPONENT_PATCH)
			continue;
		hull_component_cves(p, &cves);
		for (size_t k = 0; k < cves.n; k++)
			hull_backports_add(out, package, cves.v[k], p->file);
	}
}

int hull_backports_read(const struct hull_store *s, const struct hull_system *system,
			struct hull_backports *out, struct hull_err *e)
{
	size_t n = system->has_lock ? system->lock.n : 0;
	hull_autofree int *record = hull_alloc_array(n + 1, sizeof *record);
	struct hull_build_records records = {0};
	struct hull_arena arena = {0};
	int r = n ? hull_build_records_of_lock(s, &system->lock, &records, record, e) : 0;

	for (size_t i = 0; r == 0 && n && i < system->npackages; i++) {
		int locked = locked_index(system, system->packages[i].name);
		struct hull_source_package source;

		if (locked < 0 || record[locked] < 0)
			continue;
		hull_source_package_init(&source, &records.v[record[locked]], system->os_id,
					 &arena);
		add_patches(out, (int)i, &source);
	}
	hull_build_records_fini(&records);
	hull_arena_fini(&arena);
	if (r < 0)
		hull_backports_fini(out);
	return r;
}
