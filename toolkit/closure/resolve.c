// SPDX-License-Identifier: MIT
#include "closure/resolve.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "closure/offer.h"
#include "closure/refusal.h"
#include "repo/index.h"

enum {
	MAX_HIDDEN = 5,	    /* packages named that repositories before theirs hide */
	MAX_LEFT_OUT = 1000 /* packages of a repository, in a lock file */
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What a lock answers: architecture, wants and forbidden patterns, whatever their order. */
static void request_digest(const struct hull_resolve_request *r, char out[HULL_HEX])
{
	const struct hull_image_config *c = r->config;
	hull_autohash struct hull_hash *h = hull_hash_new();
	size_t n = c->nwants + c->forbidden.n;
	hull_autofree const char **v = hull_alloc_array(n + 1, sizeof *v);

	for (size_t i = 0; i < c->nwants; i++)
		v[i] = c->wants[i].package;
	for (size_t i = 0; i < c->forbidden.n; i++)
		v[c->nwants + i] = c->forbidden.v[i];
	qsort(v, c->nwants, sizeof *v, by_text);
	qsort(v + c->nwants, c->forbidden.n, sizeof *v, by_text);
	hull_hash_field(h, "arch", r->arch);
	if (r->any_repository)
		hull_hash_field(h, "repositories", "any");
	for (size_t i = 0; i < n; i++)
		if (i == 0 || i == c->nwants || strcmp(v[i], v[i - 1]) != 0)
			hull_hash_field(h, i < c->nwants ? "want" : "forbidden", v[i]);
	hull_hash_hex(h, out);
}

static int parse_wants(const struct hull_image_config *c, struct hull_arena *a,
		       struct hull_deps *out, struct hull_err *e)
{
	*out = (struct hull_deps){hull_arena_array(a, c->nwants + 1, sizeof *out->v), c->nwants};
	for (size_t i = 0; i < c->nwants; i++)
		if (hull_dep_parse(c->wants[i].package, a, &out->v[i], e) < 0)
			return hull_wrap(e, "%s: ", c->wants[i].origin);
	return 0;
}

static struct hull_closure_request question(const struct hull_resolve_request *r,
					    const struct hull_deps *wants,
					    const struct hull_pkgset *without)
{
	return (struct hull_closure_request){
		.wants = wants, .without = without, .named = true, .ranked = !r->any_repository};
}

static int dump(const struct hull_resolve_request *r, const struct hull_offer *o,
		struct hull_err *e)
{
	struct hull_arena arena = {0};
	hull_autobuf struct hull_buf text = {0};
	struct hull_deps wants;
	struct hull_pkgset without = {0};
	struct hull_closure_request q = question(r, &wants, &without);
	int rc;

	if (!r->dump)
		return 0;
	rc = parse_wants(r->config, &arena, &wants, e);
	if (rc == 0) {
		hull_pool_match(o->pool, &r->config->forbidden, &without);
		hull_pool_dump(o->pool, &q, &text);
		rc = hull_file_write(AT_FDCWD, r->dump, text.p, text.n, 0644, e);
	}
	hull_pkgset_fini(&without);
	hull_arena_fini(&arena);
	return rc;
}

/* --- from a set to a lock --- */

static int set_reason(const struct hull_resolve_request *r, struct hull_pool *pool,
		      const struct hull_reason *reason, struct hull_arena *a,
		      struct hull_locked *out, struct hull_err *e)
{
	struct hull_pool_package by;

	if (reason->kind == HULL_REASON_WANT) {
		out->want = hull_arena_strdup(a, r->config->wants[reason->want].package);
		out->origin = hull_arena_strdup(a, r->config->wants[reason->want].origin);
		return 0;
	}
	/* without weak dependencies nothing should come in by itself */
	if (!reason->by)
		return hull_fail(e, HULL_FAILED, "%s: nothing is found that brings it in",
				 out->name);
	hull_pool_describe(pool, reason->by, a, &by);
	out->by = by.name;
	out->dep = hull_arena_strdup(a, reason->dep);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct hull_locked *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void copy_left_out(struct hull_pool *pool, int owner, struct hull_arena *a,
			  struct hull_lock_repository *out)
{
	struct hull_pool_note *notes;
	size_t n = hull_pool_notes(pool, owner, HULL_INDEX_LEFT_OUT, a, &notes);
	struct hull_lock_left_out *v = hull_arena_array(a, n + 1, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct hull_lock_left_out){notes[i].object, notes[i].text};
	out->left_out = v;
	out->nleft_out = n < MAX_LEFT_OUT ? n : MAX_LEFT_OUT;
	out->left_out_count = n;
}

static void copy_repositories(const struct hull_resolve_request *r, const struct hull_offer *o,
			      struct hull_lock *out)
{
	struct hull_arena *a = &out->arena;

	out->nrepositories = r->nrepositories;
	out->repositories = hull_arena_array(a, r->nrepositories + 1, sizeof *out->repositories);
	for (size_t i = 0; i < r->nrepositories; i++) {
		out->repositories[i] = (struct hull_lock_repository){
			.name = hull_arena_strdup(a, r->repositories[i].name),
			.url = hull_arena_strdup(a, r->repositories[i].url),
			.digest = hull_arena_strdup(a, o->digests[i])};
		copy_left_out(o->pool, (int)i, a, &out->repositories[i]);
	}
}

/* An xml:base that hull cannot follow is told before the lock is made. */
static int check_place(const struct hull_repository *at, const struct hull_locked *p,
		       struct hull_err *e)
{
	hull_autostrv struct hull_strv places = {0};

	if (!p->base || hull_repo_places(at, p->base, p->location, &places, e) == 0)
		return 0;
	return hull_wrap(e, "repository %s: package %s: ", at->name, p->name);
}

static void note_providers(const struct hull_resolve_request *r, struct hull_pool *pool,
			   const struct hull_closure_request *q, const struct hull_pkgset *set,
			   struct hull_lock *out)
{
	struct hull_arena *a = &out->arena;
	hull_autofree struct hull_stand_in *v = NULL;
	size_t n = hull_pool_stand_ins(pool, q, set, a, &v);

	out->nproviders = n;
	out->providers = hull_arena_array(a, n + 1, sizeof *out->providers);
	for (size_t i = 0; i < n; i++) {
		const struct hull_want *want = &r->config->wants[v[i].want];
		struct hull_pool_package p;

		hull_pool_describe(pool, v[i].package, a, &p);
		out->providers[i] = (struct hull_lock_provider){hull_arena_strdup(a, want->package),
								hull_arena_strdup(a, want->origin),
								p.name, v[i].provides};
	}
}

static void note_older(struct hull_pool *pool, const struct hull_closure_request *q,
		       const struct hull_pkgset *set, struct hull_lock *out)
{
	struct hull_arena *a = &out->arena;
	hull_autofree struct hull_passed_over *v = NULL;
	size_t n = hull_pool_passed_over(pool, q, set, a, &v);

	out->nolder = n;
	out->older = hull_arena_array(a, n + 1, sizeof *out->older);
	for (size_t i = 0; i < n; i++) {
		struct hull_pool_package taken, newest;

		hull_pool_describe(pool, v[i].taken, a, &taken);
		hull_pool_describe(pool, v[i].newest, a, &newest);
		out->older[i] =
			(struct hull_lock_older){taken.name, taken.evr, newest.evr, v[i].why};
	}
}

static int fill(const struct hull_resolve_request *r, const struct hull_offer *o,
		const struct hull_closure_request *q, const struct hull_pkgset *set,
		struct hull_lock *out, struct hull_err *e)
{
	struct hull_arena *a = &out->arena;
	hull_autofree struct hull_reason *reasons = hull_alloc_array(set->n + 1, sizeof *reasons);

	out->arch = hull_arena_strdup(a, r->arch);
	request_digest(r, out->request);
	copy_repositories(r, o, out);
	hull_pool_reasons(o->pool, q, set, a, reasons);
	out->n = set->n;
	out->v = hull_arena_array(a, out->n + 1, sizeof *out->v);
	for (size_t i = 0; i < set->n; i++) {
		int owner = hull_pool_owner(o->pool, set->v[i]);
		struct hull_pool_package p;

		hull_pool_describe(o->pool, set->v[i], a, &p);
		out->v[i] = (struct hull_locked){
			.name = p.name,
			.evr = p.evr,
			.arch = p.arch,
			.sha256 = strchr(p.checksum, ':') ? NULL : p.checksum,
			.checksum = strchr(p.checksum, ':') ? p.checksum : NULL,
			.location = p.location,
			.base = p.base,
			.repository = out->repositories[owner].name,
			.source = p.source,
			.file_bytes = p.file_bytes,
			.installed_bytes = p.installed_bytes,
		};
		if (set_reason(r, o->pool, &reasons[i], a, &out->v[i], e) < 0 ||
		    check_place(&r->repositories[owner], &out->v[i], e) < 0)
			return -1;
	}
	qsort(out->v, out->n, sizeof *out->v, by_name);
	note_providers(r, o->pool, q, set, out);
	note_older(o->pool, q, set, out);
	return hull_lock_check(out, e);
}

static int check_newest(const struct hull_resolve_request *r, const struct hull_lock *l,
			struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (!r->strict_newest || !l->nolder)
		return 0;
	hull_lock_notices_older(l, &text);
	text.p[text.n - 1] = '\0';
	return hull_fail(e, HULL_FAILED, "%s: not the newest versions (--strict-newest):\n%-s",
			 r->config->path, text.p);
}

/* Adds a line to an error. */
static void tell_more(struct hull_err *e, const char *line)
{
	hull_autofree char *before = hull_strdup(e->msg);
	int code = e->code;

	hull_fail(e, code, "%-s\n  %s", before, line);
}

/* Whether a text is "name-version-release.arch" of that name. */
static bool is_nevra_of(const char *nevra, const char *name)
{
	const char *at = nevra + strlen(nevra);

	for (int dashes = 0; at > nevra && dashes < 2; dashes += *at == '-')
		at--;
	return (size_t)(at - nevra) == strlen(name) && hull_starts(nevra, name);
}

/* Packages that are asked for, and that a repository has in vain. */
static void tell_left_out(const struct hull_resolve_request *r, const struct hull_offer *o,
			  const struct hull_deps *wants, struct hull_err *e)
{
	struct hull_arena arena = {0};

	for (size_t i = 0; i < r->nrepositories; i++) {
		struct hull_pool_note *notes;
		size_t n = hull_pool_notes(o->pool, (int)i, HULL_INDEX_LEFT_OUT, &arena, &notes);

		for (size_t k = 0; k < n; k++)
			for (size_t w = 0; w < wants->n; w++) {
				if (!is_nevra_of(notes[k].object, wants->v[w].name))
					continue;
				tell_more(e, hull_arena_printf(&arena,
							       "repository %s: %s is left out: %s",
							       r->repositories[i].name,
							       notes[k].object, notes[k].text));
				break;
			}
	}
	hull_arena_fini(&arena);
}

/* What of other repositories would help when there is no set: names that one before them has. */
static void tell_hidden(const struct hull_store *s, const struct hull_resolve_request *r,
			const struct hull_offer *o, const struct hull_deps *wants,
			struct hull_err *e)
{
	struct hull_offer all = {.digests = o->digests};
	struct hull_closure_request q = {.wants = wants, .named = true};
	struct hull_pkgset set = {0}, without = {0};
	struct hull_arena arena = {0};
	hull_autobuf struct hull_buf text = {0};
	struct hull_err ignored;
	size_t n = 0;

	if (r->any_repository || r->nrepositories < 2 ||
	    hull_offer_load(&all, s, r->nrepositories, r->arch, false, &ignored) < 0 ||
	    hull_refuse_unknown(all.pool, wants, r->config, &ignored) < 0)
		goto out;
	hull_pool_match(all.pool, &r->config->forbidden, &without);
	q.without = &without;
	if (hull_pool_closure(all.pool, &q, &set, NULL, &ignored) < 0)
		goto out;
	for (size_t i = 0; i < set.n; i++) {
		struct hull_pool_package p;

		hull_pool_describe(all.pool, set.v[i], &arena, &p);
		if (hull_pool_find(o->pool, p.name, p.evr, p.arch))
			continue;
		if (n++ < MAX_HIDDEN)
			hull_buf_showf(&text, "%s%s of %s",
				       n > 1 ? ", " : "there would be a set with ",
				       hull_pool_nevra(all.pool, set.v[i]),
				       r->repositories[hull_pool_owner(all.pool, set.v[i])].name);
	}
	if (n > MAX_HIDDEN)
		hull_buf_addf(&text, " and %zu more", n - MAX_HIDDEN);
	hull_buf_adds(&text, ", of which repositories before theirs have the names: "
			     "--no-repo-priority takes them");
	if (n)
		tell_more(e, text.p);
out:
	hull_pkgset_fini(&set);
	hull_pkgset_fini(&without);
	hull_arena_fini(&arena);
	hull_pool_free(all.pool);
}

/* The packages; `without` gets the forbidden ones. That there is no set is told with all that would help. */
static int find_set(const struct hull_store *s, const struct hull_resolve_request *r,
		    const struct hull_offer *o, const struct hull_closure_request *q,
		    struct hull_pkgset *without, struct hull_pkgset *out, struct hull_err *e)
{
	int rc = hull_refuse_unknown(o->pool, q->wants, r->config, e);

	if (rc == 0) {
		hull_pool_match(o->pool, &r->config->forbidden, without);
		rc = hull_pool_closure(o->pool, q, out, NULL, e);
		if (rc < 0)
			hull_refusal(o->pool, q, r->config, e);
	}
	if (rc < 0) {
		tell_left_out(r, o, q->wants, e);
		tell_hidden(s, r, o, q->wants, e);
	}
	return rc;
}

/* `old`, which may be NULL, knows digests that need not be found out again. */
static int solve(const struct hull_store *s, const struct hull_resolve_request *r,
		 const struct hull_offer *o, const struct hull_lock *old,
		 struct hull_progress *progress, struct hull_lock *out, struct hull_err *e)
{
	struct hull_arena arena = {0};
	struct hull_deps wants;
	struct hull_pkgset without = {0}, set = {0};
	struct hull_closure_request q = question(r, &wants, &without);
	int rc = parse_wants(r->config, &arena, &wants, e);

	if (rc == 0)
		rc = find_set(s, r, o, &q, &without, &set, e);
	if (rc == 0)
		rc = hull_refuse_debuginfo(o->pool, &set, e);
	if (rc == 0)
		rc = fill(r, o, &q, &set, out, e);
	if (rc == 0)
		rc = check_newest(r, out, e);
	if (rc == 0)
		rc = hull_lock_learn(s, out, old, r->repositories, r->nrepositories, r->offline,
				     progress, e);
	if (rc < 0)
		hull_lock_fini(out);
	hull_pkgset_fini(&set);
	hull_pkgset_fini(&without);
	hull_arena_fini(&arena);
	return rc;
}

int hull_resolve(const struct hull_store *s, const struct hull_resolve_request *r,
		 struct hull_progress *progress, struct hull_lock *out, struct hull_err *e)
{
	struct hull_offer offer;
	int rc = hull_offer_init(&offer, s, r->repositories, r->nrepositories, r->offline, progress,
				 e);

	*out = (struct hull_lock){0};
	if (rc == 0)
		rc = hull_offer_load(&offer, s, r->nrepositories, r->arch, !r->any_repository, e);
	if (rc == 0)
		rc = dump(r, &offer, e);
	if (rc == 0)
		rc = solve(s, r, &offer, r->known, progress, out, e);
	hull_offer_fini(&offer);
	return rc;
}

/* --- with a lock file --- */

/* Nothing has changed since the lock was written: no need to load anything. */
static bool same_repositories(const struct hull_resolve_request *r, const struct hull_offer *o,
			      const struct hull_lock *l)
{
	hull_assert(o->digests);
	if (r->nrepositories != l->nrepositories)
		return false;
	for (size_t i = 0; i < l->nrepositories; i++)
		if (strcmp(r->repositories[i].name, l->repositories[i].name) != 0 ||
		    strcmp(o->digests[i], l->repositories[i].digest) != 0)
			return false;
	return true;
}

/* Whether all packages of a lock are there; they get their present places. */
static bool still_offered(const struct hull_resolve_request *r, const struct hull_offer *o,
			  struct hull_lock *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct hull_locked *p = &l->v[i];
		hull_pkgid id = hull_pool_find(o->pool, p->name, p->evr, p->arch);
		struct hull_pool_package now;

		if (!id)
			return false;
		hull_pool_describe(o->pool, id, &l->arena, &now);
		if (!hull_locked_is(p, now.checksum))
			return false;
		p->location = now.location;
		p->base = now.base;
		p->repository = hull_arena_strdup(
			&l->arena, r->repositories[hull_pool_owner(o->pool, id)].name);
	}
	copy_repositories(r, o, l);
	return true;
}

/* What scriptlets have done stays as long as the packages do. */
static int replace(const char *lock_path, const struct hull_lock *old, bool update,
		   struct hull_lock *now, struct hull_buf *out_difference, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (old)
		hull_lock_difference(old, now, &text);
	if (text.n && !update) {
		text.p[text.n - 1] = '\0';
		return hull_fail(e, HULL_FAILED,
				 "%s does not fit any more (--update accepts the difference):\n%-s",
				 lock_path, text.p);
	}
	if (out_difference && text.n)
		hull_buf_add(out_difference, text.p, text.n);
	if (old && !text.n && hull_lock_set_runs(now, &old->runs, e) < 0)
		return -1;
	return hull_lock_write(lock_path, now, e);
}

int hull_resolve_locked(const struct hull_store *s, const struct hull_resolve_request *r,
			const char *lock_path, bool update, struct hull_progress *progress,
			struct hull_lock *out, struct hull_buf *out_difference, struct hull_err *e)
{
	struct hull_offer offer = {0};
	struct hull_lock old = {0};
	bool have = hull_exists(AT_FDCWD, lock_path), keep = false;
	char request[HULL_HEX];
	int rc = have ? hull_lock_read(lock_path, &old, e) : 0;

	*out = (struct hull_lock){0};
	if (rc == 0)
		rc = hull_offer_init(&offer, s, r->repositories, r->nrepositories, r->offline,
				     progress, e);
	if (rc < 0)
		goto out;
	request_digest(r, request);
	keep = have && !update && !strcmp(request, old.request);
	if (keep && !r->dump && same_repositories(r, &offer, &old)) {
		rc = check_newest(r, &old, e);
		goto out;
	}
	rc = hull_offer_load(&offer, s, r->nrepositories, r->arch, !r->any_repository, e);
	if (rc == 0)
		rc = dump(r, &offer, e);
	if (rc < 0)
		goto out;
	keep = keep && still_offered(r, &offer, &old);
	if (keep) {
		rc = hull_lock_check(&old, e); /* the new places are the repository's words */
		if (rc == 0)
			rc = check_newest(r, &old, e);
		goto out;
	}
	rc = solve(s, r, &offer, have ? &old : NULL, progress, out, e);
	if (rc == 0 && replace(lock_path, have ? &old : NULL, update, out, out_difference, e) < 0) {
		hull_lock_fini(out);
		rc = -1;
	}
out:
	if (rc == 0 && keep)
		*out = old;
	else
		hull_lock_fini(&old);
	hull_offer_fini(&offer);
	return rc;
}
