// SPDX-License-Identifier: MIT
#include "godeps/golibs.h"

#include <stdlib.h>
#include <string.h>

#include "debian/control.h"

void hull_go_libs_fini(struct hull_go_libs *l)
{
	for (size_t i = 0; i < l->n; i++)
		hull_go_deb_fini(&l->v[i].deb);
	free(l->v);
	hull_arena_fini(&l->arena);
	*l = (struct hull_go_libs){0};
}

static bool is_lib(const char *name)
{
	return hull_starts(name, "golang-") && hull_ends(name, "-dev");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct hull_go_lib *)a)->name, ((const struct hull_go_lib *)b)->name);
}

static const char *join(struct hull_arena *a, const char *x, const char *y)
{
	return x && y ? hull_arena_printf(a, "%s, %s", x, y) : x ? x : y;
}

void hull_go_libs_parse(struct hull_go_libs *l, const char *packages)
{
	struct hull_arena *a = &l->arena;
	struct hull_control c;

	while (hull_control_next(&packages, &c)) {
		struct hull_go_lib lib = {0};

		if (!hull_starts(c.p, "Package: golang-"))
			continue;
		lib.name = hull_control_field(&c, "Package", a);
		lib.version = hull_control_field(&c, "Version", a);
		lib.arch = hull_control_field(&c, "Architecture", a);
		lib.path = hull_control_field(&c, "Filename", a);
		lib.sha256 = hull_control_field(&c, "SHA256", a);
		if (!is_lib(lib.name) || !lib.version || !lib.arch || !lib.path || !lib.sha256)
			continue;
		lib.depends = hull_control_field(&c, "Depends", a);
		lib.provides = hull_control_field(&c, "Provides", a);
		lib.conflicts = join(a, hull_control_field(&c, "Conflicts", a),
				     hull_control_field(&c, "Breaks", a));
		l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
		l->v[l->n++] = lib;
	}
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_name);
}

char *hull_go_build_depends(const char *sources, const char *name, struct hull_arena *a)
{
	static const char *const fields[] = {"Build-Depends", "Build-Depends-Indep",
					     "Build-Depends-Arch"};
	hull_autofree char *head = hull_asprintf("Package: %s\n", name);
	struct hull_control c;

	while (hull_control_next(&sources, &c)) {
		const char *all = NULL;

		if (!hull_starts(c.p, head))
			continue;
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			all = join(a, all, hull_control_field(&c, fields[i], a));
		return hull_arena_strdup(a, all ? all : "");
	}
	return NULL;
}

/* --- the closure of dependencies --- */

static struct hull_go_lib *find_package(const struct hull_go_libs *l, const char *name)
{
	struct hull_go_lib key = {.name = name};

	return l->n ? bsearch(&key, l->v, l->n, sizeof key, by_name) : NULL;
}

static bool names(const char *relations, const char *name)
{
	hull_autostrv struct hull_strv all = {0};

	while (relations && hull_control_clause(&relations, &all))
		;
	return hull_strv_has(&all, name);
}

/* Which of several provides a name does not matter much; a candidate spares another package. */
static struct hull_go_lib *find_provider(const struct hull_go_libs *l, const char *name)
{
	struct hull_go_lib *found = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (names(l->v[i].provides, name) &&
		    (!found || (l->v[i].candidate && !found->candidate)))
			found = &l->v[i];
	return found;
}

static struct hull_go_lib *find_alternative(const struct hull_go_libs *l,
					    const struct hull_strv *alternatives)
{
	for (size_t i = 0; i < alternatives->n; i++) {
		const char *name = alternatives->v[i];
		struct hull_go_lib *found = NULL;

		if (is_lib(name))
			found = find_package(l, name);
		if (is_lib(name) && !found)
			found = find_provider(l, name);
		if (found)
			return found;
	}
	return NULL;
}

void hull_go_libs_close(struct hull_go_libs *l, const char *relations)
{
	const char **queue = hull_alloc_array(l->n + 1, sizeof *queue);
	size_t n = 0;

	queue[n++] = relations;
	for (size_t i = 0; i < n; i++) {
		const char *at = queue[i];

		while (at) {
			hull_autostrv struct hull_strv alternatives = {0};
			struct hull_go_lib *lib;

			if (!hull_control_clause(&at, &alternatives))
				break;
			lib = find_alternative(l, &alternatives);
			if (!lib || lib->candidate)
				continue;
			lib->candidate = true;
			queue[n++] = lib->depends;
		}
	}
	free(queue);
}

/* --- import paths --- */

static bool in_conflict(const struct hull_go_lib *a, const struct hull_go_lib *b)
{
	hull_autostrv struct hull_strv provided = {0};
	const char *at = b->provides;

	if (names(a->conflicts, b->name))
		return true;
	while (at && hull_control_clause(&at, &provided))
		;
	for (size_t i = 0; i < provided.n; i++)
		if (names(a->conflicts, provided.v[i]))
			return true;
	return false;
}

static int find_exactly(const struct hull_go_libs *l, const char *import, struct hull_go_lib **out,
			struct hull_err *e)
{
	*out = NULL;
	for (size_t i = 0; i < l->n; i++) {
		struct hull_go_lib *lib = &l->v[i], *other = *out;

		if (!lib->candidate || !hull_go_deb_has(&lib->deb, import))
			continue;
		if (other) {
			if (!in_conflict(lib, other) && !in_conflict(other, lib))
				return hull_fail(e, HULL_FAILED, "both %s and %s have %s",
						 other->name, lib->name, import);
			if (strverscmp(lib->version, other->version) < 0)
				continue;
		}
		*out = lib;
	}
	return 0;
}

/* NULL if there is no version in the path. */
static char *without_version(const char *import)
{
	for (const char *p = import; (p = strstr(p, "/v")); p++) {
		size_t n = strspn(p + 2, "0123456789");

		if (n > 0 && (!p[2 + n] || p[2 + n] == '/'))
			return hull_asprintf("%.*s%s", (int)(p - import), import, p + 2 + n);
	}
	return NULL;
}

int hull_go_libs_find(const struct hull_go_libs *l, const char *import, struct hull_go_lib **out,
		      struct hull_err *e)
{
	hull_autofree char *unversioned = NULL;

	if (find_exactly(l, import, out, e) < 0)
		return -1;
	if (*out || !(unversioned = without_version(import)))
		return 0;
	return find_exactly(l, unversioned, out, e);
}
