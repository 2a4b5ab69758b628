// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "payload/payload.h"

struct hull_assemble_request {
	const struct hull_store *store;
	const struct hull_image_config *config;
	const struct hull_lock *lock;
	const struct hull_packages *packages; /* of the lock */
	int64_t time;			      /* SOURCE_DATE_EPOCH: no time in the image is later */
};

/* Where an image keeps its lock file: which packages it has, and the reason of each. */
#define HULL_IMAGE_LOCK "usr/share/hull/lock.json"

/*
 * The whole tree of an image, short of what depends on its partitions (fstab): payloads, additional
 * files, accounts, unit links, tmpfiles, caches, rpm database. The tree is initialised here.
 */
HULL_CHECKED int hull_assemble(const struct hull_assemble_request *r, struct hull_tree *out,
			       struct hull_err *e);
