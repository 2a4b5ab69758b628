// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "solve/pool.h"

/* The requirements between the packages of a lock. */

enum { HULL_LINK_WANT = -1 };

/* One requirement that `to` satisfies. */
struct hull_link {
	int by; /* a package, or HULL_LINK_WANT: it is asked for */
	int to;
	int group;	 /* the same for packages that satisfy one requirement each on its own */
	const char *dep; /* text of the requirement or of the request */
};

struct hull_links {
	struct hull_arena arena;
	struct hull_link *v; /* by `by`, in the order of the packages */
	size_t n;
};
void hull_links_fini(struct hull_links *k);

/* How they are found, within closure/. */

/* The requests of a lock, in its order. */
int hull_links_wants(const struct hull_lock *l, struct hull_arena *a, struct hull_deps *out,
		     struct hull_err *e);

/* Links between the members of a set, which is sorted here; ids are their handles in the order of
 * the lock. There is room for as many more as it has packages. */
void hull_links_take(struct hull_links *k, const struct hull_lock *l, struct hull_pool *pool,
		     struct hull_pkgset *set, const hull_pkgid *ids, const struct hull_deps *wants);

/* Adds the reasons that are no requirements, and sorts. */
void hull_links_finish(struct hull_links *k, const struct hull_lock *l);
void hull_links_sort(struct hull_links *k);

/* The index of a handle among n, or HULL_LINK_WANT. */
int hull_links_index(const hull_pkgid *ids, size_t n, hull_pkgid id);
