// SPDX-License-Identifier: MIT
#pragma once

#include "closure/runs.h"
#include "scriptrun/rootscan.h"
#include "scriptrun/runplan.h"

/* One time that all of them run, in a root of its own. */
struct hull_trial {
	const struct hull_store *store;
	char *dir;  /* below the store's tmp/ */
	int rootfd; /* what was made of the tree */
	struct hull_scan after;
	struct hull_arena arena;
	struct hull_runs runs;
};

/* -1 with e set: nothing is left of it then. */
HULL_CHECKED int hull_trial_init(struct hull_trial *x, const struct hull_scriptrun_request *r,
				 const struct hull_run_plan *plan, const struct hull_tree *t,
				 bool elsewhere, struct hull_strv *warnings, struct hull_err *e);
void hull_trial_fini(struct hull_trial *x);
