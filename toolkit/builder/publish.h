// SPDX-License-Identifier: MIT
#pragma once

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

/* The builds of a repository, spec -> key, and its number of packages; NULL if there is no complete
 * one. */
json_t *hull_published(const char *path, size_t *out_packages);
