// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/package.h"
#include "spec/spec.h"
#include "store/store.h"
#include "text/json.h"

/*
 * The sections of a spec that hull runs in its own way: %generate_buildrequires, whose output it takes, and
 * %check, which may be left out, tried again, or fail.
 *
 * What a %generate_buildrequires prints depends on the build root it runs in. It is kept by the key
 * of that root (HULL_STORE_REQUIRES): {requires: [a text each]}. What it asks for is added to the
 * root, and it runs again in there, until it asks for nothing new, at most HULL_GENERATE_ROUNDS times, and
 * for at most HULL_GENERATE_MOST requirements in all.
 */
enum { HULL_GENERATE_ROUNDS = 10, HULL_GENERATE_MOST = 10000 };

struct hull_generated {
	struct hull_deps deps; /* that were asked for up to now, in the arena */
	int rounds;
};

enum hull_generate {
	HULL_GENERATE_RUN,     /* it was not run in this root yet */
	HULL_GENERATE_MORE,    /* something new was added to `g` */
	HULL_GENERATE_SETTLED, /* it asks for nothing but what was added before */
};

/* How it goes on for a spec with a root of which the key is given; also an error: what it prints is
 * no dependency, or it never ends. */
HULL_CHECKED int hull_generated_next(const struct hull_store *s, const struct hull_spec *spec,
				     const char *key, struct hull_arena *a,
				     struct hull_generated *g, enum hull_generate *out,
				     struct hull_err *e);

/* After its program ran in a job's directory: keeps what was printed, by the job's key. */
HULL_CHECKED int hull_generated_keep(const struct hull_store *s, const char *dir, const json_t *job,
				     struct hull_err *e);

/* The program in the build root, /hull/stage, that runs these sections for rpmbuild. */
extern const char hull_stage_program[];

/* What rpmbuild gets beside for a job: definitions, how %check is run, what runs %generate_buildrequires. */
void hull_stage_arguments(const json_t *job, struct hull_strv *argv);

/* How the %check of a job that was built went: "passed", "failed", "none", or NULL if its spec has none, and the
 * number of its runs. */
const char *hull_stage_check(const struct hull_store *s, const char *dir, const json_t *job,
			     int64_t *out_tries);
