// SPDX-License-Identifier: MIT
#include "audit/ovalfile.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

struct parser {
	XML_Parser xml;
	struct hull_oval *out;
	const char *name;
	int depth;
	bool failed;
	struct hull_err *e;
	struct hull_buf text;			 /* of the element */
	struct hull_oval_definition *definition; /* inside of one */
	struct hull_oval_item *item;
	struct hull_oval_field *field;
	size_t open[MAX_DEPTH]; /* groups around */
	size_t nopen;
};

static void stop(struct parser *p, const char *what, const char *which)
{
	if (!p->failed)
		hull_fail(p->e, HULL_FAILED, "%s:%lu:%lu: %s%s", p->name,
			  (unsigned long)XML_GetCurrentLineNumber(p->xml),
			  (unsigned long)XML_GetCurrentColumnNumber(p->xml) + 1, what, which);
	p->failed = true;
	XML_StopParser(p->xml, XML_FALSE);
}

/* Without the prefix of its namespace. */
static const char *local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static const char *attribute(const char **attributes, const char *name)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (!strcmp(local(attributes[i]), name))
			return attributes[i + 1];
	return NULL;
}

static const char *keep(struct parser *p, const char *s)
{
	return hull_arena_strdup(&p->out->arena, s);
}

static bool is_true(const char *s)
{
	return s && (!strcmp(s, "true") || !strcmp(s, "1"));
}

/* --- definitions --- */

static void start_definition(struct parser *p, const char **a)
{
	struct hull_oval *o = p->out;
	const char *id = attribute(a, "id"), *class = attribute(a, "class");

	if (!id) {
		stop(p, "a definition without an id", "");
		return;
	}
	o->definitions = hull_grow(o->definitions, &o->cap_definitions, o->ndefinitions,
				   sizeof *o->definitions);
	p->definition = &o->definitions[o->ndefinitions++];
	*p->definition = (struct hull_oval_definition){
		.id = keep(p, id),
		.first = o->nnodes,
		.end = o->nnodes,
		.counts = class && (!strcmp(class, "vulnerability") || !strcmp(class, "patch"))};
	p->nopen = 0;
}

static void start_node(struct parser *p, enum hull_oval_node_kind kind, const char **a)
{
	struct hull_oval *o = p->out;
	const char *operator= attribute(a, "operator");
	const char *ref = attribute(a, kind == HULL_OVAL_TEST ? "test_ref" : "definition_ref");

	if (operator&& strcmp(operator, "AND") != 0 && strcmp(operator, "OR") != 0) {
		stop(p, "criteria are not joined by ", operator);
		return;
	}
	if (kind != HULL_OVAL_GROUP && !ref) {
		stop(p, "a criterion that refers to nothing", "");
		return;
	}
	o->nodes = hull_grow(o->nodes, &o->cap_nodes, o->nnodes, sizeof *o->nodes);
	if (kind == HULL_OVAL_GROUP) {
		if (p->nopen == MAX_DEPTH) {
			stop(p, "criteria are nested too deeply", "");
			return;
		}
		p->open[p->nopen++] = o->nnodes;
	}
	o->nodes[o->nnodes] = (struct hull_oval_node){.kind = kind,
						      .is_or = operator&& * operator== 'O',
						      .negate = is_true(attribute(a, "negate")),
						      .ref = keep(p, ref),
						      .end = o->nnodes + 1};
	o->nnodes++;
}

static void start_in_definition(struct parser *p, const char *name, const char **a)
{
	const char *source = attribute(a, "source"), *id = attribute(a, "ref_id");

	if (!strcmp(name, "criteria"))
		start_node(p, HULL_OVAL_GROUP, a);
	else if (!strcmp(name, "criterion"))
		start_node(p, HULL_OVAL_TEST, a);
	else if (!strcmp(name, "extend_definition"))
		start_node(p, HULL_OVAL_EXTEND, a);
	else if (!strcmp(name, "reference") && source && id && !strcmp(source, "CVE") &&
		 !hull_strv_has(&p->definition->cves, id))
		hull_strv_add(&p->definition->cves, id);
}

static void end_in_definition(struct parser *p, const char *name)
{
	struct hull_oval_definition *d = p->definition;

	if (!strcmp(name, "criteria") && p->nopen)
		p->out->nodes[p->open[--p->nopen]].end = p->out->nnodes;
	else if (!strcmp(name, "title") && !d->title)
		d->title = keep(p, p->text.p);
	else if (!strcmp(name, "severity") && !d->severity)
		d->severity = keep(p, p->text.p);
	else if (!strcmp(name, "platform") && !d->platform)
		d->platform = keep(p, p->text.p);
	else if (!strcmp(name, "definition")) {
		d->end = p->out->nnodes;
		p->definition = NULL;
	}
}

/* --- tests, objects, states --- */

static void start_item(struct parser *p, enum hull_oval_item_kind kind, const char **a)
{
	struct hull_oval *o = p->out;
	const char *id = attribute(a, "id");

	if (!id) {
		stop(p, "a test, object or state without an id", "");
		return;
	}
	o->items = hull_grow(o->items, &o->cap_items, o->nitems, sizeof *o->items);
	p->item = &o->items[o->nitems++];
	*p->item = (struct hull_oval_item){.id = keep(p, id),
					   .kind = kind,
					   .check = keep(p, attribute(a, "check")),
					   .existence = keep(p, attribute(a, "check_existence"))};
}

static void start_in_item(struct parser *p, const char *name, const char **a)
{
	struct hull_oval_item *i = p->item;
	const char *object = attribute(a, "object_ref"), *state = attribute(a, "state_ref"),
		   *operation = attribute(a, "operation");

	if (!strcmp(name, "object") && object)
		i->object = keep(p, object);
	else if (!strcmp(name, "state") && state)
		hull_strv_add(&i->states, state);
	p->field = !strcmp(name, "name")      ? &i->name
		   : !strcmp(name, "evr")     ? &i->evr
		   : !strcmp(name, "epoch")   ? &i->epoch
		   : !strcmp(name, "version") ? &i->version
		   : !strcmp(name, "release") ? &i->release
		   : !strcmp(name, "arch")    ? &i->arch
					      : NULL;
	if (p->field)
		p->field->operation = operation ? keep(p, operation) : "equals";
}

static void XMLCALL start(void *context, const char *full, const char **a)
{
	struct parser *p = context;
	const char *name = local(full);

	p->text.n = 0;
	hull_buf_adds(&p->text, "");
	if (p->depth++ == 0 && strcmp(name, "oval_definitions") != 0)
		stop(p, "no OVAL definitions: the outermost element is ", full);
	else if (p->definition)
		start_in_definition(p, name, a);
	else if (p->item)
		start_in_item(p, name, a);
	else if (!strcmp(name, "definition"))
		start_definition(p, a);
	else if (!strcmp(name, "rpminfo_test"))
		start_item(p, HULL_OVAL_RPM_TEST, a);
	else if (!strcmp(name, "rpminfo_object"))
		start_item(p, HULL_OVAL_RPM_OBJECT, a);
	else if (!strcmp(name, "rpminfo_state"))
		start_item(p, HULL_OVAL_RPM_STATE, a);
}

static void trim(struct hull_buf *b)
{
	size_t from = strspn(b->p, " \t\r\n");

	while (b->n > from && strchr(" \t\r\n", b->p[b->n - 1]))
		b->n--;
	memmove(b->p, b->p + from, b->n - from);
	b->n -= from;
	b->p[b->n] = '\0';
}

static void XMLCALL end(void *context, const char *full)
{
	struct parser *p = context;
	const char *name = local(full);

	p->depth--;
	trim(&p->text);
	if (p->field) {
		p->field->text = keep(p, p->text.p);
		p->field = NULL;
	} else if (p->definition) {
		end_in_definition(p, name);
	} else if (p->item && hull_starts(name, "rpminfo_")) {
		p->item = NULL;
	}
	p->text.n = 0;
	hull_buf_adds(&p->text, "");
}

static void XMLCALL characters(void *context, const char *s, int n)
{
	struct parser *p = context;

	if (p->definition || p->item)
		hull_buf_add(&p->text, s, (size_t)n);
}

/* --- the whole --- */

static int by_id(const void *a, const void *b)
{
	const struct hull_oval_item *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : (int)x->kind - (int)y->kind;
}

static int feed(struct parser *p, const char *text, size_t n)
{
	while (n && !p->failed) {
		int part = n > INT_MAX / 2 ? INT_MAX / 2 : (int)n;

		if (XML_Parse(p->xml, text, part, (size_t)part == n) != XML_STATUS_OK) {
			if (!p->failed)
				stop(p, "", XML_ErrorString(XML_GetErrorCode(p->xml)));
			return -1;
		}
		text += part;
		n -= (size_t)part;
	}
	return p->failed ? -1 : 0;
}

int hull_oval_parse(const char *text, size_t n, const char *name, struct hull_oval *out,
		    struct hull_err *e)
{
	struct parser p = {.out = out, .name = name, .e = e, .xml = XML_ParserCreate(NULL)};
	int rc;

	*out = (struct hull_oval){0};
	hull_assert(p.xml);
	XML_SetUserData(p.xml, &p);
	XML_SetElementHandler(p.xml, start, end);
	XML_SetCharacterDataHandler(p.xml, characters);
	rc = n ? feed(&p, text, n) : hull_fail(e, HULL_FAILED, "%s: an empty file", name);
	XML_ParserFree(p.xml);
	hull_buf_fini(&p.text);
	if (rc < 0) {
		hull_oval_fini(out);
		return -1;
	}
	if (out->nitems)
		qsort(out->items, out->nitems, sizeof *out->items, by_id);
	return 0;
}

void hull_oval_fini(struct hull_oval *o)
{
	for (size_t i = 0; i < o->ndefinitions; i++)
		hull_strv_fini(&o->definitions[i].cves);
	for (size_t i = 0; i < o->nitems; i++)
		hull_strv_fini(&o->items[i].states);
	free(o->definitions);
	free(o->nodes);
	free(o->items);
	hull_arena_fini(&o->arena);
	*o = (struct hull_oval){0};
}

const struct hull_oval_item *hull_oval_item(const struct hull_oval *o, const char *id,
					    enum hull_oval_item_kind kind)
{
	struct hull_oval_item key = {.id = id, .kind = kind};

	return o->nitems ? bsearch(&key, o->items, o->nitems, sizeof *o->items, by_id) : NULL;
}
