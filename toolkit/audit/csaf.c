// SPDX-License-Identifier: MIT
#include "audit/csaf.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

/* What a product id stands for. */
struct product {
	const char *id;
	struct hull_strv names; /* package URLs, CPEs, or its name if it has neither */
};

struct document {
	const char *name;
	struct hull_vex *out;
	const json_t *groups; /* product_groups */
	struct product *v;
	size_t n, cap;
};

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static struct product *find(const struct document *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].id, id))
			return &d->v[i];
	return NULL;
}

static struct product *add(struct document *d, const char *id)
{
	d->v = hull_grow(d->v, &d->cap, d->n, sizeof *d->v);
	d->v[d->n] = (struct product){.id = id};
	return &d->v[d->n++];
}

/* A full_product_name_t. */
static void take_product(struct document *d, const json_t *j)
{
	const json_t *helper = json_object_get(j, "product_identification_helper"), *one;
	const char *id = text_of(j, "product_id"), *purl = text_of(helper, "purl"),
		   *cpe = text_of(helper, "cpe"), *label = text_of(j, "name");
	struct product *p;
	size_t i;

	if (!id)
		return;
	p = add(d, id);
	if (purl)
		hull_strv_add(&p->names, purl);
	json_array_foreach(json_object_get(helper, "purls"), i, one) if (json_is_string(one))
		hull_strv_add(&p->names, json_string_value(one));
	if (cpe)
		hull_strv_add(&p->names, cpe);
	if (!p->names.n && label)
		hull_strv_add(&p->names, label);
}

static int take_branches(struct document *d, const json_t *list, int depth, struct hull_err *e)
{
	const json_t *j;
	size_t i;

	if (depth > MAX_DEPTH)
		return hull_fail(e, HULL_FAILED, "%s: branches are nested too deeply", d->name);
	json_array_foreach(list, i, j)
	{
		if (json_object_get(j, "product"))
			take_product(d, json_object_get(j, "product"));
		if (take_branches(d, json_object_get(j, "branches"), depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

/* "openssl as a component of the image": what counts is the component. */
static void take_relationship(struct document *d, const json_t *j)
{
	const char *id = text_of(json_object_get(j, "full_product_name"), "product_id"),
		   *of = text_of(j, "product_reference");
	const struct product *from = of ? find(d, of) : NULL;
	size_t at = from ? (size_t)(from - d->v) : 0;
	struct product *to;

	if (!id || !from)
		return;
	to = add(d, id);
	for (size_t i = 0; i < d->v[at].names.n; i++)
		hull_strv_add(&to->names, d->v[at].names.v[i]);
}

static int take_tree(struct document *d, const json_t *tree, struct hull_err *e)
{
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(tree, "full_product_names"), i, j) take_product(d, j);
	if (take_branches(d, json_object_get(tree, "branches"), 0, e) < 0)
		return -1;
	json_array_foreach(json_object_get(tree, "relationships"), i, j) take_relationship(d, j);
	d->groups = json_object_get(tree, "product_groups");
	return 0;
}

/* --- vulnerabilities --- */

static bool lists(const json_t *list, const char *id)
{
	const json_t *j;
	size_t i;

	json_array_foreach(list, i, j) if (json_is_string(j) &&
					   !strcmp(json_string_value(j), id)) return true;
	return false;
}

/* Whether a flag or threat is about a product: by its id or that of a group; one that names neither
 * is about all. */
static bool concerns(const struct document *d, const json_t *j, const char *id)
{
	const json_t *ids = json_object_get(j, "product_ids"),
		     *groups = json_object_get(j, "group_ids"), *group;
	size_t i;

	if ((!ids && !groups) || lists(ids, id))
		return true;
	json_array_foreach(d->groups, i, group)
	{
		const char *name = text_of(group, "group_id");

		if (name && lists(groups, name) && lists(json_object_get(group, "product_ids"), id))
			return true;
	}
	return false;
}

static const char *justify(const struct document *d, const json_t *v, const char *status,
			   const char *id)
{
	hull_autobuf struct hull_buf text = {0};
	const json_t *j;
	size_t i;

	hull_buf_adds(&text, status);
	json_array_foreach(json_object_get(v, "flags"), i,
			   j) if (text_of(j, "label") && concerns(d, j, id))
		hull_buf_addf(&text, ": %s", text_of(j, "label"));
	json_array_foreach(json_object_get(v, "threats"), i, j)
	{
		const char *category = text_of(j, "category"), *details = text_of(j, "details");

		if (category && details && !strcmp(category, "impact") && concerns(d, j, id))
			hull_buf_addf(&text, ": %s", details);
	}
	return hull_arena_strdup(&d->out->arena, text.p);
}

static void take_status(struct document *d, const json_t *v, const char *key,
			enum hull_vex_status status, const char *words)
{
	const char *cve = text_of(v, "cve");
	const json_t *j, *id;
	size_t i, k;

	json_array_foreach(json_object_get(json_object_get(v, "product_status"), key), i, j)
	{
		const struct product *p = json_is_string(j) ? find(d, json_string_value(j)) : NULL;
		struct hull_vex_statement *s;

		if (!p)
			continue;
		s = hull_vex_add(d->out);
		s->status = status;
		s->source = hull_arena_strdup(&d->out->arena, d->name);
		s->justification = justify(d, v, words, p->id);
		if (cve)
			hull_strv_add(&s->vulnerabilities, cve);
		json_array_foreach(json_object_get(v, "ids"), k, id) if (text_of(id, "text"))
			hull_strv_add(&s->vulnerabilities, text_of(id, "text"));
		for (k = 0; k < p->names.n; k++)
			hull_strv_add(&s->products, p->names.v[k]);
		/* a product that nothing tells about is none of ours */
		if (!p->names.n)
			hull_strv_add(&s->products, p->id);
	}
}

int hull_csaf_read(const json_t *root, const char *name, struct hull_vex *out, struct hull_err *e)
{
	struct document d = {.name = name, .out = out};
	const json_t *list = json_object_get(root, "vulnerabilities"), *v;
	size_t i;
	int rc;

	if (!json_is_array(list))
		return hull_fail(e, HULL_FAILED, "%s: CSAF without a list \"vulnerabilities\"",
				 name);
	rc = take_tree(&d, json_object_get(root, "product_tree"), e);
	if (rc == 0)
		json_array_foreach(list, i, v)
		{
			take_status(&d, v, "known_affected", HULL_VEX_OTHER, "affected");
			take_status(&d, v, "under_investigation", HULL_VEX_OTHER,
				    "under investigation");
			take_status(&d, v, "fixed", HULL_VEX_FIXED, "fixed");
			take_status(&d, v, "first_fixed", HULL_VEX_FIXED, "fixed");
			take_status(&d, v, "known_not_affected", HULL_VEX_NOT_AFFECTED,
				    "not affected");
		}
	for (size_t k = 0; k < d.n; k++)
		hull_strv_fini(&d.v[k].names);
	free(d.v);
	return rc;
}
