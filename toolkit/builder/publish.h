// SPDX-License-Identifier: MIT
#pragma once

#include "builder/root.h"
#include "builder/workspace.h"
#include "repo/repo.h"

/*
 * Makes `path` the repository of everything that is DONE in the workspace. Specs of the tree that
 * this run did not ask for keep the packages that the repository has of them; specs that the tree
 * has no more lose theirs. Which build each spec's packages are from is in <path>/builds.json:
 * {packages: number, builds: {spec: key}}.
 */
HULL_CHECKED int hull_publish(struct hull_workspace *w, const char *path,
			      struct hull_repo_stats *out, struct hull_err *e);

/*
 * The source RPM of a DONE node whose sources are in the store, as <path>/SRPMS/<name>-<version>-<release>.src.rpm.
 * It is made in the build root and has the spec, its sources and patches; what the packages are does not
 * depend on it. Those of other versions of the spec go. *out is that path; the caller frees.
 */
HULL_CHECKED int hull_publish_source(struct hull_workspace *w, size_t node,
				     const struct hull_job_place *place, const char *path,
				     char **out, struct hull_err *e);

/* The builds of a repository, spec -> key, and its number of packages; NULL if there is no complete
 * one. */
json_t *hull_published(const char *path, size_t *out_packages);
