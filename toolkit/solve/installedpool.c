// SPDX-License-Identifier: MIT
#include "solve/installedpool.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "solve/world.h"

enum { MAX_LINKS = 40 }; /* in one path, as Linux has it */

/* A file that dependencies name. */
struct named {
	const char *base;   /* the last name of its path */
	const char *direct; /* the path without links in its directories */
	Id path;
};

struct file_search {
	struct hull_pool *pool;
	const struct hull_package *packages;
	size_t n;
	struct hull_arena arena;
	const struct hull_file **links; /* symlinks of all packages, by path */
	size_t nlinks, links_cap;
	struct named *named; /* by base */
	size_t nnamed, named_cap;
};

static hull_pkgid add_package(struct hull_pool *pool, const struct hull_package *p)
{
	struct hull_package q = *p;

	q.sha256 = "";	   /* built, not declared */
	q.arch = "noarch"; /* it is installed: nobody asks whether it could be */
	q.nfiles = 0;
	for (int k = 0; k < HULL_DEP_KINDS; k++)
		if (k != HULL_PROVIDES && k != HULL_REQUIRES)
			q.deps[k].n = 0;
	return hull_pool_add(pool, &q, 0);
}

/* --- links in directories --- */

static int by_path(const void *a, const void *b)
{
	const struct hull_file *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static void find_links(struct file_search *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->packages[i].nfiles; k++) {
			const struct hull_file *f = &s->packages[i].files[k];

			if (!S_ISLNK(f->mode) || !f->link)
				continue;
			s->links = hull_grow(s->links, &s->links_cap, s->nlinks, sizeof *s->links);
			s->links[s->nlinks++] = f;
		}
	if (s->nlinks)
		qsort(s->links, s->nlinks, sizeof *s->links, by_path);
}

static const char *link_at(const struct file_search *s, const char *path)
{
	const struct hull_file key = {.path = path}, *at = &key, *const *found = NULL;

	if (s->nlinks)
		found = bsearch(&at, s->links, s->nlinks, sizeof *s->links, by_path);
	return found ? (*found)->link : NULL;
}

/* Takes the first name off a path; false if it is the last. */
static bool take_name(const char **path, const char **out_name, size_t *out_n)
{
	*path += strspn(*path, "/");
	*out_name = *path;
	*out_n = strcspn(*path, "/");
	*path += *out_n;
	return **path != '\0';
}

static void drop_name(struct hull_buf *b)
{
	while (b->n && b->p[b->n - 1] != '/')
		b->n--;
	if (b->n)
		b->n--;
	hull_buf_addc(b, '\0');
	b->n--;
}

/* A path with the links in its directories followed; what leads nowhere stays as it is. */
static const char *direct_path(struct file_search *s, const char *path)
{
	hull_autobuf struct hull_buf out = {0};
	const char *rest = path, *name, *link;
	bool more = true;
	size_t n;

	for (int links = 0; more && links <= MAX_LINKS;) {
		size_t before = out.n;

		more = take_name(&rest, &name, &n);
		if (n == 2 && !memcmp(name, "..", 2)) {
			drop_name(&out);
			continue;
		}
		if (n == 0 || (n == 1 && *name == '.'))
			continue;
		hull_buf_addf(&out, "/%.*s", (int)n, name);
		link = more ? link_at(s, out.p) : NULL;
		if (!link)
			continue;
		links++;
		rest = hull_arena_printf(&s->arena, "%s%s", link, rest);
		out.n = *link == '/' ? 0 : before;
	}
	return more ? path : hull_arena_strndup(&s->arena, out.p, out.n);
}

/* --- files that are named --- */

static int by_base(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int d = strcmp(x->base, y->base);

	return d ? d : (x->path > y->path) - (x->path < y->path);
}

static void find_named(struct file_search *s)
{
	const Pool *names = s->pool->names;

	for (Id id = 1; id < names->ss.nstrings; id++) {
		const char *path = pool_id2str(names, id);

		if (*path != '/')
			continue;
		s->named = hull_grow(s->named, &s->named_cap, s->nnamed, sizeof *s->named);
		s->named[s->nnamed++] = (struct named){hull_basename(path), NULL, id};
	}
	if (s->nnamed)
		qsort(s->named, s->nnamed, sizeof *s->named, by_base);
}

static void find_file(struct file_search *s, const char *path, hull_pkgid id)
{
	const char *base = hull_basename(path), *direct = NULL;

	for (size_t i = hull_lower_bound(base, s->named, s->nnamed, sizeof *s->named,
					 offsetof(struct named, base));
	     i < s->nnamed; i++) {
		if (strcmp(s->named[i].base, base) != 0)
			break;
		if (!direct)
			direct = direct_path(s, path);
		if (!strcmp(s->named[i].direct, direct))
			hull_pool_index_add(s->pool, s->named[i].path, id);
	}
}

static void find_files(struct file_search *s, const struct hull_pkgset *ids)
{
	find_named(s);
	if (!s->nnamed)
		return;
	find_links(s);
	for (size_t i = 0; i < s->nnamed; i++)
		s->named[i].direct = direct_path(s, pool_id2str(s->pool->names, s->named[i].path));
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->packages[i].nfiles; k++)
			find_file(s, s->packages[i].files[k].path, ids->v[i]);
}

struct hull_pool *hull_pool_installed(const struct hull_package *packages, size_t n,
				      const struct hull_deps *requests, struct hull_pkgset *out)
{
	struct file_search s = {.pool = hull_pool_new("noarch"), .packages = packages, .n = n};

	s.pool->own_links = true;
	*out = (struct hull_pkgset){0};
	for (size_t i = 0; i < n; i++)
		hull_pkgset_push(out, add_package(s.pool, &packages[i]));
	for (size_t i = 0; i < requests->n; i++)
		hull_dep_id(s.pool->names, &requests->v[i]);
	find_files(&s, out);
	free(s.links);
	free(s.named);
	hull_arena_fini(&s.arena);
	return s.pool;
}
