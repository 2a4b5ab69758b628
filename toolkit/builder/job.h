// SPDX-License-Identifier: MIT
#pragma once

#include "builder/root.h"
#include "spec/spec.h"
#include "store/store.h"
#include "text/json.h"

/*
 * A build job: files in, files out. A job is a directory with
 *   job.json  name, version, release, spec, key, arch, epoch, inputs, seed,
 *             sources   [{file, sha256, url, origin}],
 *             patches   [{archive, name, sha256, cves}],
 *             root      [{name, nevra, sha256}],
 *             packages  [names that have to come out],
 *             generate  true: only the %generate_buildrequires is run, see generated.h
 *             generated [what it has asked for]
 *             force     true: also if there is a record
 *             check_tries  how often a %check that fails is run
 *             passed    {key, inputs}: those of the record if a %check that may fail passes
 *   files/    the spec, its patches and local sources
 * Everything else is in the store, by hash. Running a job needs nothing but the directory, the store
 * and the seed; it ends with builds/<key>.json in the store, or with an error and the log. So the
 * same job can run in a child of this process or on another machine that shares the store. A job.json
 * that is damaged is an error of whatever runs it, with the member.
 */
struct hull_job_request {
	const struct hull_spec *spec;
	const char *key, *arch, *seed;
	json_t *inputs; /* borrowed */
	const char *passed_key;
	json_t *passed_inputs; /* borrowed; NULL: the %check may not fail */
	bool generate, force;
	const struct hull_deps *generated; /* what the spec's %generate_buildrequires asked for */
	uint64_t check_tries;
	const struct hull_package *const *root;
	size_t nroot;
	const struct hull_store *store;
};

/* Writes a job into a new directory below the store's tmp/; its path relative to the store. The
 * packages of its root are in the store and intact then. The caller frees. */
HULL_CHECKED char *hull_job_new(const struct hull_job_request *r, struct hull_err *e);

/*
 * Runs a job to its end in this process: build root, rpmbuild, checks of the result, store. If
 * another hull builds the same key, waits for it and takes its result: 1. Else the record is
 * written: 0, or e says what failed and logs/<key>.log has the output.
 */
HULL_CHECKED int hull_job_run(const struct hull_job_place *p, const char *job, struct hull_err *e);

/*
 * Runs a job and leaves the RPMs in the job's directory (out/) instead of the store: for comparing
 * builds.
 */
HULL_CHECKED int hull_job_try(const struct hull_job_place *p, const char *job, struct hull_err *e);

/* The build root of a job with a command of the caller's in it, on the caller's terminal; its
 * status. */
HULL_CHECKED int hull_job_shell(const struct hull_job_place *p, const char *job, char *const *argv,
				struct hull_err *e);
