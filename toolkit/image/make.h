// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "closure/lock.h"
#include "image/assemble.h"
#include "image/diskplan.h"
#include "payload/payload.h"

struct hull_make_request {
	const struct hull_store *store;
	const struct hull_image_config *config;
	const struct hull_lock *lock; /* its packages are in the store: hull_lock_fetch */
	const char *arch;
	const char *directory; /* where artifacts go; it exists */
	int64_t time;	       /* SOURCE_DATE_EPOCH, or -1: the newest build time of a package */
	int threads;
	struct hull_image_scriptlets *scriptlets; /* see assemble.h */
	struct hull_progress *progress;
};

/* What is in an image, for people and for the record beside it. */
struct hull_made {
	size_t packages, files;
	uint64_t installed_bytes; /* of regular files, each inode once */
	struct hull_disk_plan disk;
	bool has_disk;
	int64_t time;
};

/*
 * Makes all artifacts of a configuration. The artifacts are the same bytes for the same
 * configuration, lock and time, wherever, whenever and by whomever they are made. Unpacked packages that
 * turn out to be damaged are made again from their RPMs.
 */
HULL_CHECKED int hull_make(const struct hull_make_request *r, struct hull_made *out,
			   struct hull_err *e);
void hull_made_fini(struct hull_made *m);

/* Digest of what an image is made of: configuration, packages, architecture. */
void hull_make_seed(const struct hull_image_config *c, const struct hull_lock *l, const char *arch,
		    char out[HULL_HEX]);
