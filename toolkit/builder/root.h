// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "text/json.h"

/* Where and how a job runs. */
struct hull_job_place {
	const struct hull_store *store;
	const char *seed_path; /* absolute */
	const char *jobserver; /* absolute path of the fifo (see tokens.h), NULL: one core */
	int total_tokens;
	int cores;	/* 0 = all; else the CPU affinity of the build */
	bool elsewhere; /* what is told of the machine is another one's (sandbox.h) */
	const struct hull_mount *mounts; /* over the build root of below */
	size_t nmounts;
	struct hull_limits limits;
};

/*
 * The build root of a job, as mounts over the seed:
 *   /hull/sysroot    overlay of the unpacked packages of the build root
 *   /hull/tools      what of it belongs to the toolchain, at the place it was configured for
 *   /hull/macros     the macros that the key was made with, read-only
 *   /hull/build      <job>/build, writable: SPECS, SOURCES (each source bound read-only), BUILD,
 *                    RPMS
 *   /hull/stage      the program that runs some sections of the spec, see stages.h
 *   /hull/jobserver  the fifo
 */
struct hull_root {
	struct hull_arena arena; /* owns what the mounts point to */
	struct hull_mount *mounts;
	size_t n, cap;
};

/* The build root of a job, put together once, and programs run in it one after another. */
struct hull_job_root {
	const struct hull_job_place *place;
	char *dir;	   /* of the job, relative to the store */
	const json_t *job; /* borrowed */
	struct hull_root mounts;
	struct hull_strv env; /* of everything that a build runs */
};

/* Prepares <dir>/build; all packages of the root are unpacked in the store then. `job` is the content
 * of <dir>/job.json; a directory can be opened once. */
HULL_CHECKED int hull_job_root_open(struct hull_job_root *r, const struct hull_job_place *p,
				    const char *dir, const json_t *job, struct hull_err *e);
void hull_job_root_close(struct hull_job_root *r);

/* Adds rpmbuild with the macros of the job and its spec, up to a stage such as "-bb". */
void hull_job_root_rpmbuild(const struct hull_job_root *r, const char *stage,
			    struct hull_strv *argv);

/* hull_sandbox_run of `how`, which has the program and its descriptors; the rest is the root's and
 * its place's, but for a cwd other than NULL. To end at a limit is a failure that names it. */
HULL_CHECKED int hull_job_root_run(const struct hull_job_root *r, const struct hull_sandbox *how,
				   struct hull_sandbox_result *out, struct hull_err *e);
