// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "spec/spec.h"
#include "store/buildrecord.h"

/* What is asked of the %check of a spec that has one. */
enum hull_check_rule {
	HULL_CHECK_PASSES,   /* the build fails otherwise */
	HULL_CHECK_MAY_FAIL, /* the build goes on, and the record says how it went */
	HULL_CHECK_NONE,     /* it is not run */
};

/* What a run asks of builds beside their specs. */
struct hull_build_rules {
	const struct hull_strv *no_check; /* specs whose %check is not run; NULL: none */
	bool no_check_at_all;
	bool check_may_fail; /* of the others */
	uint64_t check_tries;
	const struct hull_strv *force; /* specs that are built again; NULL: none */
};

/* The rule for a spec: PASSES if it has no %check. */
enum hull_check_rule hull_check_rule_of(const struct hull_build_rules *r,
					const struct hull_spec *spec);

struct hull_inputs_request {
	const struct hull_spec *spec;
	const char *arch, *macros, *seed;
	const struct hull_package *const *root; /* packages of the build root */
	size_t nroot;
	enum hull_check_rule check; /* of a spec without %check: none of the rules is an input */
};

/* The inputs and their key; NULL with e set when a local file cannot be read. The caller decrefs.
 */
HULL_CHECKED json_t *hull_inputs_new(const struct hull_inputs_request *r, char out_key[HULL_HEX],
				     struct hull_err *e);

/* SOURCE_DATE_EPOCH of a spec: the first second (UTC) of the day of its newest changelog entry,
 * else a fixed time. */
int64_t hull_inputs_epoch(const struct hull_spec *spec);

/* The packages of a build root as records and jobs list them, in the arena. */
struct hull_built_packages hull_inputs_root(const struct hull_package *const *root, size_t n,
					    struct hull_arena *a);

/*
 * Why a build is due: a line for each difference between the inputs (and build roots) of the last
 * build and those of now, such as "patch fix.patch changed" or "BuildRequires zlib-devel changed:
 * /usr/lib/libz.so.1 differs". If there are no old inputs: "never built".
 */
void hull_inputs_explain(const struct hull_store *s, const struct hull_build_inputs *old,
			 const struct hull_built_packages *old_root,
			 const struct hull_build_inputs *now,
			 const struct hull_built_packages *new_root, struct hull_strv *out);

/* The first path whose content, mode or link differs between two packages, into the arena; NULL if
 * none. */
const char *hull_package_first_difference(const struct hull_package *x,
					  const struct hull_package *y, struct hull_arena *a);
