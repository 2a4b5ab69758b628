// SPDX-License-Identifier: MIT
#pragma once

#include "builder/scheduler.h"
#include "builder/workspace.h"
#include "cli/command.h"
#include "cmd/buildoptions.h"
#include "keys/keyring.h"
#include "seed/seed.h"

/* What the commands that build have in common: specs, seed and workspace of a context. */

struct hull_session {
	struct hull_context *ctx;
	const struct hull_build_options *options;
	struct hull_specs specs;
	struct hull_seed seed;
	struct hull_keyring keyring;
	struct hull_workspace workspace;
	char macros[HULL_HEX];
	size_t *selected; /* indexes of the specs that args name */
	size_t nselected;
	struct hull_strv args;	   /* as they were given, but for source packages */
	struct hull_strv named;	   /* the names of the specs that they name */
	struct hull_strv no_check; /* specs */
	struct hull_strv defines;
	struct hull_strv unpacked; /* directories below the store, of source packages */
	bool told;		   /* what is left out */
};

/* Whether commands can run in sandboxes (sandbox/runner.h) with files of the store, which is opened; a warning
 * if they have root's id. */
HULL_CHECKED int hull_session_check_sandbox(struct hull_context *ctx, struct hull_err *e);

/* Specs, selection, seed (made if there is none) and macros; no workspace yet. An argument NAME.src.rpm is
 * the spec in that source package, which comes before one of that name in the trees. */
HULL_CHECKED int hull_session_open(struct hull_session *s, struct hull_context *ctx,
				   const struct hull_build_options *o, const struct hull_strv *args,
				   struct hull_err *e);

/* The workspace, with everything selected asked for; what the store has is DONE. What cannot be planned
 * is FAILED or BLOCKED, and told as a fault (cli/faults.h), once; with --strict it is an error. */
HULL_CHECKED int hull_session_plan(struct hull_session *s, struct hull_err *e);

/* Has the sources of some nodes in the store; with keep_going, nodes whose sources fail are FAILED.
 */
HULL_CHECKED int hull_session_fetch(struct hull_session *s, const size_t *nodes, size_t n,
				    struct hull_err *e);

/* Fetches what is missing of the sources and builds. */
HULL_CHECKED int hull_session_build(struct hull_session *s, struct hull_schedule_result *out,
				    struct hull_err *e);

/* What this session asks of builds beside their specs. */
struct hull_build_rules hull_session_rules(const struct hull_session *s);

/* How and where jobs of this session run. */
struct hull_job_place hull_session_place(const struct hull_session *s);

void hull_session_close(struct hull_session *s);
