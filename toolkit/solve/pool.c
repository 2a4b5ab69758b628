// SPDX-License-Identifier: MIT
#include "solve/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "solve/world.h"

/* rpm's %{_isa}. */
static char *isa(const char *arch)
{
	if (!strcmp(arch, "x86_64"))
		return hull_strdup("(x86-64)");
	if (!strcmp(arch, "aarch64"))
		return hull_strdup("(aarch-64)");
	return hull_asprintf("(%s)", arch);
}

struct hull_pool *hull_pool_new(const char *arch)
{
	struct hull_pool *p = hull_alloc(sizeof *p);

	p->names = pool_create();
	pool_setdisttype(p->names, DISTTYPE_RPM);
	p->arch = hull_strdup(arch);
	p->isa = isa(arch);
	p->v = hull_grow(NULL, &p->cap, 1, sizeof *p->v);
	p->n = 1;
	return p;
}

void hull_pool_free(struct hull_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nindex; i++)
		hull_pkgset_fini(&p->index[i]);
	free(p->index);
	free(p->ids);
	free(p->v);
	free(p->arch);
	free(p->isa);
	free(p->known_names.v);
	free(p->known_paths.v);
	hull_pool_unload(p);
	hull_buf_fini(&p->text);
	pool_free(p->names);
	free(p);
}

static void index_drop(struct hull_pool *p, Id name, hull_pkgid id)
{
	struct hull_pkgset *s = &p->index[name];

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i] != id)
			continue;
		memmove(s->v + i, s->v + i + 1, (s->n - i - 1) * sizeof *s->v);
		s->n--;
		return;
	}
}

static void index_drop_name(struct hull_pool *p, Id name, hull_pkgid id)
{
	Id other = pool_id2str(p->names, name)[0] == '/' ? hull_pool_other_name(p, name, false) : 0;

	index_drop(p, name, id);
	if (other && (size_t)other < p->nindex)
		index_drop(p, other, id);
}

static void add_provide(struct hull_pool *p, struct hull_ids *run, Id dep)
{
	for (size_t i = 0; i < run->n; i++)
		if (p->ids[run->at + i] == dep)
			return;
	hull_pool_add_id(p, run, dep);
}

/* "/usr/lib/pkgconfig/zlib.pc" provides pkgconfig(zlib); a pattern says nothing. */
static void add_pkgconfig(struct hull_pool *p, struct hull_ids *run, const char *path)
{
	const char *base = hull_basename(path);
	size_t dir = (size_t)(base - path), n = strlen(base);
	hull_autofree char *name = NULL;

	if (dir < 11 || strncmp(base - 11, "/pkgconfig/", 11) != 0 || !hull_ends(base, ".pc") ||
	    strpbrk(base, "*?[{"))
		return;
	name = hull_asprintf("pkgconfig(%.*s)", (int)(n - 3), base);
	add_provide(p, run, pool_str2id(p->names, name, 1));
}

/* What rpm will add to a declared package when it is built, as far as that is known before. */
static void add_implied(struct hull_pool *p, struct hull_member *m, struct hull_ids *run,
			const struct hull_package *pkg)
{
	add_provide(p, run, pool_rel2id(p->names, m->name, m->evr, REL_EQ, 1));
	if (strcmp(pkg->arch, "noarch") != 0) {
		hull_autofree char *name = hull_asprintf("%s%s", pkg->name, p->isa);

		add_provide(
			p, run,
			pool_rel2id(p->names, pool_str2id(p->names, name, 1), m->evr, REL_EQ, 1));
	}
	for (size_t i = 0; i < pkg->nfiles; i++)
		add_pkgconfig(p, run, pkg->files[i].path);
}

hull_pkgid hull_pool_add(struct hull_pool *p, const struct hull_package *pkg, int owner)
{
	struct hull_arena arena = {0};
	hull_pkgid id = (hull_pkgid)p->n;
	struct hull_member m = {.owner = owner, .live = true, .bytes = pkg->installed_bytes};

	m.name = pool_str2id(p->names, pkg->name, 1);
	m.evr = pool_str2id(p->names, hull_package_evr(pkg, &arena), 1);
	m.arch = pool_str2id(p->names, pkg->arch, 1);
	for (int k = 0; k < HULL_DEP_KINDS; k++) {
		m.deps[k].at = p->nids;
		for (size_t i = 0; i < pkg->deps[k].n; i++) {
			/* what rpm itself can do is not a matter of packages */
			if (!hull_starts(pkg->deps[k].v[i].name, "rpmlib("))
				hull_pool_add_id(p, &m.deps[k],
						 hull_dep_id(p->names, &pkg->deps[k].v[i]));
		}
		if (k == HULL_PROVIDES && !pkg->sha256)
			add_implied(p, &m, &m.deps[k], pkg);
	}
	m.files.at = p->nids;
	for (size_t i = 0; i < pkg->nfiles; i++)
		hull_pool_add_id(p, &m.files, pool_str2id(p->names, pkg->files[i].path, 1));
	for (size_t i = 0; i < m.deps[HULL_PROVIDES].n; i++)
		hull_pool_index_add(
			p, hull_dep_name(p->names, p->ids[m.deps[HULL_PROVIDES].at + i]), id);
	for (size_t i = 0; i < m.files.n; i++)
		hull_pool_index_add(p, p->ids[m.files.at + i], id);
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n++] = m;
	hull_arena_fini(&arena);
	return id;
}

static struct hull_member *live(const struct hull_pool *p, hull_pkgid id)
{
	hull_assert(id > 0 && (size_t)id < p->n && p->v[id].live);
	return &p->v[id];
}

void hull_pool_remove(struct hull_pool *p, hull_pkgid id)
{
	struct hull_member *m = live(p, id);

	hull_assert(!m->solvable);
	for (size_t i = 0; i < m->deps[HULL_PROVIDES].n; i++)
		index_drop_name(p, hull_dep_name(p->names, p->ids[m->deps[HULL_PROVIDES].at + i]),
				id);
	for (size_t i = 0; i < m->files.n; i++)
		index_drop_name(p, p->ids[m->files.at + i], id);
	m->live = false;
}

int hull_pool_owner(const struct hull_pool *p, hull_pkgid id)
{
	hull_assert(id > 0 && (size_t)id < p->n);
	return p->v[id].owner;
}

const char *hull_pool_nevra(struct hull_pool *p, hull_pkgid id)
{
	const struct hull_member *m;

	hull_assert(id > 0 && (size_t)id < p->n);
	m = &p->v[id];
	p->text.n = 0;
	hull_buf_addf(&p->text, "%s-%s.%s", pool_id2str(p->names, m->name),
		      pool_id2str(p->names, m->evr), pool_id2str(p->names, m->arch));
	return p->text.p;
}
