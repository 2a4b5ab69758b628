// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "store/buildrecord.h"

/* The records of the builds that made given packages. */

struct hull_build_wanted {
	const char *sha256; /* of the RPM file */
	const char *arch;   /* what it was built for */
	const char *spec;   /* that it is likely to be of */
	int record;	    /* result: index into hull_build_records.v, or -1 */
};

struct hull_build_records {
	struct hull_build_record *v;
	size_t n, cap;
};

/*
 * Looks at the latest build of each spec, then, for what is left, at all records of the store. A
 * record counts if it lists the package by its SHA-256. One that cannot be read is an error.
 */
HULL_CHECKED int hull_build_records_find(const struct hull_store *s,
					 struct hull_build_wanted *wanted, size_t n,
					 struct hull_build_records *out, struct hull_err *e);

/* The same for what a lock names: out_record has the index of each of its packages' record, or -1.
 */
HULL_CHECKED int hull_build_records_of_lock(const struct hull_store *s,
					    const struct hull_lock *lock,
					    struct hull_build_records *out, int *out_record,
					    struct hull_err *e);
void hull_build_records_fini(struct hull_build_records *r);
