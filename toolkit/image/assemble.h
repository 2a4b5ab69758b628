// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "payload/payload.h"
#include "closure/runs.h"
#include "scriptrun/runplan.h"

/* Scriptlets of packages that are run when an image is made, and what came of it. */
struct hull_image_scriptlets {
	bool accept; /* also what is not as the lock says that it was the last time */
	/* What runs after them, such as scripts of the configuration: see scriptrun/runplan.h. */
	const struct hull_run_step *more;
	size_t nmore;
	struct hull_arena arena;
	struct hull_runs runs;
	struct hull_strv warnings;
};

void hull_image_scriptlets_fini(struct hull_image_scriptlets *s);

struct hull_assemble_request {
	const struct hull_store *store;
	const struct hull_image_config *config;
	const struct hull_lock *lock;
	const struct hull_packages *packages; /* of the lock */
	const char *arch;
	int64_t time; /* SOURCE_DATE_EPOCH: no time in the image is later */
	/* NULL: none run, and packages that need it are refused. What is in there is replaced. */
	struct hull_image_scriptlets *scriptlets;
};

/* Where an image keeps its lock file: which packages it has, and the reason of each. */
#define HULL_IMAGE_LOCK "usr/share/hull/lock.json"

/*
 * The whole tree of an image, short of what depends on its partitions (fstab): payloads, additional
 * files, accounts, unit links, tmpfiles, caches, rpm database. The tree is initialised here. If scriptlets
 * run, and do what the lock does not say, that is an error with the first difference.
 */
HULL_CHECKED int hull_assemble(const struct hull_assemble_request *r, struct hull_tree *out,
			       struct hull_err *e);
