// SPDX-License-Identifier: MIT
#pragma once

#include "builder/job.h"
#include "builder/workspace.h"

/*
 * Builds what a workspace asks for: every node that can start does, as long as a token (a core) and
 * memory are free, longest remaining path first. Each build is a child process that runs a job.
 */
struct hull_schedule {
	struct hull_workspace *workspace;
	struct hull_job_place place; /* jobserver is filled in by the scheduler */
	int jobs;		     /* cores to use = tokens */
	uint64_t memory_bytes;	     /* for all builds together, by what they used the last time */
	bool keep_going;
	struct hull_progress *progress;
	/* has the sources of a node in the store, which nobody knew of when the run began */
	int (*fetch)(void *ctx, size_t node, struct hull_err *e);
	void *ctx;
};

struct hull_schedule_result {
	size_t built, failed, blocked;
	int64_t wall_ms;
	uint64_t cpu_ms; /* of the builds, for the share of busy cores */
};

/*
 * Returns 0 when everything asked for is DONE that could be planned; -1 with a summary in e when something failed (each
 * failure was logged with the end of its log) or after Ctrl-C (code HULL_INTERRUPTED; all builds
 * are dead then and what was finished stays).
 */
HULL_CHECKED int hull_schedule_run(const struct hull_schedule *s, struct hull_schedule_result *out,
				   struct hull_err *e);
