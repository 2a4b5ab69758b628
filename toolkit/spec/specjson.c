// SPDX-License-Identifier: MIT
#include "spec/specjson.h"

#include <limits.h>
#include <string.h>

#include "rpm/packagejson.h"
#include "spec/macros.h"

static json_t *source_to_json(const struct hull_spec_source *s)
{
	json_t *j = json_object(), *places = json_array();

	for (size_t i = 0; i < s->nplaces; i++)
		json_array_append_new(places, json_string(s->places[i]));
	json_object_set_new(j, "places", places);
	hull_json_set(j, "date", s->date);

	hull_json_set(j, "url", s->url);
	hull_json_set(j, "file", s->file);
	hull_json_set(j, "sha256", s->sha256);
	hull_json_set(j, "below", s->below);
	hull_json_set_int(j, "patch", s->patch);
	hull_json_set_int(j, "local", s->local);
	hull_json_set_int(j, "number", s->number);
	hull_json_set_int(j, "line", s->line);
	return j;
}

static void places_from_json(const json_t *list, struct hull_arena *a, struct hull_spec_source *out)
{
	const char *place;

	out->places = hull_arena_array(a, json_array_size(list), sizeof *out->places);
	for (size_t i = 0; i < json_array_size(list); i++) {
		place = json_string_value(json_array_get(list, i));
		if (place)
			out->places[out->nplaces++] = hull_arena_strdup(a, place);
	}
}

static int source_from_json(const json_t *j, const char *what, struct hull_arena *a,
			    struct hull_spec_source *out, struct hull_err *e)
{
	int64_t patch = 0, local = 0, number = 0, line = 0;

	if (hull_json_take_string(j, "url", what, a, &out->url, e) < 0 ||
	    hull_json_take_string(j, "file", what, a, &out->file, e) < 0 ||
	    hull_json_take_string(j, "sha256", what, a, &out->sha256, e) < 0 ||
	    hull_json_take_string(j, "below", what, a, &out->below, e) < 0 ||
	    hull_json_take_string(j, "date", what, a, &out->date, e) < 0 ||
	    hull_json_take_int(j, "patch", what, 0, 1, &patch, e) < 0 ||
	    hull_json_take_int(j, "local", what, 0, 1, &local, e) < 0 ||
	    hull_json_take_int(j, "number", what, 0, UINT_MAX, &number, e) < 0 ||
	    hull_json_take_int(j, "line", what, 0, INT_MAX, &line, e) < 0)
		return -1;
	if (!out->url || !out->file)
		return hull_fail(e, HULL_FAILED, "%s: a source without url or file", what);
	/* The process that wrote this ran what the spec says. */
	if (!*out->file || strchr(out->file, '/') || !strcmp(out->file, ".") ||
	    !strcmp(out->file, ".."))
		return hull_fail(e, HULL_FAILED, "%s: '%s' is no name of a file", what, out->file);
	if (out->below && strcmp(out->below, HULL_SPEC_SOURCES) != 0)
		return hull_fail(e, HULL_FAILED, "%s: '%s' is no place of a source", what,
				 out->below);
	places_from_json(json_object_get(j, "places"), a, out);
	out->patch = patch != 0;
	out->local = local != 0;
	out->number = (unsigned int)number;
	out->line = (int)line;
	return 0;
}

static json_t *taken_to_json(const struct hull_spec_taken *t)
{
	json_t *j = json_object();

	hull_json_set_int(j, "source", t->source);
	hull_json_set(j, "name", t->name);
	hull_json_set(j, "cves", *t->cves ? t->cves : NULL);
	return j;
}

static int taken_from_json(const json_t *j, const char *what, struct hull_arena *a,
			   struct hull_spec_taken *out, struct hull_err *e)
{
	int64_t source = 0;

	*out = (struct hull_spec_taken){0};
	if (hull_json_take_int(j, "source", what, 0, UINT_MAX, &source, e) < 0 ||
	    hull_json_take_string(j, "name", what, a, &out->name, e) < 0 ||
	    hull_json_take_string(j, "cves", what, a, &out->cves, e) < 0)
		return -1;
	if (!out->name)
		return hull_fail(e, HULL_FAILED, "%s: a patch without a name", what);
	out->source = (unsigned int)source;
	out->cves = out->cves ? out->cves : "";
	return 0;
}

static json_t *running_to_json(const struct hull_spec_running *r)
{
	json_t *j = json_object();

	hull_json_set(j, "package", r->package);
	hull_json_set(j, "scriptlet", r->scriptlet);
	hull_json_set_int(j, "line", r->line);
	return j;
}

static int running_from_json(const json_t *j, const char *what, struct hull_arena *a,
			     struct hull_spec *out, struct hull_err *e)
{
	const json_t *item;
	int64_t line = 0;
	size_t i;

	out->running = hull_arena_array(a, json_array_size(j), sizeof *out->running);
	json_array_foreach (j, i, item) {
		struct hull_spec_running *r = &out->running[out->nrunning];

		if (hull_json_take_string(item, "package", what, a, &r->package, e) < 0 ||
		    hull_json_take_string(item, "scriptlet", what, a, &r->scriptlet, e) < 0 ||
		    hull_json_take_int(item, "line", what, 0, INT_MAX, &line, e) < 0)
			return -1;
		if (!r->package || !r->scriptlet)
			return hull_fail(e, HULL_FAILED, "%s: a scriptlet without a package", what);
		r->line = (int)line;
		out->nrunning++;
	}
	return 0;
}

json_t *hull_spec_to_json(const struct hull_spec *s)
{
	json_t *j = json_object(), *sources = json_array(), *packages = json_array();
	json_t *taken = json_array(), *defines = json_array(), *running = json_array();

	hull_json_set(j, "name", s->name);
	hull_json_set(j, "version", s->version);
	hull_json_set(j, "release", s->release);
	hull_json_set_int(j, "noarch", s->noarch);
	hull_json_set_int(j, "checks", s->checks);
	hull_json_set_int(j, "generates", s->generates);
	hull_json_set_int(j, "emptied", s->emptied);
	hull_json_set_int(j, "changelog_time", s->changelog_time);
	for (size_t i = 0; i < s->nsources; i++)
		json_array_append_new(sources, source_to_json(&s->sources[i]));
	for (size_t i = 0; i < s->ntaken; i++)
		json_array_append_new(taken, taken_to_json(&s->taken[i]));
	for (size_t i = 0; i < s->nrunning; i++)
		json_array_append_new(running, running_to_json(&s->running[i]));
	for (size_t i = 0; i < s->npackages; i++)
		json_array_append_new(packages, hull_package_to_json(&s->packages[i]));
	for (size_t i = 0; i < s->ndefines; i++)
		json_array_append_new(defines, json_string(s->defines[i]));
	json_object_set_new(j, "defines", defines);
	json_object_set_new(j, "sources", sources);
	json_object_set_new(j, "taken", taken);
	json_object_set_new(j, "running", running);
	json_object_set_new(j, "packages", packages);
	json_object_set_new(j, "build_requires", hull_deps_to_json(&s->build_requires));
	json_object_set_new(j, "build_conflicts", hull_deps_to_json(&s->build_conflicts));
	return j;
}

static int defines_from_json(const json_t *list, const char *what, struct hull_arena *a,
			     struct hull_spec *out, struct hull_err *e)
{
	out->ndefines = json_array_size(list);
	out->defines = hull_arena_array(a, out->ndefines, sizeof *out->defines);
	for (size_t i = 0; i < out->ndefines; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text || !hull_definition_name(text))
			return hull_fail(e, HULL_FAILED, "%s: a definition that is none", what);
		out->defines[i] = hull_arena_strdup(a, text);
	}
	return 0;
}

int hull_spec_from_json(const json_t *j, const char *what, struct hull_arena *a,
			struct hull_spec *out, struct hull_err *e)
{
	const json_t *sources = json_object_get(j, "sources");
	const json_t *packages = json_object_get(j, "packages");
	const json_t *taken = json_object_get(j, "taken");
	int64_t noarch = 0, checks = 0, generates = 0, emptied = 0;

	*out = (struct hull_spec){0};
	if (hull_json_take_string(j, "name", what, a, &out->name, e) < 0 ||
	    hull_json_take_string(j, "version", what, a, &out->version, e) < 0 ||
	    hull_json_take_string(j, "release", what, a, &out->release, e) < 0 ||
	    hull_json_take_int(j, "noarch", what, 0, 1, &noarch, e) < 0 ||
	    hull_json_take_int(j, "checks", what, 0, 1, &checks, e) < 0 ||
	    hull_json_take_int(j, "generates", what, 0, 1, &generates, e) < 0 ||
	    defines_from_json(json_object_get(j, "defines"), what, a, out, e) < 0 ||
	    hull_json_take_int(j, "emptied", what, 0, 1, &emptied, e) < 0 ||
	    running_from_json(json_object_get(j, "running"), what, a, out, e) < 0 ||
	    hull_json_take_int(j, "changelog_time", what, INT64_MIN, INT64_MAX,
			       &out->changelog_time, e) < 0 ||
	    hull_deps_from_json(json_object_get(j, "build_requires"), what, a, &out->build_requires,
				e) < 0 ||
	    hull_deps_from_json(json_object_get(j, "build_conflicts"), what, a,
				&out->build_conflicts, e) < 0)
		return -1;
	if (!out->name || !out->version || !out->release || !json_is_array(sources) ||
	    !json_is_array(taken) || !json_is_array(packages))
		return hull_fail(e, HULL_FAILED, "%s: not a parsed spec", what);
	out->noarch = noarch != 0;
	out->checks = checks != 0;
	out->generates = generates != 0;
	out->emptied = emptied != 0;
	out->nsources = json_array_size(sources);
	out->sources = hull_arena_array(a, out->nsources, sizeof *out->sources);
	for (size_t i = 0; i < out->nsources; i++)
		if (source_from_json(json_array_get(sources, i), what, a, &out->sources[i], e) < 0)
			return -1;
	out->ntaken = json_array_size(taken);
	out->taken = hull_arena_array(a, out->ntaken, sizeof *out->taken);
	for (size_t i = 0; i < out->ntaken; i++)
		if (taken_from_json(json_array_get(taken, i), what, a, &out->taken[i], e) < 0)
			return -1;
	out->npackages = json_array_size(packages);
	out->packages = hull_arena_array(a, out->npackages, sizeof *out->packages);
	for (size_t i = 0; i < out->npackages; i++)
		if (hull_package_from_json(json_array_get(packages, i), what, a, &out->packages[i],
					   e) < 0)
			return -1;
	return 0;
}
