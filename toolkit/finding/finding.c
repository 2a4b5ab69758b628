// SPDX-License-Identifier: MIT
#include "finding/finding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json.h"

static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
static const char *const kinds[] = {"file",   "package", "unit",    "account",
				    "option", "image",	 "baseline"};

const char *hull_severity_name(enum hull_severity s)
{
	return severities[s];
}

bool hull_severity_parse(const char *name, enum hull_severity *out)
{
	for (size_t i = 0; i < HULL_SEVERITIES; i++) {
		if (strcmp(name, severities[i]) != 0)
			continue;
		*out = (enum hull_severity)i;
		return true;
	}
	return false;
}

const char *hull_object_kind_name(enum hull_object_kind k)
{
	return kinds[k];
}

const struct hull_rule *hull_rule_find(const char *id)
{
	size_t i = hull_lower_bound(id, hull_rules, hull_nrules, sizeof *hull_rules,
				    offsetof(struct hull_rule, id));

	return i < hull_nrules && !strcmp(hull_rules[i].id, id) ? &hull_rules[i] : NULL;
}

void hull_findings_fini(struct hull_findings *f)
{
	hull_arena_fini(&f->arena);
	hull_strv_fini(&f->errors);
	free(f->v);
	*f = (struct hull_findings){0};
}

struct hull_finding *hull_findings_add(struct hull_findings *f, const char *id,
				       enum hull_object_kind kind, const char *object,
				       const char *package, const char *reason_fmt, ...)
{
	const struct hull_rule *rule = hull_rule_find(id);
	hull_autofree char *reason = NULL;
	struct hull_finding *to;
	va_list ap;

	hull_assert(rule);
	va_start(ap, reason_fmt);
	hull_assert(vasprintf(&reason, reason_fmt, ap) >= 0);
	va_end(ap);
	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	to = &f->v[f->n++];
	*to = (struct hull_finding){
		.rule = rule,
		.severity = rule->severity,
		.kind = kind,
		.object = hull_arena_strdup(&f->arena, object),
		.package = hull_arena_strdup(&f->arena, package),
		.reason = hull_arena_strdup(&f->arena, reason),
		.remediation = rule->remediation,
	};
	return to;
}

static int compare(const void *a, const void *b)
{
	const struct hull_finding *x = a, *y = b;
	int order = (int)y->severity - (int)x->severity;

	if (!order)
		order = strcmp(x->rule->id, y->rule->id);
	if (!order)
		order = strcmp(x->object, y->object);
	return order ? order : strcmp(x->reason, y->reason);
}

void hull_findings_sort(struct hull_findings *f)
{
	size_t kept = 0;

	if (f->n)
		qsort(f->v, f->n, sizeof *f->v, compare);
	for (size_t i = 0; i < f->n; i++)
		if (!kept || compare(&f->v[kept - 1], &f->v[i]) != 0)
			f->v[kept++] = f->v[i];
	f->n = kept;
}

size_t hull_findings_count(const struct hull_findings *f, enum hull_severity least)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !f->v[i].accepted && f->v[i].severity >= least;
	return n;
}

static json_t *to_json(const struct hull_finding *f)
{
	json_t *j = json_object();

	hull_json_set_clean(j, "id", f->rule->id);
	hull_json_set_clean(j, "title", f->rule->title);
	hull_json_set_clean(j, "severity", hull_severity_name(f->severity));
	hull_json_set_clean(j, "kind", hull_object_kind_name(f->kind));
	hull_json_set_clean(j, "object", f->object);
	hull_json_set_clean(j, "package", f->package);
	hull_json_set_clean(j, "reason", f->reason);
	hull_json_set_clean(j, "remediation", f->remediation);
	hull_json_set_clean(j, "accepted", f->accepted);
	hull_json_set_clean(j, "accepted_by", f->accepted_by);
	hull_json_set_clean(j, "expires", f->expires);
	return j;
}

static size_t count_of(const struct hull_findings *f, enum hull_severity s)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !f->v[i].accepted && f->v[i].severity == s;
	return n;
}

static size_t count_accepted(const struct hull_findings *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].accepted != NULL;
	return n;
}

json_t *hull_findings_to_json(const struct hull_findings *f, const char *image)
{
	json_t *j = json_object(), *list = json_array(), *accepted = json_array(),
	       *errors = json_array(), *counts = json_object();

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(f->v[i].accepted ? accepted : list, to_json(&f->v[i]));
	for (size_t i = 0; i < f->errors.n; i++)
		json_array_append_new(errors, hull_json_clean(f->errors.v[i]));
	for (int s = HULL_CRITICAL; s >= HULL_INFO; s--)
		json_object_set_new(counts, severities[s],
				    json_integer((json_int_t)count_of(f, (enum hull_severity)s)));
	json_object_set_new(counts, "accepted", json_integer((json_int_t)count_accepted(f)));
	hull_json_set_clean(j, "image", image);
	json_object_set_new(j, "counts", counts);
	json_object_set_new(j, "findings", list);
	json_object_set_new(j, "accepted", accepted);
	json_object_set_new(j, "errors", errors);
	return j;
}

static void add_accepted(const struct hull_findings *f, struct hull_buf *out)
{
	hull_buf_adds(out, "accepted\n");
	for (size_t i = 0; i < f->n; i++) {
		const struct hull_finding *v = &f->v[i];

		if (v->accepted)
			hull_buf_showf(out, "  %s %s: %s (%s%s%s)\n", v->rule->id, v->object,
				       v->accepted, v->accepted_by, v->expires ? ", until " : "",
				       v->expires ? v->expires : "");
	}
}

/* What fixes a kind of finding stands once below all of that kind. */
static void add_group(const struct hull_findings *f, enum hull_severity s, struct hull_buf *out)
{
	const struct hull_finding *last = NULL;

	hull_buf_showf(out, "%s\n", severities[s]);
	for (size_t i = 0; i < f->n; i++) {
		const struct hull_finding *v = &f->v[i];

		if (v->accepted || v->severity != s)
			continue;
		if (last && last->remediation != v->remediation)
			hull_buf_showf(out, "    fix: %s\n", last->remediation);
		hull_buf_showf(out, "  %s %s: %s", v->rule->id, v->object, v->reason);
		if (v->package && v->kind != HULL_OBJECT_PACKAGE)
			hull_buf_showf(out, " [%s]", v->package);
		hull_buf_addc(out, '\n');
		last = v;
	}
	if (last)
		hull_buf_showf(out, "    fix: %s\n", last->remediation);
}

void hull_findings_text(const struct hull_findings *f, bool all, struct hull_buf *out)
{
	size_t accepted = count_accepted(f), total = 0;

	for (int s = HULL_CRITICAL; s >= (all ? HULL_INFO : HULL_LOW); s--)
		if (count_of(f, (enum hull_severity)s))
			add_group(f, (enum hull_severity)s, out);
	if (all && accepted)
		add_accepted(f, out);
	for (int s = HULL_CRITICAL; s > HULL_INFO; s--)
		total += count_of(f, (enum hull_severity)s);
	hull_buf_showf(out, "%zu finding%s", total, total == 1 ? "" : "s");
	for (int s = HULL_CRITICAL, first = 1; s > HULL_INFO; s--) {
		size_t n = count_of(f, (enum hull_severity)s);

		if (!n)
			continue;
		hull_buf_showf(out, "%s%zu %s", first ? ": " : ", ", n, severities[s]);
		first = 0;
	}
	hull_buf_showf(out, "; %zu for information, %zu accepted\n", count_of(f, HULL_INFO),
		       accepted);
}
