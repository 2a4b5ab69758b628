// SPDX-License-Identifier: MIT
#include "audit/osv.h"

#include <stdlib.h>
#include <string.h>

#include "audit/purlread.h"
#include "audit/upstream.h"
#include "rpm/version.h"

enum { MAX_EVENTS = 4096 };

typedef int (*compare_fn)(const char *, const char *);

/* Which components an entry of "affected" speaks of, and how its versions are compared. */
struct scope {
	enum hull_component_kind kind;
	const char *name;
	compare_fn compare;
	bool exact;   /* by the versions of the components themselves */
	bool foreign; /* by the upstream part of another distribution's versions */
};

/* What the releases of other distributions say about one component. */
struct foreign {
	const struct hull_component *component;
	const char *fixed; /* the newest fix as upstream version, or NULL */
	bool first;	   /* the distribution did not patch that version */
	bool affected;	   /* at least one release lists it as affected */
	bool passed;	   /* by its own words newer than what is affected */
};

struct record {
	const struct hull_inventory *v;
	struct hull_hits *out;
	const json_t *json;
	struct hull_arena arena;
	struct hull_strv ids;
	struct hull_hit hit; /* what all hits of it have in common */
	struct foreign *foreign;
	size_t nforeign, cap_foreign;
};

/* --- versions --- */

struct event {
	const char *version;
	enum { INTRODUCED, FIXED, LAST_AFFECTED } kind;
};

static int order_of(const char *a, const char *b, compare_fn compare)
{
	bool zero = !strcmp(a, "0"), other = !strcmp(b, "0");

	return zero || other ? (int)other - (int)zero : compare(a, b);
}

static size_t list_events(const json_t *range, struct event *events, compare_fn compare)
{
	const json_t *j;
	size_t i, n = 0;

	json_array_foreach(json_object_get(range, "events"), i, j)
	{
		static const char *const kinds[] = {"introduced", "fixed", "last_affected"};

		for (int k = 0; k < 3 && n < MAX_EVENTS; k++) {
			const char *version = json_string_value(json_object_get(j, kinds[k]));
			size_t at = n;

			if (!version)
				continue;
			for (; at > 0 && order_of(version, events[at - 1].version, compare) < 0;
			     at--)
				events[at] = events[at - 1];
			events[at].version = version;
			events[at].kind = k;
			n++;
		}
	}
	return n;
}

/* Whether a version is inside of a range; *out_fixed is the first fix after it. */
static bool in_range(const json_t *range, const char *version, compare_fn compare,
		     const char **out_fixed)
{
	hull_autofree struct event *events = hull_alloc(
		(json_array_size(json_object_get(range, "events")) * 3 + 1) * sizeof *events);
	size_t n = list_events(range, events, compare);
	bool inside = false;

	*out_fixed = NULL;
	for (size_t i = 0; i < n; i++) {
		int order =
			strcmp(events[i].version, "0") ? compare(version, events[i].version) : 1;

		if (events[i].kind == INTRODUCED && order >= 0)
			inside = true;
		else if (events[i].kind == FIXED && order >= 0)
			inside = false;
		else if (events[i].kind == LAST_AFFECTED && order > 0)
			inside = false;
		else if (events[i].kind == FIXED && !*out_fixed)
			*out_fixed = events[i].version;
	}
	return inside;
}

static bool is_version_range(const json_t *range)
{
	const char *type = json_string_value(json_object_get(range, "type"));

	return type && (!strcmp(type, "ECOSYSTEM") || !strcmp(type, "SEMVER"));
}

/* --- hits --- */

static void add_hits(struct record *r, const struct hull_component *c, enum hull_verdict verdict,
		     bool exact, const char *fixed)
{
	struct hull_hit hit = r->hit;

	hit.component = c;
	hit.verdict = verdict;
	hit.exact = exact;
	hit.fixed = fixed;
	for (size_t i = 0; i < r->ids.n; i++) {
		hit.id = r->ids.v[i];
		hull_hits_add(r->out, &hit);
	}
}

static void match_exact(struct record *r, const struct scope *s, const json_t *affected,
			const struct hull_component *c)
{
	enum hull_verdict verdict = HULL_UNAFFECTED;
	const char *fixed = NULL, *next;
	const json_t *j;
	size_t i;

	json_array_foreach(json_object_get(affected, "versions"), i,
			   j) if (json_is_string(j) &&
				  s->compare(c->version, json_string_value(j)) == 0) verdict =
		HULL_AFFECTED;
	json_array_foreach(json_object_get(affected, "ranges"), i, j)
	{
		if (!is_version_range(j) || !in_range(j, c->version, s->compare, &next))
			continue;
		verdict = HULL_AFFECTED;
		if (next)
			fixed = next;
	}
	add_hits(r, c, verdict, s->exact, fixed);
}

static struct foreign *foreign_of(struct record *r, const struct hull_component *c)
{
	for (size_t i = 0; i < r->nforeign; i++)
		if (r->foreign[i].component == c)
			return &r->foreign[i];
	r->foreign = hull_grow(r->foreign, &r->cap_foreign, r->nforeign, sizeof *r->foreign);
	r->foreign[r->nforeign] = (struct foreign){.component = c};
	return &r->foreign[r->nforeign++];
}

static void take_fix(struct record *r, struct foreign *f, const char *version)
{
	bool first;
	const char *fixed = hull_upstream_version(version, &r->arena, &first);
	int order = f->fixed ? hull_version_compare(fixed, f->fixed) : 1;

	if (order > 0 || (order == 0 && first)) {
		f->fixed = fixed;
		f->first = first;
	}
}

/* An entry of a release of another distribution, with the upstream parts of its versions. */
static void match_foreign(struct record *r, const json_t *affected, const struct hull_component *c)
{
	struct foreign *f = foreign_of(r, c);
	const json_t *range, *j;
	size_t i, k;

	json_array_foreach(json_object_get(affected, "ranges"), i, range)
	{
		if (!is_version_range(range))
			continue;
		f->affected = true;
		json_array_foreach(json_object_get(range, "events"), k, j)
		{
			const char *introduced =
					   json_string_value(json_object_get(j, "introduced")),
				   *fixed = json_string_value(json_object_get(j, "fixed")),
				   *last = json_string_value(json_object_get(j, "last_affected"));
			bool first;

			if (introduced && strcmp(introduced, "0") != 0 &&
			    hull_version_compare(
				    c->version,
				    hull_upstream_version(introduced, &r->arena, &first)) < 0)
				f->passed = true;
			if (last &&
			    hull_version_compare(
				    c->version, hull_upstream_version(last, &r->arena, &first)) > 0)
				f->passed = true;
			if (fixed)
				take_fix(r, f, fixed);
		}
	}
}

static void settle_foreign(struct record *r)
{
	for (size_t i = 0; i < r->nforeign; i++) {
		const struct foreign *f = &r->foreign[i];
		int order = f->fixed ? hull_version_compare(f->component->version, f->fixed) : -1;
		enum hull_verdict verdict = order > 0 || (order == 0 && f->first) ? HULL_UNAFFECTED
					    : order == 0			  ? HULL_UNDECIDED
										  : HULL_AFFECTED;

		if (!f->affected || (f->passed && !f->fixed))
			verdict = HULL_UNAFFECTED;
		add_hits(r, f->component, verdict, false, f->fixed);
	}
}

/* --- which components --- */

static bool same_letters(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-' || *a == ' ')
			a++;
		while (*b == '-' || *b == ' ')
			b++;
		if ((*a | 32) != (*b | 32))
			return false;
		if (!*a)
			return true;
	}
}

static bool is_distribution(const char *name, size_t n)
{
	static const char *const names[] = {"Debian",	"Ubuntu", "Azure Linux", "Hull",
					    "Red Hat",	"SUSE",	  "Rocky Linux", "AlmaLinux",
					    "openSUSE", "Mageia", "openEuler",	 "Photon OS",
					    "Fedora"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == n && !strncmp(names[i], name, n))
			return true;
	return false;
}

static bool scope_of_purl(struct record *r, const char *purl, struct scope *out)
{
	struct hull_purl_parts p;

	if (!hull_purl_parse(purl, &r->arena, &p))
		return false;
	out->name = p.name;
	if (!strcmp(p.type, "golang")) {
		*out = (struct scope){.kind = HULL_COMPONENT_GO,
				      .compare = hull_semver_compare,
				      .exact = true,
				      .name = p.namespace ? hull_arena_printf(&r->arena, "%s/%s",
									      p.namespace, p.name)
							  : p.name};
		return true;
	}
	if (!strcmp(p.type, "rpm") && p.namespace && r->v->system->os_id &&
	    same_letters(p.namespace, r->v->system->os_id)) {
		*out = (struct scope){HULL_COMPONENT_RPM, p.name, hull_evr_compare, true, false};
		return true;
	}
	*out = (struct scope){HULL_COMPONENT_UPSTREAM, p.name, hull_version_compare, false,
			      !strcmp(p.type, "rpm") || !strcmp(p.type, "deb")};
	return out->foreign || !strcmp(p.type, "generic") || !strcmp(p.type, "github");
}

/* False if the entry is of no concern for a system of RPM packages. */
static bool scope_of(struct record *r, const json_t *package, struct scope *out)
{
	const char *ecosystem = json_string_value(json_object_get(package, "ecosystem")),
		   *name = json_string_value(json_object_get(package, "name")),
		   *purl = json_string_value(json_object_get(package, "purl"));
	size_t n = ecosystem ? strcspn(ecosystem, ":") : 0;
	const char *release = ecosystem && ecosystem[n] ? ecosystem + n + 1 : NULL;

	if (!n)
		return purl && scope_of_purl(r, purl, out);
	if (!name)
		return false;
	if (!strcmp(ecosystem, "Go")) {
		*out = (struct scope){HULL_COMPONENT_GO, name, hull_semver_compare, true, false};
		return true;
	}
	if (!strcmp(ecosystem, "Linux")) {
		*out = (struct scope){HULL_COMPONENT_UPSTREAM, name, hull_version_compare, false,
				      false};
		return true;
	}
	if (r->v->distribution && strlen(r->v->distribution) == n &&
	    !strncmp(ecosystem, r->v->distribution, n)) {
		size_t major = release ? strcspn(release, ".:") : 0;

		*out = (struct scope){HULL_COMPONENT_RPM, name, hull_evr_compare, true, false};
		return !release || !r->v->release ||
		       (strlen(r->v->release) == major && !strncmp(r->v->release, release, major));
	}
	*out = (struct scope){HULL_COMPONENT_UPSTREAM, name, NULL, false, true};
	return is_distribution(ecosystem, n);
}

static void match(struct record *r, const json_t *affected)
{
	const struct hull_component *c;
	const json_t *specific = json_object_get(affected, "ecosystem_specific");
	static const char *const ratings[] = {"severity", "urgency"};
	struct scope s;
	size_t n;

	if (!scope_of(r, json_object_get(affected, "package"), &s))
		return;
	c = hull_inventory_find(r->v, s.kind, s.name, &n);
	for (size_t i = 0; i < 2; i++) {
		const char *rating = json_string_value(json_object_get(specific, ratings[i]));

		if (rating)
			hull_rating_parse(rating, &r->hit.severity);
	}
	for (size_t i = 0; i < n; i++) {
		if (s.foreign)
			match_foreign(r, affected, &c[i]);
		else
			match_exact(r, &s, affected, &c[i]);
	}
}

/* --- records --- */

static void add_id(struct record *r, const char *id)
{
	if (hull_starts(id, "CVE-") && !hull_strv_has(&r->ids, id))
		hull_strv_add(&r->ids, id);
}

static void take_ids(struct record *r, const char *id)
{
	static const char *const lists[] = {"aliases", "upstream"};
	const json_t *j;
	size_t i;

	add_id(r, id);
	for (size_t k = 0; !r->ids.n && k < 2; k++)
		json_array_foreach(json_object_get(r->json, lists[k]), i, j) if (json_is_string(j))
			add_id(r, json_string_value(j));
	if (!r->ids.n)
		hull_strv_add(&r->ids, id);
}

static void take_severity(struct record *r)
{
	const char *word = json_string_value(
		json_object_get(json_object_get(r->json, "database_specific"), "severity"));
	const json_t *j;
	size_t i;

	r->hit.severity = HULL_MEDIUM;
	if (word && hull_rating_parse(word, &r->hit.severity))
		return;
	json_array_foreach(json_object_get(r->json, "severity"), i, j)
	{
		const char *score = json_string_value(json_object_get(j, "score"));

		if (score && hull_rating_parse(score, &r->hit.severity))
			return;
	}
}

static int read_record(const json_t *j, const char *name, const struct hull_inventory *v,
		       struct hull_hits *out, struct hull_err *e)
{
	struct record r = {.v = v, .out = out, .json = j};
	const char *id = json_string_value(json_object_get(j, "id"));
	const json_t *affected = json_object_get(j, "affected"), *entry;
	size_t i;

	if (!id || !json_is_string(json_object_get(j, "modified")))
		return hull_fail(e, HULL_FAILED, "%s: no OSV record: it has no \"%s\"", name,
				 id ? "modified" : "id");
	if (affected && !json_is_array(affected))
		return hull_fail(e, HULL_FAILED, "%s: %s: \"affected\" is no list", name, id);
	out->records++;
	if (json_object_get(j, "withdrawn"))
		return 0;
	take_ids(&r, id);
	take_severity(&r);
	r.hit.source = !strcmp(name, id) ? id : hull_arena_printf(&r.arena, "%s in %s", id, name);
	r.hit.title = json_string_value(json_object_get(j, "summary"));
	json_array_foreach(affected, i, entry) match(&r, entry);
	settle_foreign(&r);
	free(r.foreign);
	hull_strv_fini(&r.ids);
	hull_arena_fini(&r.arena);
	return 0;
}

int hull_osv_read(const char *text, size_t n, const char *name, const struct hull_inventory *v,
		  struct hull_hits *out, struct hull_err *e)
{
	json_error_t problem;
	hull_autojson json_t *root = json_loadb(text, n, 0, &problem);
	const json_t *j;
	size_t i;

	if (!root)
		return hull_fail(e, HULL_FAILED, "%s:%d:%d: %s", name, problem.line, problem.column,
				 problem.text);
	if (!json_is_array(root))
		return read_record(root, name, v, out, e);
	json_array_foreach(root, i, j) if (read_record(j, name, v, out, e) < 0) return -1;
	return 0;
}
