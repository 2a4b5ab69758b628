// SPDX-License-Identifier: MIT
#pragma once

#include <solv/bitmap.h>
#include <solv/pool.h>
#include <solv/repo.h>

#include "base/str.h"
#include "rpm/package.h"
#include "solve/pkgset.h"

/*
 * The inside of a pool, shared by the files of this room only: world.c keeps the packages and the
 * index, load.c fills it from the index of a repository.
 */

struct hull_ids { /* a run of hull_pool.ids */
	size_t at, n;
};

struct hull_member {
	int owner;
	bool live;
	Id solvable; /* of `names` when it comes from an index, else 0 */
	Id name, evr, arch;
	uint64_t bytes;
	struct hull_ids deps[HULL_DEP_KINDS]; /* dependencies in `names` */
	struct hull_ids files;		      /* paths in `names`; of an index: none */
};

/* The packages of an index, in `names` too: what is asked for rarely is left there. */
struct hull_loaded {
	Repo *repo;
	int owner;
	Map complete; /* paths (Ids of `names`) of which all providers are known */
};

struct hull_known_names { /* for similar.c */
	struct hull_known_name *v;
	size_t n, cap;
};

/*
 * All packages. `names` is a libsolv pool that serves as table of strings and dependencies only;
 * the packages are kept beside it, with an index from each name and path to the live packages that
 * have it. What is asked is answered on a view: a libsolv pool of just the packages that matter to
 * the question, in name order. So a question costs by the size of its answer, and no Id depends on
 * history.
 */
struct hull_pool {
	Pool *names;
	char *arch, *isa; /* "x86_64", "(x86-64)" */
	bool own_links; /* files are found by the links that packages have, not by those of Hull's systems */
	struct hull_member *v; /* by handle; 0 is unused */
	size_t n, cap;
	Id *ids;
	size_t nids, ids_cap;
	struct hull_pkgset *index; /* by string Id */
	size_t nindex;
	struct hull_loaded *loaded;
	size_t nloaded, loaded_cap;
	hull_pkgid *by_solvable; /* by solvable of `names` */
	size_t nby_solvable;
	struct hull_known_names known_names, known_paths;
	size_t nlearned; /* Ids of `names` that are in them */
	struct hull_buf text;
};

/* A dependency as an Id of a libsolv pool. */
Id hull_dep_id(Pool *pool, const struct hull_dep *d);

/* The name in a dependency, of a rich one the first; and whether there is no more to it than that
 * and versions: it is neither rich nor a file. */
Id hull_dep_name(const Pool *pool, Id dep);
bool hull_dep_is_name(const Pool *pool, Id dep);

/*
 * Calls f for each name in a dependency that is to hold (positive) or must not (a conflict). The
 * name is positive if it can help that it is provided: in "(a if b)" that is a, in a conflict with
 * "(a unless b)" it is b.
 */
void hull_dep_walk(const Pool *pool, Id dep, bool positive,
		   void (*f)(void *ctx, Id name, bool positive), void *ctx);

/* Live packages that provide a name (an Id of `names`), in any version, or have that file. The
 * first question for a path may look through the file lists of indexes. */
const struct hull_pkgset *hull_pool_index(struct hull_pool *p, Id name);
void hull_pool_index_add(struct hull_pool *p, Id name, hull_pkgid id);
void hull_pool_add_id(struct hull_pool *p, struct hull_ids *run, Id id);

/*
 * /bin, /sbin, /lib and /lib64 are links into /usr: a path below one of them is the same file as that below
 * /usr. Gives the index of the one name the packages of the other, before it is looked at in a view; not if
 * the pool is one of own_links.
 */
void hull_pool_join_links(struct hull_pool *p, Id path);
/* The other name of a path, as an Id of `names`; 0 if it has none there, or none at all. */
Id hull_pool_other_name(struct hull_pool *p, Id path, bool create);

/* Notes in the index which packages of loaded indexes have a file. */
void hull_pool_find_path(struct hull_pool *p, Id path);
void hull_pool_unload(struct hull_pool *p);
