// SPDX-License-Identifier: MIT
#pragma once

#include "closure/runs.h"
#include "payload/payload.h"
#include "scriptrun/runplan.h"

/*
 * Runs the scriptlets of the packages (runplan.h) in a root made of the tree, twice, each time in a
 * new one and told of another machine, and makes the tree what they have made of it, but for owners.
 * *out, in the arena, says what ran and file by file what became of it. Warnings are of scriptlets that
 * failed where rpm would go on. Errors: one that rpm would not go on after, or that was ended at a limit, or
 * that needs what a sandbox of one user does not have; a path that differs between the two times (the
 * first is named, with package and scriptlet); an image for another architecture that needs any.
 */
HULL_CHECKED int hull_scriptrun(const struct hull_scriptrun_request *r, struct hull_tree *t,
				struct hull_arena *a, struct hull_runs *out,
				struct hull_strv *warnings, struct hull_err *e);

/* To whom they have given files: after the packages' own owners are set. */
void hull_scriptrun_set_owners(const struct hull_runs *r, struct hull_tree *t);
