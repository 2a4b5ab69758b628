// SPDX-License-Identifier: MIT
#include "finding/baseline.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#include "base/clock.h"
#include "text/jsonpos.h"

struct baseline_entry {
	const char *id, *object, *justification, *expires;
	unsigned int line;
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

/* Marks what an entry accepts among the first n findings. */
static size_t accept(const struct baseline_entry *entry, const char *name, struct hull_findings *f,
		     size_t n)
{
	size_t matched = 0;

	for (size_t i = 0; i < n; i++) {
		struct hull_finding *v = &f->v[i];

		if (strcmp(v->rule->id, entry->id) != 0 ||
		    fnmatch(entry->object, v->object, 0) != 0)
			continue;
		matched++;
		if (v->accepted)
			continue;
		v->accepted = hull_arena_strdup(&f->arena, entry->justification);
		v->accepted_by = hull_arena_strdup(&f->arena, name);
		v->expires = hull_arena_strdup(&f->arena, entry->expires);
	}
	return matched;
}

/* Whether its finding is about how the audit was called: that it was called otherwise this time does not
 * say that nobody needs the entry. */
static bool is_of_call(const struct baseline_entry *entry)
{
	return !strcmp(entry->id, "HULL-VULNDB-MISSING");
}

static void apply(const struct baseline_entry *entry, const char *name, const char *today,
		  struct hull_findings *f, size_t n)
{
	const char *object = hull_arena_printf(&f->arena, "%s:%u: %s %s", name, entry->line,
					       entry->id, entry->object);

	if (strcmp(entry->expires, today) < 0)
		hull_findings_add(f, "HULL-BASELINE-EXPIRED", HULL_OBJECT_BASELINE, object, NULL,
				  "expired on %s: %s", entry->expires, entry->justification);
	else if (!accept(entry, name, f, n) && !is_of_call(entry))
		hull_findings_add(f, "HULL-BASELINE-UNUSED", HULL_OBJECT_BASELINE, object, NULL,
				  "no finding matches it");
}

int hull_baseline_apply(const char *path, int64_t now, struct hull_findings *f, struct hull_err *e)
{
	const char *name = hull_basename(path);
	struct hull_jsonpos_value root, list, v;
	struct hull_jsonpos doc;
	struct hull_arena arena = {0};
	const char *today;
	size_t n = f->n;
	int rc = 0;

	if (hull_jsonpos_read(AT_FDCWD, path, path, &doc, e) < 0)
		return -1;
	today = hull_date_text(&arena, now);
	root = hull_jsonpos_root(&doc);
	if (!hull_jsonpos_member(&root, "accepted", &list) || !json_is_array(list.json))
		rc = hull_jsonpos_fail(e, &root, "not a baseline: it has no list 'accepted'");
	else
		for (bool more = hull_jsonpos_first(&list, &v); more && rc == 0;
		     more = hull_jsonpos_next(&v)) {
			struct baseline_entry entry;

			rc = read_entry(&v, &entry, e);
			if (rc == 0)
				apply(&entry, name, today, f, n);
		}
	hull_arena_fini(&arena);
	hull_jsonpos_fini(&doc);
	return rc;
}
