// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "builder/jobplace.h"
#include "builder/root.h"
#include "text/json.h"

/* The build root of a job, put together once, and programs run in it one after another. */
struct hull_job_root {
	const struct hull_job_place *place;
	char *dir;	   /* of the job, relative to the store */
	const json_t *job; /* borrowed */
	struct hull_root mounts;
	struct hull_strv env; /* of everything that a build runs */
};

/* `job` is the content of <dir>/job.json; a directory can be opened once. */
int hull_job_root_open(struct hull_job_root *r, const struct hull_job_place *p, const char *dir,
		       const json_t *job, struct hull_err *e);
void hull_job_root_close(struct hull_job_root *r);

/* Adds rpmbuild with the macros of the job and its spec, up to a stage such as "-bb". */
void hull_job_root_rpmbuild(const struct hull_job_root *r, const char *stage,
			    struct hull_strv *argv);

/* hull_sandbox_run of `how`, which has the program, its descriptors and limits; the rest is the
 * root's, but for a cwd other than NULL. */
int hull_job_root_run(const struct hull_job_root *r, const struct hull_sandbox *how,
		      struct hull_sandbox_result *out, struct hull_err *e);
