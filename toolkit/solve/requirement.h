// SPDX-License-Identifier: MIT
#pragma once

#include "solve/pool.h"

/*
 * Which package of a set requires which: the one graph that hull why, SBOMs and reports show.
 *
 * libsolv decides what satisfies a requirement: a package's own or provided name in a version that
 * fits, a file, and of a rich dependency the alternatives whose conditions hold in the set ("(tool
 * if gui)" is nothing without gui). Several packages that satisfy one requirement have an entry
 * each, of the same group. What a package satisfies itself requires no other; what none satisfies
 * is left out and is no error. Weak dependencies (Recommends, Supplements and the like) are no
 * requirements.
 */

enum { HULL_REQUEST = -1 };

struct hull_requirement {
	int by;		  /* place of a package in the set, or HULL_REQUEST: it is asked for */
	int to;		  /* place of a package that satisfies it; never `by` */
	int group;	  /* the same for packages that satisfy one requirement each on its own */
	const char *text; /* of the requirement or of the request */
};

struct hull_requirements {
	struct hull_arena arena;
	struct hull_requirement *v; /* by `by`, `to`, and as the package lists them */
	size_t n, cap;
};
void hull_requirements_fini(struct hull_requirements *r);

/* The requirements among packages of a pool, given in any order, each once, and the requests. */
void hull_requirements_init(struct hull_requirements *out, struct hull_pool *p,
			    const struct hull_deps *requests, const struct hull_pkgset *set);

/*
 * The same for the packages that are installed in a system, in any architecture; places are indexes
 * into `packages`. A file is found under another name of its directory too, if a package has the
 * symlink that makes it one ("/bin" to "usr/bin").
 */
void hull_requirements_installed(struct hull_requirements *out, const struct hull_package *packages,
				 size_t n, const struct hull_deps *requests);

/* Adds one, out of order until hull_requirements_sort. The text has to live as long as `r`. */
void hull_requirements_add(struct hull_requirements *r, int by, int to, int group,
			   const char *text);
void hull_requirements_sort(struct hull_requirements *r);
