// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"
#include "closure/lock.h"
#include "cmd/buildoptions.h"
#include "rpm/package.h"
#include "verify/verify.h"

struct hull_rebuild_request {
	struct hull_context *ctx;
	const struct hull_build_options *options;
	const struct hull_package *packages; /* of an image */
	size_t npackages;
	const struct hull_lock *lock;  /* which RPMs they are, or NULL */
	const struct hull_strv *names; /* of packages to build again; or "all" */
};

/* Whether the image has packages of all these names: a usage error with near names if not. */
HULL_CHECKED int hull_rebuild_check(const struct hull_rebuild_request *q, struct hull_err *e);

/*
 * Builds the specs of packages again and compares the results with the RPMs of the image; what
 * differs is a broken link, what the spec trees have no spec of is not checked. The names are those
 * of packages that the image has.
 */
HULL_CHECKED int hull_rebuild(const struct hull_rebuild_request *q, struct hull_verification *out,
			      struct hull_err *e);
