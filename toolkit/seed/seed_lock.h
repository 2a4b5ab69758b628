// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "base/mem.h"
#include "seed/seed_package.h"
#include "seed/seed_table.h"

/*
 * lock.json of the directory toolkit/seed: exactly the packages that a seed is made from, so that the
 * same commit has the same build keys on every machine and day. It is in git; hull seed update writes
 * it (seed_update.h).
 */
struct hull_seed_lock {
	const char *file;		    /* "toolkit/seed/lock.json" */
	const char *release;		    /* of Debian: "trixie" */
	const char *arch;		    /* Debian's name: "amd64" */
	const char *date;		    /* on which the archive had them: "2026-11-30" */
	struct hull_seed_package *packages; /* sorted by name and architecture, each has a path */
	size_t npackages;
	struct hull_arena arena; /* owns the strings */
};

/*
 * Reads it, and compares it with the tables: a package that they name and it does not have is an
 * error with the table's line. So are what is not there, what another hull's format is, and one that
 * is not for this machine. The caller calls _fini in any case.
 */
HULL_CHECKED int hull_seed_lock_read(struct hull_seed_lock *l, struct hull_seed_table *t,
				     struct hull_err *e);
void hull_seed_lock_fini(struct hull_seed_lock *l);

/* Writes it by rename, a package a line; `packages` are sorted. */
HULL_CHECKED int hull_seed_lock_write(const char *dir, const struct hull_seed_package *packages,
				      size_t n, const char *arch, const char *date,
				      struct hull_err *e);

/* The id of the seed that these packages and tables make. */
void hull_seed_lock_id(const struct hull_seed_lock *l, const struct hull_seed_table *t,
		       char out[HULL_HEX]);

int hull_seed_package_compare(const void *x, const void *y); /* for qsort */
json_t *hull_seed_package_json(const struct hull_seed_package *p);

/* Reads one; `what` is for messages. The strings are copied into the arena. */
HULL_CHECKED int hull_seed_package_read(const json_t *j, const char *what, struct hull_arena *a,
					struct hull_seed_package *out, struct hull_err *e);

/* Debian's name of this machine's architecture; an error for one that hull does not build on. */
HULL_CHECKED const char *hull_seed_arch(struct hull_err *e);
