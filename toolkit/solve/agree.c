// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "rpm/version.h"
#include "solve/pool.h"
#include "solve/world.h"

/* A package beside what the index of its repository says of it. */
struct agree {
	struct hull_pool *pool;
	const struct hull_member *member;
	const struct hull_package *built;
	struct hull_err *e;
};

static int differs(const struct agree *a, const char *field, const char *what, bool in_package)
{
	return hull_fail(a->e, HULL_FAILED, "%s: '%s' is only in %s", field, what,
			 in_package ? "the package, not in what its repository says of it"
				    : "what its repository says of the package");
}

static int check_text(const struct agree *a, const char *field, const char *built, Id said)
{
	const char *text = pool_id2str(a->pool->names, said);

	if (!strcmp(built, text))
		return 0;
	return hull_fail(a->e, HULL_FAILED, "%s: the package has '%s', its repository says '%s'",
			 field, built, text);
}

/* --- dependencies --- */

struct id_list {
	Id *v;
	size_t n;
};

static int by_id(const void *a, const void *b)
{
	const Id x = *(const Id *)a, y = *(const Id *)b;

	return x < y ? -1 : x > y;
}

static bool has(const struct id_list *l, Id id)
{
	return bsearch(&id, l->v, l->n, sizeof id, by_id) != NULL;
}

/* Epoch 0 may be written or not. */
static Id built_id(Pool *pool, const struct hull_dep *d)
{
	struct hull_dep plain = *d;

	if (plain.evr && hull_starts(plain.evr, "0:"))
		plain.evr += 2;
	return hull_dep_id(pool, &plain);
}

static void list_built(const struct agree *a, enum hull_dep_kind kind, struct id_list *out)
{
	const struct hull_deps *deps = &a->built->deps[kind];

	out->v = hull_alloc_array(deps->n + 1, sizeof *out->v);
	for (size_t i = 0; i < deps->n; i++)
		if (!hull_starts(deps->v[i].name, "rpmlib("))
			out->v[out->n++] = built_id(a->pool->names, &deps->v[i]);
	qsort(out->v, out->n, sizeof *out->v, by_id);
}

static void list_said(const struct agree *a, enum hull_dep_kind kind, struct id_list *out)
{
	const struct hull_ids *run = &a->member->deps[kind];

	out->v = hull_alloc_array(run->n + 1, sizeof *out->v);
	out->n = run->n;
	for (size_t i = 0; i < run->n; i++)
		out->v[i] = a->pool->ids[run->at + i];
	qsort(out->v, out->n, sizeof *out->v, by_id);
}

static int by_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct hull_file *)file)->path);
}

static size_t find_file(const struct hull_package *p, const char *path)
{
	const struct hull_file *f =
		p->nfiles ? bsearch(path, p->files, p->nfiles, sizeof *p->files, by_path) : NULL;

	return f ? (size_t)(f - p->files) : SIZE_MAX;
}

/* A requirement that the package satisfies by itself, which createrepo leaves out. */
static bool is_own(const struct agree *a, const struct id_list *provides, Id id)
{
	const Pool *pool = a->pool->names;
	const char *name = ISRELDEP(id) ? "" : pool_id2str(pool, id);

	if (*name == '/' && find_file(a->built, name) != SIZE_MAX)
		return true;
	for (size_t i = 0; i < provides->n; i++)
		if (pool_match_dep(a->pool->names, provides->v[i], id))
			return true;
	return false;
}

/*
 * "libc.so.6(GLIBC_2.34)(64bit)": where it begins, and its version; "libc.so.6()(64bit)" has the
 * lowest. NULL: something else.
 */
static const char *libc_version(Pool *pool, Id id, char **out)
{
	static const char name[] = "libc.so.6(", version[] = "GLIBC_";
	const char *text = ISRELDEP(id) ? "" : pool_id2str(pool, id), *end;

	*out = NULL;
	if (!hull_starts(text, name))
		return NULL;
	text += sizeof name - 1;
	end = strchrnul(text, ')');
	if (hull_starts(text, version))
		*out = hull_strndup(text + sizeof version - 1,
				    (size_t)(end - text) - (sizeof version - 1));
	else if (end == text)
		*out = hull_strdup("0");
	return *out ? end : NULL;
}

/* Of these createrepo keeps the one with the highest version. */
static bool is_lower_libc(const struct agree *a, const struct id_list *said, Id id)
{
	Pool *pool = a->pool->names;
	hull_autofree char *version = NULL;
	const char *bits = libc_version(pool, id, &version);

	for (size_t i = 0; bits && i < said->n; i++) {
		hull_autofree char *other = NULL;
		const char *other_bits = libc_version(pool, said->v[i], &other);

		if (other_bits && !strcmp(bits, other_bits) &&
		    hull_version_compare(version, other) <= 0)
			return true;
	}
	return false;
}

static int check_deps(const struct agree *a, enum hull_dep_kind kind, const char *field)
{
	Pool *pool = a->pool->names;
	struct id_list built = {0}, said = {0}, provides = {0};
	/* libsolv adds it to what has no such thing */
	const Id self = pool_rel2id(pool, a->member->name, a->member->evr, REL_EQ, 1);
	bool needs = kind == HULL_REQUIRES;
	int r = 0;

	list_built(a, kind, &built);
	list_built(a, HULL_PROVIDES, &provides);
	list_said(a, kind, &said);
	for (size_t i = 0; i < said.n && r == 0; i++)
		if (!has(&built, said.v[i]) && !(kind == HULL_PROVIDES && said.v[i] == self))
			r = differs(a, field, pool_dep2str(pool, said.v[i]), false);
	for (size_t i = 0; i < built.n && r == 0; i++) {
		const Id id = built.v[i];

		if (!has(&said, id) &&
		    !(needs && (is_own(a, &provides, id) || is_lower_libc(a, &said, id))))
			r = differs(a, field, pool_dep2str(pool, id), true);
	}
	free(built.v);
	free(said.v);
	free(provides.v);
	return r;
}

/* --- files --- */

static int check_files(const struct agree *a)
{
	Pool *pool = a->pool->names;
	const struct hull_package *p = a->built;
	Solvable *s = pool_id2solvable(pool, a->member->solvable);
	hull_autofree bool *said = hull_alloc_array(p->nfiles + 1, sizeof *said);
	bool few = repo_lookup_void(s->repo, SOLVID_META, REPOSITORY_FILTEREDFILELIST);
	Dataiterator di;
	int r = 0;

	dataiterator_init(&di, pool, s->repo, a->member->solvable, SOLVABLE_FILELIST, NULL,
			  SEARCH_FILES | SEARCH_COMPLETE_FILELIST);
	while (r == 0 && dataiterator_step(&di)) {
		size_t i = find_file(p, di.kv.str);

		if (i != SIZE_MAX)
			said[i] = true;
		else
			r = differs(a, "files", di.kv.str, false);
	}
	dataiterator_free(&di);
	for (size_t i = 0; i < p->nfiles && r == 0 && !few; i++)
		if (!said[i] && strcmp(p->files[i].path, "/") != 0)
			r = differs(a, "files", p->files[i].path, true);
	return r;
}

/* --- the whole --- */

static int check_size(const struct agree *a)
{
	const unsigned long long unsaid = (unsigned long long)-1;
	Solvable *s = pool_id2solvable(a->pool->names, a->member->solvable);
	unsigned long long said = solvable_lookup_num(s, SOLVABLE_INSTALLSIZE, unsaid);

	if (said == unsaid || said == a->built->installed_bytes)
		return 0;
	return hull_fail(a->e, HULL_FAILED,
			 "installed size: the package has %llu bytes, its repository says %llu",
			 (unsigned long long)a->built->installed_bytes, said);
}

int hull_pool_agrees(struct hull_pool *p, hull_pkgid id, const struct hull_package *built,
		     struct hull_err *e)
{
	static const struct {
		enum hull_dep_kind kind;
		const char *field;
	} kinds[] = {{HULL_REQUIRES, "Requires"},
		     {HULL_PROVIDES, "Provides"},
		     {HULL_CONFLICTS, "Conflicts"},
		     {HULL_OBSOLETES, "Obsoletes"}};
	const struct agree a = {p, &p->v[id], built, e};
	struct hull_arena arena = {0};
	const char *evr = hull_package_evr(built, &arena);
	int r;

	hull_assert(id > 0 && (size_t)id < p->n && a.member->solvable);
	r = check_text(&a, "name", built->name, a.member->name) < 0 ||
			    check_text(&a, "version", evr, a.member->evr) < 0 ||
			    check_text(&a, "architecture", built->arch, a.member->arch) < 0 ||
			    check_size(&a) < 0
		    ? -1
		    : 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && r == 0; i++)
		r = check_deps(&a, kinds[i].kind, kinds[i].field);
	if (r == 0)
		r = check_files(&a);
	hull_arena_fini(&arena);
	return r;
}
