// SPDX-License-Identifier: MIT
#include <string.h>

#include "debian/outdated.h"
#include "text/json.h"

static const char *const states[] = {
	[HULL_PIN_CURRENT] = "current", [HULL_PIN_NEWER] = "newer",
	[HULL_PIN_PATCHED] = "patched", [HULL_PIN_GONE] = "gone",
	[HULL_PIN_DIFFERS] = "differs",
};

static const char *const kinds[] = {
	[HULL_PIN_SOURCE] = "source",
	[HULL_PIN_UPSTREAM] = "upstream",
	[HULL_PIN_BINARY] = "binary",
};

/* --- for people --- */

static int width(int most, const char *text)
{
	int n = (int)strlen(text);

	return n > most && n <= 60 ? n : most;
}

static void add_note(const struct hull_pin_result *r, struct hull_buf *out)
{
	if (r->state == HULL_PIN_PATCHED)
		hull_buf_adds(out, "; as patches of Debian");
	if (r->state == HULL_PIN_DIFFERS)
		hull_buf_adds(out, "; the archive's file has another digest");
	else if (!r->listed)
		hull_buf_adds(out, "; the pinned version is in none of the suites");
}

static void add_rows(const struct hull_outdated *o, bool seed, bool all, struct hull_buf *out)
{
	int w[3] = {0};

	for (size_t i = 0; i < o->n; i++) {
		const struct hull_pin_result *r = &o->v[i];

		if (r->pin->seed != seed || (!all && r->state == HULL_PIN_CURRENT))
			continue;
		w[0] = width(w[0], r->pin->package);
		w[1] = width(w[1], r->pin->version);
		w[2] = width(w[2], r->newest ? r->newest : "-");
	}
	for (size_t i = 0; i < o->n; i++) {
		const struct hull_pin_result *r = &o->v[i];

		if (r->pin->seed != seed || (!all && r->state == HULL_PIN_CURRENT))
			continue;
		hull_buf_showf(out, "%-9s%-*s  %-*s  %-*s  %s",
			       r->security ? "security" : states[r->state], w[0], r->pin->package,
			       w[1], r->pin->version, w[2], r->newest ? r->newest : "-",
			       r->suite ? r->suite : "no suite has it");
		add_note(r, out);
		if (all && r->elsewhere)
			hull_buf_showf(out, "; %s has %s", r->elsewhere_suite, r->elsewhere);
		for (size_t k = 0; k < r->pin->specs.n; k++)
			hull_buf_showf(out, "%s%s", k ? ", " : " (", r->pin->specs.v[k]);
		hull_buf_adds(out, seed ? "\n" : ")\n");
	}
}

static void add_sum(const struct hull_outdated *o, bool seed, const char *what,
		    struct hull_buf *out)
{
	const size_t *c = o->count[seed];
	size_t n = 0;

	for (int i = 0; i < HULL_PIN_STATES; i++)
		n += c[i];
	hull_buf_addf(out, "%s: %zu packages, %zu with something newer, %zu of them for security",
		      what, n, c[HULL_PIN_NEWER] + c[HULL_PIN_PATCHED], o->security[seed]);
	if (c[HULL_PIN_GONE])
		hull_buf_addf(out, ", %zu in none of the suites", c[HULL_PIN_GONE]);
	if (c[HULL_PIN_DIFFERS])
		hull_buf_addf(out, ", %zu with another digest", c[HULL_PIN_DIFFERS]);
	hull_buf_addc(out, '\n');
}

static void add_compared(const struct hull_outdated *o, struct hull_buf *out)
{
	const struct hull_strv *others = &o->pins.others;

	if (o->suites.n)
		hull_buf_adds(out, "compared with");
	for (size_t i = 0; i < o->suites.n; i++)
		hull_buf_showf(out, "%s %s", i ? "," : "", o->suites.v[i].name);
	if (o->suites.n)
		hull_buf_addc(out, '\n');
	for (size_t i = 0; i < o->suites.missing.n; i++)
		hull_buf_showf(out, "not compared: suite %s\n", o->suites.missing.v[i]);
	if (others->n || o->pins.nlocal)
		hull_buf_addf(out,
			      "not compared: %zu sources that are not of the Debian archive, %zu "
			      "files of specs\n",
			      others->n, o->pins.nlocal);
	for (size_t i = 0; i < others->n; i++)
		hull_buf_showf(out, "    %s\n", others->v[i]);
}

void hull_outdated_text(const struct hull_outdated *o, bool all, struct hull_buf *out)
{
	hull_buf_adds(out, "");
	add_rows(o, false, all, out);
	if (o->seed) {
		size_t before = out->n;
		hull_autobuf struct hull_buf rows = {0};

		add_rows(o, true, all, &rows);
		if (rows.n && before)
			hull_buf_adds(out, "\n");
		if (rows.n)
			hull_buf_addf(out, "seed %.12s\n%s", o->seed, rows.p);
	}
	if (out->n)
		hull_buf_addc(out, '\n');
	add_compared(o, out);
	add_sum(o, false, "specs", out);
	if (o->seed)
		add_sum(o, true, "seed", out);
}

/* --- as data --- */

static json_t *list_json(const struct hull_strv *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(list, hull_json_clean(v->v[i]));
	return list;
}

static json_t *result_json(const struct hull_pin_result *r)
{
	json_t *j = json_object();

	hull_json_set_clean(j, "package", r->pin->package);
	hull_json_set_clean(j, "pinned", r->pin->version);
	hull_json_set(j, "kind", kinds[r->pin->kind]);
	hull_json_set(j, "state", states[r->state]);
	json_object_set_new(j, "security", json_boolean(r->security));
	json_object_set_new(j, "in_archive", json_boolean(r->listed));
	hull_json_set_clean(j, "newest", r->newest);
	hull_json_set_clean(j, "suite", r->suite);
	hull_json_set_clean(j, "elsewhere", r->elsewhere);
	hull_json_set_clean(j, "elsewhere_suite", r->elsewhere_suite);
	if (!r->pin->seed)
		json_object_set_new(j, "specs", list_json(&r->pin->specs));
	return j;
}

static json_t *results_json(const struct hull_outdated *o, bool seed)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].pin->seed == seed)
			json_array_append_new(list, result_json(&o->v[i]));
	return list;
}

static json_t *counts_json(const struct hull_outdated *o, bool seed)
{
	json_t *j = json_object();

	for (int i = 0; i < HULL_PIN_STATES; i++)
		json_object_set_new(j, states[i], json_integer((json_int_t)o->count[seed][i]));
	json_object_set_new(j, "security", json_integer((json_int_t)o->security[seed]));
	return j;
}

json_t *hull_outdated_json(const struct hull_outdated *o)
{
	json_t *j = json_object(), *suites = json_array();

	for (size_t i = 0; i < o->suites.n; i++) {
		json_t *suite = json_object();

		hull_json_set_clean(suite, "name", o->suites.v[i].name);
		hull_json_set_clean(suite, "archive", o->suites.v[i].base);
		json_array_append_new(suites, suite);
	}
	json_object_set_new(j, "suites", suites);
	json_object_set_new(j, "missing_suites", list_json(&o->suites.missing));
	json_object_set_new(j, "packages", results_json(o, false));
	json_object_set_new(j, "counts", counts_json(o, false));
	json_object_set_new(j, "not_compared", list_json(&o->pins.others));
	if (o->seed)
		json_object_set_new(j, "seed",
				    json_pack("{s:s, s:o, s:o}", "id", o->seed, "packages",
					      results_json(o, true), "counts",
					      counts_json(o, true)));
	return j;
}
