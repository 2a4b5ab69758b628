// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/sandbox.h"
#include "store/store.h"

/* Where and how a job runs. */
struct hull_job_place {
	const struct hull_store *store;
	const char *seed_path; /* absolute */
	const char *jobserver; /* absolute path of the fifo (see tokens.h), NULL: one core */
	int total_tokens;
	int cores; /* 0 = all; else the CPU affinity of the build */
	struct hull_limits limits;
};
