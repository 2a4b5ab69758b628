// SPDX-License-Identifier: MIT
#include "solve/world.h"

#include <solv/pool_parserpmrichdep.h>
#include <string.h>

Id hull_dep_id(Pool *pool, const struct hull_dep *d)
{
	Id id = d->name[0] == '(' ? pool_parserpmrichdep(pool, d->name) : 0;
	int flags = 0;

	if (!id)
		id = pool_str2id(pool, d->name, 1);
	if (!d->flags || !d->evr)
		return id;
	if (d->flags & HULL_DEP_LESS)
		flags |= REL_LT;
	if (d->flags & HULL_DEP_GREATER)
		flags |= REL_GT;
	if (d->flags & HULL_DEP_EQUAL)
		flags |= REL_EQ;
	return pool_rel2id(pool, id, pool_str2id(pool, d->evr, 1), flags, 1);
}

Id hull_dep_name(const Pool *pool, Id dep)
{
	while (ISRELDEP(dep))
		dep = GETRELDEP(pool, dep)->name;
	return dep;
}

bool hull_dep_is_name(const Pool *pool, Id dep)
{
	for (; ISRELDEP(dep); dep = GETRELDEP(pool, dep)->name)
		if (GETRELDEP(pool, dep)->flags > (REL_GT | REL_EQ | REL_LT))
			return false;
	return pool_id2str(pool, dep)[0] != '/';
}

void hull_dep_walk(const Pool *pool, Id dep, bool positive,
		   void (*f)(void *ctx, Id name, bool positive), void *ctx)
{
	const Reldep *r, *other;

	while (ISRELDEP(dep)) {
		r = GETRELDEP(pool, dep);
		other = ISRELDEP(r->evr) ? GETRELDEP(pool, r->evr) : NULL;
		if (r->flags == REL_COND || r->flags == REL_UNLESS) {
			if (other && other->flags == REL_ELSE) {
				/* the condition may be made true or false */
				hull_dep_walk(pool, other->name, true, f, ctx);
				hull_dep_walk(pool, other->evr, positive, f, ctx);
			} else {
				hull_dep_walk(pool, r->evr, !positive, f, ctx);
			}
		} else if (r->flags > 7) {
			hull_dep_walk(pool, r->evr, positive && r->flags != REL_WITHOUT, f, ctx);
		}
		dep = r->name;
	}
	f(ctx, dep, positive);
}

const struct hull_pkgset *hull_pool_index(struct hull_pool *p, Id name)
{
	static const struct hull_pkgset empty;

	if (p->nloaded && pool_id2str(p->names, name)[0] == '/')
		hull_pool_find_path(p, name);
	return (size_t)name < p->nindex ? &p->index[name] : &empty;
}

Id hull_pool_other_name(struct hull_pool *p, Id path, bool create)
{
	static const char *const links[] = {"/bin/", "/sbin/", "/lib/", "/lib64/"};
	static const char usr[] = "/usr";
	const char *name = pool_id2str(p->names, path);
	bool below = hull_starts(name, usr);
	const char *rest = below ? name + strlen(usr) : name;

	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		hull_autofree char *other = NULL;

		if (!hull_starts(rest, links[i]))
			continue;
		other = below ? hull_strdup(rest) : hull_asprintf("%s%s", usr, rest);
		return pool_str2id(p->names, other, create);
	}
	return 0;
}

void hull_pool_join_links(struct hull_pool *p, Id path)
{
	/* an index of many packages may know the other name of a file only */
	Id other = p->own_links ? 0 : hull_pool_other_name(p, path, p->nloaded > 0);
	const struct hull_pkgset *with;

	if (!other)
		return;
	hull_pool_index(p, path);
	with = hull_pool_index(p, other);
	for (size_t i = 0; i < with->n; i++) {
		hull_pool_index_add(p, path, with->v[i]);
		with = hull_pool_index(p, other); /* the index may have moved */
	}
}

void hull_pool_index_add(struct hull_pool *p, Id name, hull_pkgid id)
{
	struct hull_pkgset *s;
	size_t at;

	if ((size_t)name >= p->nindex)
		p->index = hull_grow(p->index, &p->nindex, (size_t)name, sizeof *p->index);
	s = &p->index[name];
	for (at = s->n; at > 0 && s->v[at - 1] >= id; at--)
		if (s->v[at - 1] == id)
			return;
	hull_pkgset_push(s, id);
	memmove(s->v + at + 1, s->v + at, (s->n - 1 - at) * sizeof *s->v);
	s->v[at] = id;
}

void hull_pool_add_id(struct hull_pool *p, struct hull_ids *run, Id id)
{
	p->ids = hull_grow(p->ids, &p->ids_cap, p->nids, sizeof *p->ids);
	p->ids[p->nids++] = id;
	run->n++;
}
