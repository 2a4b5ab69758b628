// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"
#include "rpm/package.h"
#include "solve/pkgset.h"

/*
 * The room solve/: which packages are installed together, and why; libsolv stays behind this
 * header, whose answers are in closure.c, reason.c, similar.c and dump.c. Within the room world.h
 * has the packages, view.h those that matter to a question.
 */

/*
 * Package sets by libsolv. Packages go in with an owner's number; sets come out as handles. Every
 * answer depends on the packages in the pool and on the question alone, not on the order in which
 * packages came in or went out.
 */

struct hull_pool;

struct hull_pool *hull_pool_new(const char *arch);
void hull_pool_free(struct hull_pool *p);

/* Adds a package (strings are copied); `owner` is given back by hull_pool_owner. Files make file
 * dependencies resolvable. A declared package (sha256 NULL) also provides pkgconfig(x) for each
 * listed .../pkgconfig/x.pc, its own name = evr and, unless it is noarch, name(isa) = evr. */
hull_pkgid hull_pool_add(struct hull_pool *p, const struct hull_package *pkg, int owner);

/*
 * Adds the packages of an index that hull_repo_index made: fast, because most of them stay where
 * they are until a question is about them. The file may be closed afterwards. A package of which
 * the pool has the very same name, version and architecture is left out: the first index wins. So
 * are source packages, and with `by_name` those of which an index before has the name in any version.
 */
HULL_CHECKED int hull_pool_load(struct hull_pool *p, int fd, const char *path, int owner,
				bool by_name, struct hull_err *e);

/* What an index says of things that are not its packages, under a key of its maker: pairs of what it is about
 * and what is said, in the order of the index. The list and its texts live in the arena. */
struct hull_pool_note {
	const char *object, *text;
};
size_t hull_pool_notes(struct hull_pool *p, int owner, const char *key, struct hull_arena *a,
		       struct hull_pool_note **out);

/* A package of an index. The strings live in the arena. */
struct hull_pool_package {
	const char *name, *evr, *arch;
	const char *checksum; /* of the RPM file: its SHA-256, or another one as "sha512:..." */
	const char *location; /* its path in the repository, or below base */
	const char *base;     /* the xml:base of the location, or NULL */
	const char *source;   /* "zlib-1.3.1-1.src.rpm", or NULL */
	uint64_t file_bytes, installed_bytes;
};
void hull_pool_describe(struct hull_pool *p, hull_pkgid id, struct hull_arena *a,
			struct hull_pool_package *out);

/*
 * (agree.c) Whether the built package is what the index said of it: name, version, architecture,
 * installed size, Requires, Provides, Conflicts, Obsoletes and the list of files, as far as the
 * index has it. What differs is in e. createrepo leaves out requirements that the package itself
 * satisfies, and all of libc.so.6 but the highest: these may be missing.
 */
HULL_CHECKED int hull_pool_agrees(struct hull_pool *p, hull_pkgid id,
				  const struct hull_package *built, struct hull_err *e);

/* The package with exactly this name, version and architecture, or 0. */
hull_pkgid hull_pool_find(struct hull_pool *p, const char *name, const char *evr, const char *arch);

/* Whether a package has that name, provides it in any version, or has that file. */
bool hull_pool_has(struct hull_pool *p, const char *name);

/* Packages whose name matches one of the patterns (fnmatch). */
void hull_pool_match(struct hull_pool *p, const struct hull_strv *patterns,
		     struct hull_pkgset *out);

/* Takes a package out that was added with hull_pool_add, so that its place can be taken by what was
 * really built. */
void hull_pool_remove(struct hull_pool *p, hull_pkgid id);

int hull_pool_owner(const struct hull_pool *p, hull_pkgid id);
const char *hull_pool_nevra(struct hull_pool *p, hull_pkgid id); /* valid until the next call */

struct hull_closure_request {
	const struct hull_deps *wants;	   /* all of them have to be satisfied */
	const struct hull_deps *conflicts; /* none of them may be (BuildConflicts); may be NULL */
	bool weak; /* install recommended packages and those that supplement the set too */
	/* Small means few packages instead of few bytes: for pools in which only some packages are
	 * built, so that the choice does not depend on which. */
	bool fewest;
	/* A want that is a name, with a version or not, means a package of that name when there is one
	 * that satisfies it; other providers count only if there is none. */
	bool named;
	/* Owners are repositories, 0 goes before 1: who satisfies a requirement is from the first of
	 * them that has somebody who can. */
	bool ranked;
	/* These packages do not exist for this question; may be NULL. */
	const struct hull_pkgset *without;
};

/*
 * The smallest set that satisfies `wants` with everything it requires: of one name always the
 * newest version that can be; among different providers those with which the set has the least
 * installed bytes, then the fewest packages, then the first in name order. Guaranteed: no exchange
 * of one choice of a provider for another gives a smaller set; exchanges of two at a time are tried
 * as far as a limit on the effort allows. (The very smallest is an NP-hard problem.) Suggestions
 * count for nothing.
 *
 * On a conflict e explains in words, a line a problem, naming the dependency; *out_want (may be
 * NULL) is then the index of the first want that nothing provides, or -1.
 */
HULL_CHECKED int hull_pool_closure(struct hull_pool *p, const struct hull_closure_request *r,
				   struct hull_pkgset *out, int *out_want, struct hull_err *e);

enum hull_reason_kind {
	HULL_REASON_NONE,	 /* nothing in the set needs it */
	HULL_REASON_WANT,	 /* satisfies wants->v[want] */
	HULL_REASON_REQUIRES,	 /* satisfies the requirement `dep` of `by` */
	HULL_REASON_CONFLICTS,	 /* the conflict `dep` of `by` does not count when it is there */
	HULL_REASON_RECOMMENDS,	 /* satisfies the recommendation `dep` of `by` */
	HULL_REASON_SUPPLEMENTS, /* supplements the set: `dep` is its own dependency */
};

struct hull_reason {
	enum hull_reason_kind kind;
	int want;	 /* an index, or -1 */
	hull_pkgid by;	 /* a member of the set, or 0 */
	const char *dep; /* text of the dependency or want, or NULL */
};

/*
 * Why each member of a closure is in it: out has closure->n entries, in the order of closure->v.
 * Going from a package to the one that it is there for leads to a want, by as short a chain as
 * there is. The texts live in the arena.
 */
void hull_pool_reasons(struct hull_pool *p, const struct hull_closure_request *r,
		       const struct hull_pkgset *closure, struct hull_arena *a,
		       struct hull_reason *out);

/*
 * Appends a solve as text that tests/solver/ can replay: the packages that matter, the request, and
 * the result: a line for each package with its reason ("in ..."), or for each problem ("problem ...").
 * The format is described in tests/solver/README.
 */
void hull_pool_dump(struct hull_pool *p, const struct hull_closure_request *r,
		    struct hull_buf *out);

/*
 * What could be done about a failed closure: for each problem (counted from 0, in the order of the
 * lines of the explanation) the wants of which each, left out, would make it go away. The caller
 * frees *out.
 */
struct hull_relief {
	int problem, want;
};
size_t hull_pool_reliefs(struct hull_pool *p, const struct hull_closure_request *r,
			 struct hull_relief **out);

/*
 * (named.c) The wants that are names, and that the set satisfies by other packages than those of the
 * name: of each its index, the first such package, and what it provides. The texts live in the
 * arena. Returns their number; the caller frees *out.
 */
struct hull_stand_in {
	int want;
	hull_pkgid package;
	const char *provides; /* "fwtables = 1.4" */
};
size_t hull_pool_stand_ins(struct hull_pool *p, const struct hull_closure_request *r,
			   const struct hull_pkgset *set, struct hull_arena *a,
			   struct hull_stand_in **out);

/*
 * (newest.c) The packages of a set of which there is a newer version that could not be taken, in the
 * order of the set: not if a want asks for another version by name. `why` tells it as
 * hull_pool_closure would of a request for the newest version, too, or names what else that would
 * change. The texts live in the arena. Returns their number; the caller frees *out.
 */
struct hull_passed_over {
	hull_pkgid taken, newest;
	const char *why;
};
size_t hull_pool_passed_over(struct hull_pool *p, const struct hull_closure_request *r,
			     const struct hull_pkgset *set, struct hull_arena *a,
			     struct hull_passed_over **out);

/* Handles of the packages that satisfy a dependency on their own. */
void hull_pool_providers(struct hull_pool *p, const struct hull_dep *d, struct hull_pkgset *out);

/* Up to `max` names in the pool near to `name`, nearest first, for "did you mean". */
void hull_pool_similar(struct hull_pool *p, const char *name, size_t max, struct hull_strv *out);
