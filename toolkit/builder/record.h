// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/package.h"
#include "store/buildrecord.h"

/* The record of a build whose packages are all there, with what is in their headers. */
struct hull_record {
	struct hull_build_record build; /* json NULL: none */
	struct hull_package *packages;	/* as build.packages; in the arena given at the read */
};

void hull_record_fini(struct hull_record *r);

/* 1 when there is a complete record (all its packages are in the store), 0 when not. */
HULL_CHECKED int hull_record_read(const struct hull_store *s, const char *key, struct hull_arena *a,
				  struct hull_record *out, struct hull_err *e);

/* The newest successful build of a spec, as hull_record_read. */
HULL_CHECKED int hull_record_latest(const struct hull_store *s, const char *arch, const char *spec,
				    struct hull_arena *a, struct hull_record *out,
				    struct hull_err *e);

/*
 * A declared package, with what rpm generated for it the last time: sonames, pkgconfig(), files
 * that a pattern stands for; in the arena. Its old Requires are left out: they may name what is no longer there.
 */
struct hull_package hull_record_learned(const struct hull_record *latest,
					const struct hull_package *declared, struct hull_arena *a);
