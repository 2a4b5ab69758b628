// SPDX-License-Identifier: MIT
#include "verify/verification.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/printable.h"

static const struct {
	const char *name, *one; /* of a kind, of one of its links */
} kinds[HULL_VERIFY_KINDS] = {
	[HULL_VERIFY_FILES] = {"files", "file"},
	[HULL_VERIFY_PACKAGES] = {"packages", "package"},
	[HULL_VERIFY_RECORDS] = {"records", "record"},
	[HULL_VERIFY_SOURCES] = {"sources", "source"},
	[HULL_VERIFY_BOOT] = {"boot", "boot"},
	[HULL_VERIFY_VERITY] = {"verity", "verity"},
	[HULL_VERIFY_REBUILDS] = {"rebuilds", "rebuild"},
};

void hull_verification_add(struct hull_verification *v, enum hull_verify_kind kind, bool unchecked,
			   const char *object, const char *reason_fmt, ...)
{
	char *reason = NULL;
	va_list ap;

	va_start(ap, reason_fmt);
	hull_assert(vasprintf(&reason, reason_fmt, ap) >= 0);
	va_end(ap);
	v->v = hull_grow(v->v, &v->cap, v->n, sizeof *v->v);
	v->v[v->n++] = (struct hull_broken_link){
		.kind = kind,
		.unchecked = unchecked,
		.object = hull_arena_strdup(&v->arena, hull_printable(object, &v->arena)),
		.reason = hull_arena_strdup(&v->arena, hull_printable(reason, &v->arena)),
	};
	free(reason);
}

void hull_verification_fini(struct hull_verification *v)
{
	hull_arena_fini(&v->arena);
	free(v->v);
	*v = (struct hull_verification){0};
}

static int by_part(const void *a, const void *b)
{
	const struct hull_broken_link *x = a, *y = b;
	int r = (int)x->kind - (int)y->kind;

	if (r == 0)
		r = strcmp(x->object, y->object);
	if (r == 0)
		r = x->unchecked - y->unchecked;
	return r ? r : strcmp(x->reason, y->reason);
}

void hull_verification_sort(struct hull_verification *v)
{
	size_t n = 0;

	if (v->n)
		qsort(v->v, v->n, sizeof *v->v, by_part);
	for (size_t i = 0; i < v->n; i++)
		if (!n || by_part(&v->v[n - 1], &v->v[i]) != 0)
			v->v[n++] = v->v[i];
	v->n = n;
}

static size_t count(const struct hull_verification *v, int kind, bool unchecked)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->v[i].unchecked == unchecked && (kind < 0 || (int)v->v[i].kind == kind);
	return n;
}

size_t hull_verification_count(const struct hull_verification *v, bool unchecked)
{
	return count(v, -1, unchecked);
}

static void add_counts(const struct hull_verification *v, int kind, struct hull_buf *out)
{
	size_t broken = count(v, kind, false), unchecked = count(v, kind, true);

	if (!v->held[kind] && !broken && !unchecked)
		return;
	hull_buf_addf(out, "%-9s %zu hold, %zu broken", kinds[kind].name, v->held[kind], broken);
	if (unchecked)
		hull_buf_addf(out, ", %zu not checked", unchecked);
	if (kind == HULL_VERIFY_FILES && v->made)
		hull_buf_addf(out, "; %zu made by the image writer", v->made);
	hull_buf_addc(out, '\n');
}

void hull_verification_text(const struct hull_verification *v, struct hull_buf *out)
{
	for (size_t i = 0; i < v->n; i++)
		hull_buf_showf(out, "%s: %s %s: %s\n", v->v[i].unchecked ? "not checked" : "broken",
			       kinds[v->v[i].kind].one, v->v[i].object, v->v[i].reason);
	for (int i = 0; i < HULL_VERIFY_KINDS; i++)
		add_counts(v, i, out);
}

json_t *hull_verification_to_json(const struct hull_verification *v, const char *image)
{
	json_t *j = json_object(), *links = json_array(), *counts = json_object();
	struct hull_arena a = {0};

	json_object_set_new(j, "image", json_string(hull_printable(image, &a)));
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(
			links, json_pack("{s:s, s:s, s:s, s:s}", "kind", kinds[v->v[i].kind].name,
					 "state", v->v[i].unchecked ? "not checked" : "broken",
					 "object", v->v[i].object, "reason", v->v[i].reason));
	for (int i = 0; i < HULL_VERIFY_KINDS; i++)
		json_object_set_new(counts, kinds[i].name,
				    json_pack("{s:I, s:I, s:I}", "hold", (json_int_t)v->held[i],
					      "broken", (json_int_t)count(v, i, false),
					      "not_checked", (json_int_t)count(v, i, true)));
	json_object_set_new(j, "links", links);
	json_object_set_new(j, "counts", counts);
	json_object_set_new(j, "made", json_integer((json_int_t)v->made));
	hull_arena_fini(&a);
	return j;
}
