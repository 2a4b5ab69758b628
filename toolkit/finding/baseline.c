// SPDX-License-Identifier: MIT
#include "finding/baseline.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "text/jsonpos.h"
#include "text/patterns.h"

struct baseline_entry {
	const char *id, *object, *justification, *expires;
	unsigned int line;
	bool expired;
	size_t place; /* of its pattern; entries that are the same share it */
};

struct baseline_list {
	struct baseline_entry *v;
	size_t n, cap;
	struct hull_patterns patterns; /* "id object" */
	size_t *entries;	       /* the first of each pattern */
	bool *used;		       /* of each pattern */
	struct hull_arena arena;
};

static bool is_date(const char *s)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (strlen(s) != 10)
		return false;
	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9')
			return false;
	year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + (s[3] - '0');
	month = (s[5] - '0') * 10 + (s[6] - '0');
	day = (s[8] - '0') * 10 + (s[9] - '0');
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static int take_member(const struct hull_jsonpos_value *m, struct baseline_entry *out,
		       struct hull_err *e)
{
	const char *text = json_string_value(m->json);
	const char **to = !strcmp(m->key, "id")		     ? &out->id
			  : !strcmp(m->key, "object")	     ? &out->object
			  : !strcmp(m->key, "justification") ? &out->justification
			  : !strcmp(m->key, "expires")	     ? &out->expires
							     : NULL;

	if (!to)
		return hull_jsonpos_fail_key(
			e, m, "unknown field '%s'; an entry has id, object, justification, expires",
			m->key);
	if (!text || !text[strspn(text, " \t\n")])
		return hull_jsonpos_fail(e, m, "'%s' has to be a text that is not empty", m->key);
	*to = text;
	return 0;
}

static int check_entry(const struct hull_jsonpos_value *v, const struct baseline_entry *n,
		       struct hull_err *e)
{
	const char *missing = !*n->id		   ? "id"
			      : !*n->object	   ? "object"
			      : !*n->justification ? "justification"
			      : !*n->expires	   ? "expires"
						   : NULL;

	if (missing)
		return hull_jsonpos_fail(e, v, "the entry has no '%s'", missing);
	if (!hull_rule_find(n->id))
		return hull_jsonpos_fail(e, v, "there are no findings with the id '%s'", n->id);
	if (!is_date(n->expires))
		return hull_jsonpos_fail(e, v, "expires: '%s' is no date YYYY-MM-DD", n->expires);
	return 0;
}

static int read_entry(const struct hull_jsonpos_value *v, struct baseline_entry *out,
		      struct hull_err *e)
{
	struct hull_jsonpos_value m;
	unsigned int column;

	*out = (struct baseline_entry){.id = "", .object = "", .justification = "", .expires = ""};
	if (!json_is_object(v->json))
		return hull_jsonpos_fail(e, v, "an accepted finding is an object");
	hull_jsonpos_place(v, false, &out->line, &column);
	for (bool more = hull_jsonpos_first(v, &m); more; more = hull_jsonpos_next(&m))
		if (take_member(&m, out, e) < 0)
			return -1;
	return check_entry(v, out, e);
}

/* Marks what the entries accept: of several the first. */
static void accept(struct baseline_list *b, const char *name, struct hull_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct hull_finding *v = &f->v[i];
		hull_autofree char *text = hull_asprintf("%s %s", v->rule->id, v->object);
		size_t at = 0, place, first = b->patterns.n;

		while (hull_patterns_next(&b->patterns, text, &at, &place)) {
			b->used[place] = true;
			first = place < first ? place : first;
		}
		if (first < b->patterns.n && !v->accepted) {
			const struct baseline_entry *entry = &b->v[b->entries[first]];

			v->accepted = hull_arena_strdup(&f->arena, entry->justification);
			v->accepted_by = hull_arena_strdup(&f->arena, name);
			v->expires = hull_arena_strdup(&f->arena, entry->expires);
		}
	}
}

/* Whether its finding is about how the audit was called: that it was called otherwise this time does not
 * say that nobody needs the entry. */
static bool is_of_call(const struct baseline_entry *entry)
{
	return !strcmp(entry->id, "HULL-VULNDB-MISSING");
}

/* Adds what is to be said of the entries themselves. */
static void tell(const struct baseline_list *b, const char *name, struct hull_findings *f)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct baseline_entry *entry = &b->v[i];
		hull_autofree char *object =
			hull_asprintf("%s:%u: %s %s", name, entry->line, entry->id, entry->object);

		if (entry->expired)
			hull_findings_add(f, "HULL-BASELINE-EXPIRED", HULL_OBJECT_BASELINE, object,
					  NULL, "expired on %s: %s", entry->expires,
					  entry->justification);
		else if (!b->used[entry->place] && !is_of_call(entry))
			hull_findings_add(f, "HULL-BASELINE-UNUSED", HULL_OBJECT_BASELINE, object,
					  NULL, "no finding matches it");
	}
}

static int add_entry(struct baseline_list *b, const struct hull_jsonpos_value *v, const char *today,
		     struct hull_err *e)
{
	struct baseline_entry entry;

	if (read_entry(v, &entry, e) < 0)
		return -1;
	entry.expired = strcmp(entry.expires, today) < 0;
	if (!entry.expired)
		entry.place =
			hull_patterns_add(&b->patterns, hull_arena_printf(&b->arena, "%s %s",
									  entry.id, entry.object));
	if (b->patterns.nwild > HULL_PATTERNS_WILD)
		return hull_jsonpos_fail(e, v, "more than %d entries with a wildcard in 'object'",
					 HULL_PATTERNS_WILD);
	b->v = hull_grow(b->v, &b->cap, b->n, sizeof *b->v);
	b->v[b->n++] = entry;
	return 0;
}

static void apply(struct baseline_list *b, const char *name, struct hull_findings *f)
{
	b->entries = hull_arena_array(&b->arena, b->patterns.n + 1, sizeof *b->entries);
	b->used = hull_arena_array(&b->arena, b->patterns.n + 1, sizeof *b->used);
	for (size_t i = b->n; i-- > 0;)
		if (!b->v[i].expired)
			b->entries[b->v[i].place] = i;
	accept(b, name, f);
	tell(b, name, f);
}

int hull_baseline_apply(const char *path, int64_t now, struct hull_findings *f, struct hull_err *e)
{
	const char *name = hull_basename(path);
	struct hull_jsonpos_value root, list, v;
	struct hull_jsonpos doc;
	struct baseline_list b = {0};
	const char *today;
	int rc = 0;

	if (hull_jsonpos_read(AT_FDCWD, path, path, &doc, e) < 0)
		return -1;
	today = hull_date_text(&b.arena, now);
	root = hull_jsonpos_root(&doc);
	if (!hull_jsonpos_member(&root, "accepted", &list) || !json_is_array(list.json))
		rc = hull_jsonpos_fail(e, &root, "not a baseline: it has no list 'accepted'");
	else
		for (bool more = hull_jsonpos_first(&list, &v); more && rc == 0;
		     more = hull_jsonpos_next(&v))
			rc = add_entry(&b, &v, today, e);
	if (rc == 0)
		apply(&b, name, f);
	free(b.v);
	hull_patterns_fini(&b.patterns);
	hull_arena_fini(&b.arena);
	hull_jsonpos_fini(&doc);
	return rc;
}
