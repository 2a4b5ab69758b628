// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <string.h>

#include "rpm/package.h"
#include "spec/specjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_package(const json_t *j, struct hull_arena *a)
{
	hull_autojson json_t *once = NULL, *twice = NULL;
	struct hull_package p;
	struct hull_err e;

	if (hull_package_from_json(j, "fuzz", a, &p, &e) < 0)
		return;
	once = hull_package_to_json(&p);
	hull_assert(hull_package_from_json(once, "fuzz", a, &p, &e) == 0);
	twice = hull_package_to_json(&p);
	hull_assert(json_equal(once, twice));
}

static void check_spec(const json_t *j, struct hull_arena *a)
{
	hull_autojson json_t *once = NULL, *twice = NULL;
	struct hull_spec s;
	struct hull_err e;

	if (hull_spec_from_json(j, "fuzz", a, &s, &e) < 0)
		return;
	once = hull_spec_to_json(&s);
	hull_assert(hull_spec_from_json(once, "fuzz", a, &s, &e) == 0);
	twice = hull_spec_to_json(&s);
	hull_assert(json_equal(once, twice));
}

/* What was parsed and written once is read again as the same. */
static void check_deps(const char *text, struct hull_arena *a)
{
	struct hull_deps deps = {0};
	struct hull_dep again;
	struct hull_err e;

	hull_ignore(hull_deps_parse(text, a, &deps, &e));
	for (size_t i = 0; i < deps.n; i++) {
		const char *written = hull_dep_text(&deps.v[i], a);

		hull_assert(hull_dep_parse(written, a, &again, &e) == 0);
		hull_assert(!strcmp(hull_dep_text(&again, a), written));
	}
}

/* A description of a package or a spec; what is no JSON is a list of dependencies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hull_autojson json_t *j = json_loadb((const char *)data, size, 0, NULL);
	struct hull_arena arena = {0};

	if (j) {
		check_package(j, &arena);
		check_spec(j, &arena);
	} else {
		check_deps(hull_arena_strndup(&arena, (const char *)data, size), &arena);
	}
	hull_arena_fini(&arena);
	return 0;
}
