// SPDX-License-Identifier: MIT
#include "audit/vex.h"

#include <stdlib.h>
#include <string.h>

#include "audit/csaf.h"
#include "audit/purlread.h"

struct hull_vex_statement *hull_vex_add(struct hull_vex *v)
{
	v->v = hull_grow(v->v, &v->cap, v->n, sizeof *v->v);
	v->v[v->n] = (struct hull_vex_statement){0};
	return &v->v[v->n++];
}

void hull_vex_fini(struct hull_vex *v)
{
	for (size_t i = 0; i < v->n; i++) {
		hull_strv_fini(&v->v[i].vulnerabilities);
		hull_strv_fini(&v->v[i].products);
	}
	free(v->v);
	hull_arena_fini(&v->arena);
	*v = (struct hull_vex){0};
}

/* --- OpenVEX --- */

static void add_string(struct hull_strv *out, const json_t *j)
{
	if (json_is_string(j) && *json_string_value(j))
		hull_strv_add(out, json_string_value(j));
}

static void take_vulnerability(const json_t *j, struct hull_strv *out)
{
	const json_t *alias;
	size_t i;

	add_string(out, j); /* version 0.0.1 */
	add_string(out, json_object_get(j, "name"));
	json_array_foreach(json_object_get(j, "aliases"), i, alias) add_string(out, alias);
}

static void take_product(json_t *j, struct hull_strv *out)
{
	json_t *parts = json_object_get(j, "subcomponents"), *part,
	       *identifiers = json_object_get(j, "identifiers"), *value;
	const char *key;
	size_t i;

	if (json_array_size(parts)) {
		json_array_foreach(parts, i, part) if (!json_object_get(part, "subcomponents"))
			take_product(part, out);
		return;
	}
	add_string(out, j);
	add_string(out, json_object_get(j, "@id"));
	json_object_foreach(identifiers, key, value) add_string(out, value);
}

static int take_statement(const json_t *j, const char *name, size_t number, struct hull_vex *out,
			  struct hull_err *e)
{
	const char *status = json_string_value(json_object_get(j, "status")),
		   *why = json_string_value(json_object_get(j, "justification")),
		   *impact = json_string_value(json_object_get(j, "impact_statement")),
		   *notes = json_string_value(json_object_get(j, "status_notes"));
	struct hull_vex_statement *s;
	json_t *product;
	size_t i;

	if (!status)
		return hull_fail(e, HULL_FAILED, "%s: statement %zu has no \"status\"", name,
				 number + 1);
	s = hull_vex_add(out);
	s->status = !strcmp(status, "not_affected") ? HULL_VEX_NOT_AFFECTED
		    : !strcmp(status, "fixed")	    ? HULL_VEX_FIXED
						    : HULL_VEX_OTHER;
	s->source = hull_arena_strdup(&out->arena, name);
	s->justification = hull_arena_printf(&out->arena, "%s%s%s%s%s", status, why ? ": " : "",
					     why ? why : "", impact || notes ? ": " : "",
					     impact  ? impact
					     : notes ? notes
						     : "");
	take_vulnerability(json_object_get(j, "vulnerability"), &s->vulnerabilities);
	json_array_foreach(json_object_get(j, "products"), i, product)
		take_product(product, &s->products);
	if (!s->vulnerabilities.n)
		return hull_fail(e, HULL_FAILED, "%s: statement %zu names no vulnerability", name,
				 number + 1);
	return 0;
}

static int read_openvex(const json_t *root, const char *name, struct hull_vex *out,
			struct hull_err *e)
{
	const json_t *list = json_object_get(root, "statements"), *j;
	size_t i;

	if (!json_is_array(list))
		return hull_fail(e, HULL_FAILED, "%s: OpenVEX without a list \"statements\"", name);
	json_array_foreach(list, i, j) if (take_statement(j, name, i, out, e) < 0) return -1;
	return 0;
}

int hull_vex_read(const char *text, size_t n, const char *name, struct hull_vex *out,
		  struct hull_err *e)
{
	json_error_t problem;
	hull_autojson json_t *root = json_loadb(text, n, 0, &problem);
	const json_t *context = json_object_get(root, "@context");

	if (!root)
		return hull_fail(e, HULL_FAILED, "%s:%d:%d: %s", name, problem.line, problem.column,
				 problem.text);
	if (json_is_array(context))
		context = json_array_get(context, 0);
	if (json_is_string(context) && strstr(json_string_value(context), "openvex"))
		return read_openvex(root, name, out, e);
	if (json_is_object(json_object_get(root, "document")))
		return hull_csaf_read(root, name, out, e);
	return hull_fail(e, HULL_FAILED,
			 "%s: neither OpenVEX (\"@context\") nor CSAF (\"document\")", name);
}

/* --- what a statement is about --- */

static bool version_fits(const char *version, const struct hull_component *c,
			 const struct hull_package *p)
{
	const char *colon = strchr(c->version, ':');

	if (!version || !*version || !strcmp(version, "*") || !strcmp(version, c->version) ||
	    (colon && !strcmp(version, colon + 1)) || !strcmp(version, p->version))
		return true;
	/* version and release of the package itself */
	return hull_starts(version, p->version) && version[strlen(p->version)] == '-' &&
	       !strcmp(version + strlen(p->version) + 1, p->release);
}

static bool name_fits(const char *name, const struct hull_component *c,
		      const struct hull_package *p)
{
	return !strcmp(name, c->name) || !strcmp(name, c->subject) || !strcmp(name, p->name);
}

/* cpe:2.3:a:vendor:product:version:..., without backslashes in what is compared */
static bool cpe_fits(const char *cpe, const struct hull_component *c, const struct hull_package *p)
{
	struct hull_arena a = {0};
	const char *part[6] = {0};
	bool fits;

	for (size_t i = 0; i < 6 && cpe; i++) {
		size_t n = strcspn(cpe, ":");

		part[i] = hull_arena_strndup(&a, cpe, n);
		cpe = cpe[n] ? cpe + n + 1 : NULL;
	}
	fits = part[4] && name_fits(part[4], c, p) && version_fits(part[5], c, p);
	hull_arena_fini(&a);
	return fits;
}

static bool product_fits(const char *product, const struct hull_component *c,
			 const struct hull_package *p)
{
	struct hull_arena a = {0};
	struct hull_purl_parts parts;
	bool fits;

	if (hull_starts(product, "cpe:2.3:"))
		return cpe_fits(product, c, p);
	if (!hull_purl_parse(product, &a, &parts)) {
		fits = name_fits(product, c, p);
	} else if (!strcmp(parts.type, "golang")) {
		const char *module =
			parts.namespace
				? hull_arena_printf(&a, "%s/%s", parts.namespace, parts.name)
				: parts.name;

		fits = !strcmp(module, c->name) && version_fits(parts.version, c, p);
	} else {
		fits = name_fits(parts.name, c, p) && version_fits(parts.version, c, p);
	}
	hull_arena_fini(&a);
	return fits;
}

const struct hull_vex_statement *hull_vex_find(const struct hull_vex *v,
					       const struct hull_system *s,
					       const struct hull_hit *hit)
{
	const struct hull_package *p = &s->packages[hit->component->package];

	for (size_t i = v->n; i-- > 0;) {
		const struct hull_vex_statement *st = &v->v[i];

		if (!hull_strv_has(&st->vulnerabilities, hit->id))
			continue;
		if (!st->products.n)
			return st;
		for (size_t k = 0; k < st->products.n; k++)
			if (product_fits(st->products.v[k], hit->component, p))
				return st;
	}
	return NULL;
}
