// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "godeps/godeb.h"

/* The packages of a Debian suite that hold Go libraries as source (golang-*-dev). */

struct hull_go_lib {
	const char *name, *version, *arch;
	const char *path; /* in the archive: "pool/..." */
	const char *sha256;
	const char *depends, *provides, *conflicts; /* fields as written, or NULL */
	bool candidate;				    /* in the closure of the roots */
	bool used;				    /* something that is built imports from it */
	bool laid;				    /* in the GOPATH */
	struct hull_go_deb deb;			    /* of a candidate, once read */
};

struct hull_go_libs {
	struct hull_arena arena;
	struct hull_go_lib *v; /* sorted by name */
	size_t n, cap;
};

void hull_go_libs_fini(struct hull_go_libs *l);

/* Reads the text of a Packages index. */
void hull_go_libs_parse(struct hull_go_libs *l, const char *packages);

/* The relation fields of a source package, joined, from the text of a Sources index; NULL if there
 * is none. */
char *hull_go_build_depends(const char *sources, const char *name, struct hull_arena *a);

/*
 * Makes candidates of all libraries that the relation field names and of what these depend on: the
 * first alternative that is a package, or is provided by one. Other packages and unknown names are
 * left out.
 */
void hull_go_libs_close(struct hull_go_libs *l, const char *relations);

/*
 * The candidate that an import is found in, by its path or, when no candidate has that, by the path
 * without "/v5": a GOPATH has a module of a later major version at that place. Of two that are
 * declared to be in conflict the newer one counts; otherwise two are an error. *out is NULL if no
 * candidate has it.
 */
HULL_CHECKED int hull_go_libs_find(const struct hull_go_libs *l, const char *import,
				   struct hull_go_lib **out, struct hull_err *e);
