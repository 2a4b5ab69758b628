// SPDX-License-Identifier: MIT
#include <solv/chksum.h>
#include <solv/repo_solv.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "solve/pool.h"
#include "solve/world.h"
#include "text/patterns.h"

/* Appends a list of dependencies; a marker ends it unless the list goes on behind it. */
static void add_deps(struct hull_pool *p, struct hull_ids *run, const Repo *repo, Offset deps)
{
	run->at = p->nids;
	for (const Id *dep = deps ? repo->idarraydata + deps : NULL; dep && *dep; dep++) {
		const Id id = *dep;

		if (id == SOLVABLE_FILEMARKER)
			break;
		if (id == SOLVABLE_PREREQMARKER)
			continue;
		/* what rpm itself can do is not a matter of packages, and is always "<= version" */
		if (ISRELDEP(id)) {
			const Reldep *r = GETRELDEP(p->names, id);

			if (r->flags == (REL_LT | REL_EQ) &&
			    hull_starts(pool_id2str(p->names, r->name), "rpmlib("))
				continue;
		}
		hull_pool_add_id(p, run, id);
	}
}

/* Behind the marker in the provides are the files that dependencies of the index name. */
static void add_paths(struct hull_pool *p, hull_pkgid id, const Repo *repo, Offset provides)
{
	const Id *dep = provides ? repo->idarraydata + provides : NULL;

	while (dep && *dep && *dep != SOLVABLE_FILEMARKER)
		dep++;
	while (dep && *dep && *++dep)
		hull_pool_index_add(p, *dep, id);
}

static hull_pkgid find(struct hull_pool *p, Id name, Id evr, Id arch)
{
	const struct hull_pkgset *with = hull_pool_index(p, name);

	for (size_t i = 0; i < with->n; i++) {
		const struct hull_member *m = &p->v[with->v[i]];

		if (m->name == name && m->evr == evr && m->arch == arch)
			return with->v[i];
	}
	return 0;
}

static bool is_usable(const struct hull_pool *p, Id arch)
{
	const char *text = pool_id2str(p->names, arch);

	return !strcmp(text, "noarch") || !strcmp(text, p->arch);
}

/* Whether an index before this one has the name. What is for another architecture does not count, neither
 * here nor there. */
static bool is_taken(struct hull_pool *p, Id name, Id arch, int owner)
{
	const struct hull_pkgset *with = hull_pool_index(p, name);

	for (size_t i = 0; i < with->n && is_usable(p, arch); i++) {
		const struct hull_member *m = &p->v[with->v[i]];

		if (m->name == name && m->owner != owner && is_usable(p, m->arch))
			return true;
	}
	return false;
}

static void add_solvable(struct hull_pool *p, Id solvable, int owner, bool by_name)
{
	const Solvable *s = pool_id2solvable(p->names, solvable);
	const Repo *repo = s->repo;
	hull_pkgid id = (hull_pkgid)p->n;
	struct hull_member m = {.owner = owner,
				.live = true,
				.solvable = solvable,
				.name = s->name,
				.evr = s->evr,
				.arch = s->arch};
	struct hull_ids *provides = &m.deps[HULL_PROVIDES];

	if (s->arch == ARCH_SRC || s->arch == ARCH_NOSRC || find(p, s->name, s->evr, s->arch) ||
	    (by_name && is_taken(p, s->name, s->arch, owner)))
		return;
	m.bytes = solvable_lookup_num((Solvable *)s, SOLVABLE_INSTALLSIZE, 0);
	add_deps(p, provides, repo, s->provides);
	add_deps(p, &m.deps[HULL_REQUIRES], repo, s->requires);
	add_deps(p, &m.deps[HULL_CONFLICTS], repo, s->conflicts);
	add_deps(p, &m.deps[HULL_OBSOLETES], repo, s->obsoletes);
	add_deps(p, &m.deps[HULL_RECOMMENDS], repo, s->recommends);
	add_deps(p, &m.deps[HULL_SUGGESTS], repo, s->suggests);
	add_deps(p, &m.deps[HULL_SUPPLEMENTS], repo, s->supplements);
	add_deps(p, &m.deps[HULL_ENHANCES], repo, s->enhances);
	for (size_t i = 0; i < provides->n; i++) {
		Id name = hull_dep_name(p->names, p->ids[provides->at + i]);

		hull_pool_index_add(p, name, id);
	}
	add_paths(p, id, repo, s->provides);
	p->by_solvable[solvable] = id;
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n++] = m;
}

static void note_complete(struct hull_pool *p, struct hull_loaded *l)
{
	Queue paths;

	map_init(&l->complete, p->names->ss.nstrings);
	queue_init(&paths);
	repo_lookup_idarray(l->repo, SOLVID_META, REPOSITORY_ADDEDFILEPROVIDES, &paths);
	for (int i = 0; i < paths.count; i++)
		MAPSET(&l->complete, paths.elements[i]);
	queue_free(&paths);
}

int hull_pool_load(struct hull_pool *p, int fd, const char *path, int owner, bool by_name,
		   struct hull_err *e)
{
	hull_autofd int copy = dup(fd);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
	struct hull_loaded *l;
	Repo *repo;
	Solvable *s;
	Id solvable;
	int r;

	if (!f)
		return hull_fail_errno(e, "%s", path);
	hull_steal_fd(&copy);
	repo = repo_create(p->names, path);
	r = repo_add_solv(repo, f, 0);
	fclose(f);
	if (r) {
		hull_fail(e, HULL_FAILED, "%s: %s", path, pool_errstr(p->names));
		repo_free(repo, 0);
		return -1;
	}
	p->by_solvable = hull_grow(p->by_solvable, &p->nby_solvable, (size_t)p->names->nsolvables,
				   sizeof *p->by_solvable);
	FOR_REPO_SOLVABLES (repo, solvable, s)
		add_solvable(p, solvable, owner, by_name);
	p->loaded = hull_grow(p->loaded, &p->loaded_cap, p->nloaded, sizeof *p->loaded);
	l = &p->loaded[p->nloaded++];
	l->repo = repo;
	l->owner = owner;
	note_complete(p, l);
	return 0;
}

void hull_pool_unload(struct hull_pool *p)
{
	for (size_t i = 0; i < p->nloaded; i++)
		map_free(&p->loaded[i].complete);
	free(p->loaded);
	free(p->by_solvable);
}

void hull_pool_find_path(struct hull_pool *p, Id path)
{
	for (size_t i = 0; i < p->nloaded; i++) {
		struct hull_loaded *l = &p->loaded[i];
		Dataiterator di;

		map_grow(&l->complete, p->names->ss.nstrings);
		if (MAPTST(&l->complete, path))
			continue;
		MAPSET(&l->complete, path);
		dataiterator_init(&di, p->names, l->repo, 0, SOLVABLE_FILELIST,
				  pool_id2str(p->names, path),
				  SEARCH_STRING | SEARCH_FILES | SEARCH_COMPLETE_FILELIST);
		while (dataiterator_step(&di))
			if (p->by_solvable[di.solvid])
				hull_pool_index_add(p, path, p->by_solvable[di.solvid]);
		dataiterator_free(&di);
	}
}

size_t hull_pool_notes(struct hull_pool *p, int owner, const char *key, struct hull_arena *a,
		       struct hull_pool_note **out)
{
	Id name = pool_str2id(p->names, key, 0);
	Queue q;
	size_t n;

	queue_init(&q);
	for (size_t i = 0; i < p->nloaded && name; i++)
		if (p->loaded[i].owner == owner)
			repo_lookup_idarray(p->loaded[i].repo, SOLVID_META, name, &q);
	n = (size_t)q.count / 2;
	*out = hull_arena_array(a, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct hull_pool_note){
			hull_arena_strdup(a, pool_id2str(p->names, q.elements[2 * i])),
			hull_arena_strdup(a, pool_id2str(p->names, q.elements[2 * i + 1]))};
	queue_free(&q);
	return n;
}

void hull_pool_describe(struct hull_pool *p, hull_pkgid id, struct hull_arena *a,
			struct hull_pool_package *out)
{
	const struct hull_member *m = &p->v[id];
	Solvable *s = pool_id2solvable(p->names, m->solvable);
	const char *digest;
	Id type = 0;

	hull_assert(id > 0 && (size_t)id < p->n && m->solvable);
	out->name = hull_arena_strdup(a, pool_id2str(p->names, m->name));
	out->evr = hull_arena_strdup(a, pool_id2str(p->names, m->evr));
	out->arch = hull_arena_strdup(a, pool_id2str(p->names, m->arch));
	digest = solvable_lookup_checksum(s, SOLVABLE_CHECKSUM, &type);
	out->checksum = type == REPOKEY_TYPE_SHA256
				? hull_arena_strdup(a, digest)
				: hull_arena_printf(a, "%s:%s", solv_chksum_type2str(type), digest);
	out->base = hull_arena_strdup(a, solvable_lookup_str(s, SOLVABLE_MEDIABASE));
	out->location = hull_arena_strdup(a, solvable_lookup_location(s, NULL));
	out->source = hull_arena_strdup(a, solvable_lookup_sourcepkg(s));
	out->file_bytes = solvable_lookup_num(s, SOLVABLE_DOWNLOADSIZE, 0);
	out->installed_bytes = m->bytes;
}

hull_pkgid hull_pool_find(struct hull_pool *p, const char *name, const char *evr, const char *arch)
{
	Id n = pool_str2id(p->names, name, 0), v = pool_str2id(p->names, evr, 0),
	   a = pool_str2id(p->names, arch, 0);

	return n && v && a ? find(p, n, v, a) : 0;
}

bool hull_pool_has(struct hull_pool *p, const char *name)
{
	/* a path that nobody asked for yet is in no index */
	Id id = pool_str2id(p->names, name, *name == '/');

	return id && hull_pool_index(p, id)->n > 0;
}

void hull_pool_match(struct hull_pool *p, const struct hull_strv *patterns, struct hull_pkgset *out)
{
	hull_autopatterns struct hull_patterns list = {0};

	for (size_t i = 0; i < patterns->n; i++)
		hull_patterns_add(&list, patterns->v[i]);
	out->n = 0;
	for (size_t id = 1; id < p->n && list.n; id++)
		if (p->v[id].live &&
		    hull_patterns_first(&list, pool_id2str(p->names, p->v[id].name)))
			hull_pkgset_push(out, (hull_pkgid)id);
}
