// SPDX-License-Identifier: MIT
#include "debian/suites.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "debian/aptrun.h"
#include "source/mirrors.h"

void hull_debian_suites_fini(struct hull_debian_suites *s)
{
	free(s->v);
	hull_strv_fini(&s->missing);
	hull_arena_fini(&s->arena);
	*s = (struct hull_debian_suites){0};
}

const struct hull_debian_suite *hull_debian_suites_find(const struct hull_debian_suites *s,
							const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

/* "trixie" of "trixie-security". */
static size_t release_length(const char *suite)
{
	static const char *const endings[] = {"-security", "-updates"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (hull_ends(suite, endings[i]))
			return strlen(suite) - strlen(endings[i]);
	return strlen(suite);
}

void hull_debian_suites_drop(struct hull_debian_suites *s, const char *name, const char *reason)
{
	const struct hull_debian_suite *found = hull_debian_suites_find(s, name);
	size_t at = found ? (size_t)(found - s->v) : 0;

	if (!found)
		return;
	hull_strv_addf(&s->missing, "%s, %s", name, reason);
	s->n--;
	memmove(s->v + at, s->v + at + 1, (s->n - at) * sizeof *s->v);
}

static void add(struct hull_debian_suites *s, const char *name, const char *base)
{
	if (hull_debian_suites_find(s, name))
		return;
	s->v = hull_grow(s->v, &s->cap, s->n, sizeof *s->v);
	s->v[s->n++] = (struct hull_debian_suite){
		.name = hull_arena_strdup(&s->arena, name),
		.release = hull_arena_strndup(&s->arena, name, release_length(name)),
		.base = hull_arena_strdup(&s->arena, base),
		.security = hull_ends(name, "-security"),
	};
}

/* Lines "BASE ORIGIN SUITE": what apt knows of Debian's. */
static int ask_host(struct hull_debian_suites *out, struct hull_err *e)
{
	static const char *const argv[] = {"apt-get",
					   "indextargets",
					   "--format",
					   "$(REPO_URI) $(ORIGIN) $(CODENAME)",
					   "Created-By: Packages",
					   NULL};
	hull_autobuf struct hull_buf text = {0};

	if (hull_run_checked((char *const *)argv, &text, e) < 0)
		return hull_wrap(e, "the suites that apt is configured with: ");
	for (char *line = text.p, *next; line && *line; line = next) {
		char *origin, *suite;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		origin = strchr(line, ' ');
		suite = origin ? strchr(origin + 1, ' ') : NULL;
		if (!suite)
			continue;
		*origin++ = *suite++ = '\0';
		if (!strcmp(origin, "Debian") && *suite)
			add(out, suite, line);
		if (!next)
			break;
	}
	return 0;
}

int hull_debian_suites_add_host(struct hull_debian_suites *s, struct hull_err *e)
{
	return ask_host(s, e);
}

static int host_has_security(bool *out, struct hull_err *e)
{
	struct hull_debian_suites host = {0};
	int r = ask_host(&host, e);

	*out = false;
	for (size_t i = 0; i < host.n; i++)
		if (host.v[i].security)
			*out = true;
	hull_debian_suites_fini(&host);
	return r;
}

/* 1 and the suite is added, 0: no base has it. */
static int look_for(struct hull_debian_suites *s, const struct hull_strv *bases, const char *name,
		    const char *tmp, struct hull_err *e)
{
	bool unknown = false;

	if (hull_debian_suites_find(s, name))
		return 1;
	for (size_t i = 0; i < bases->n; i++) {
		int r = hull_apt_has_suite(bases->v[i], name, tmp, e);

		if (hull_interrupted())
			return hull_fail(e, HULL_INTERRUPTED, "interrupted");
		if (r > 0) {
			add(s, name, bases->v[i]);
			return 1;
		}
		if (r < 0)
			unknown = true;
	}
	return unknown ? -1 : 0;
}

struct search_place {
	const char *given, *tmp;
	struct hull_strv bases;
};

static int find_one(struct hull_debian_suites *s, const struct search_place *p, const char *suite,
		    struct hull_err *e)
{
	int r = look_for(s, &p->bases, suite, p->tmp, e);

	if (r == 0)
		hull_fail(e, HULL_FAILED, "none of %zu archives has it", p->bases.n);
	if (r > 0)
		return 0;
	return hull_wrap(e,
			 "no Debian archive with %s can be reached (set HULL_DEBIAN_MIRROR to name "
			 "one): ",
			 suite);
}

static int find_updates(struct hull_debian_suites *s, const struct search_place *p,
			const char *release, struct hull_err *e)
{
	static const char *const updates[] = {"updates", "security"};
	bool secured = false;

	if (!p->given && host_has_security(&secured, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
		hull_autofree char *name = hull_asprintf("%s-%s", release, updates[i]);
		int r = look_for(s, &p->bases, name, p->tmp, e);

		if (r < 0)
			return hull_wrap(e, "whether there are fixes for Debian %s: ", release);
		if (r == 0 && secured && !strcmp(updates[i], "security"))
			return hull_fail(
				e, HULL_FAILED,
				"apt is configured with an archive for security, but none has "
				"Debian %s: fixes of %s would be missed (HULL_DEBIAN_MIRROR names "
				"the archives to use instead)",
				name, release);
		if (r == 0)
			hull_strv_addf(&s->missing, "%s, which no archive has", name);
	}
	return 0;
}

static int find_release(struct hull_debian_suites *s, const struct search_place *p,
			const char *release, struct hull_err *e)
{
	if (find_one(s, p, release, e) < 0)
		return -1;
	return find_updates(s, p, release, e);
}

static int find_optional(struct hull_debian_suites *s, const struct search_place *p,
			 const char *release, struct hull_err *e)
{
	hull_autofree char *security = hull_asprintf("%s-security", release);
	const char *const names[] = {release, security};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t before = s->n;
		int r = look_for(s, &p->bases, names[i], p->tmp, e);

		if (hull_interrupted())
			return -1;
		if (r <= 0 && i == 0) {
			hull_strv_addf(&s->missing, "%s, which %s", release,
				       r == 0 ? "no archive has" : "no archive could be asked for");
			return 0;
		}
		if (s->n > before)
			s->v[before].optional = true;
	}
	return 0;
}

/* Looks where archives are, and calls one of these. */
static int find_with(struct hull_debian_suites *s, const struct hull_store *store,
		     const char *given, const char *name,
		     int (*find)(struct hull_debian_suites *s, const struct search_place *p,
				 const char *name, struct hull_err *e),
		     struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(store, e), *path = NULL;
	struct search_place p = {.given = given};
	int r;

	if (!tmp)
		return -1;
	path = hull_asprintf("%s/%s", store->path, tmp);
	p.tmp = path;
	r = hull_debian_bases(given, &p.bases, e);
	if (r == 0)
		r = find(s, &p, name, e);
	hull_strv_fini(&p.bases);
	/* the next hull sweeps what stays */
	hull_ignore(hull_remove_tree(store->fd, tmp, NULL));
	return r;
}

int hull_debian_suites_add(struct hull_debian_suites *s, const struct hull_store *store,
			   const char *given, const char *release, struct hull_err *e)
{
	return find_with(s, store, given, release, find_release, e);
}

int hull_debian_suites_add_optional(struct hull_debian_suites *s, const struct hull_store *store,
				    const char *given, const char *release, struct hull_err *e)
{
	return find_with(s, store, given, release, find_optional, e);
}

int hull_debian_suites_add_one(struct hull_debian_suites *s, const struct hull_store *store,
			       const char *given, const char *suite, struct hull_err *e)
{
	return find_with(s, store, given, suite, find_one, e);
}
