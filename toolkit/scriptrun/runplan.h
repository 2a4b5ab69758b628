// SPDX-License-Identifier: MIT
#pragma once

#include "payload/payload.h"
#include "scriptlet/scriptlets.h"

/* One run of a scriptlet. */
struct hull_run_step {
	const char *package; /* "name-evr.arch", for people and the lock */
	const struct hull_scriptlet *scriptlet;
	const char *arguments[2]; /* $1 and $2; NULL: not given */
	const char *input;	  /* paths, a line each, of a file trigger; or NULL */
	bool fatal;		  /* rpm would not install the package if it fails */
};

/* What is to be run, and for which image. */
struct hull_scriptrun_request {
	const struct hull_store *store;
	const struct hull_packages *packages;
	const char *arch; /* of the image: nothing runs if it is not this machine's */
	int64_t time;	  /* SOURCE_DATE_EPOCH: of all files that are changed */
	/* Runs after those of the packages, such as scripts of a configuration: `package` says whose they
	 * are, and the scriptlet needs name, program and body only. */
	const struct hull_run_step *more;
	size_t nmore;
};

struct hull_run_plan {
	struct hull_arena arena;
	struct hull_run_step *v;
	size_t n, cap;
};

/*
 * The scriptlets of a first installation of all packages, in the order in which rpm would run them:
 * %pretrans of all; for each package, in the order of rpm's transaction, %triggerprein, %pre, file triggers
 * of priority 10000 and more, %post, %triggerin, the other file triggers; %posttrans of all; file triggers
 * of the transaction. Left out is what changes nothing, and what hull does anyway as far as the tree has what it
 * takes (scriptlet/fate.h). One whose text would be expanded when it runs (-e, -q) is an error.
 */
HULL_CHECKED int hull_run_plan(const struct hull_packages *p, const struct hull_tree *t,
			       struct hull_run_plan *out, struct hull_err *e);
void hull_run_plan_fini(struct hull_run_plan *p);
