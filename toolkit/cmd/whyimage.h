// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"
#include "closure/chain.h"
#include "inspect/system.h"
#include "text/json.h"

/* An image that hull why was asked about: why.c's own. */
struct hull_why_image {
	struct hull_system system;
	const struct hull_lock *lock;	       /* that of the image, or `derived` */
	struct hull_lock derived;	       /* from the rpm database, if the image has no lock */
	struct hull_requirements requirements; /* empty unless they were asked for */
	size_t package;			       /* index into lock->v */
	json_t *file;			       /* what was found at a path, or NULL */
	int node;			       /* and where, in the tree of the system */
};

/*
 * Opens an image and finds a package, or a path and the package that owns it, which then is in
 * `file` as "package"; prints what is said of the file and of missing reasons unless JSON is asked
 * for. `all`: all requirements are asked for, not only the reasons.
 */
HULL_CHECKED int hull_why_image_open(struct hull_why_image *out, struct hull_context *ctx,
				     const char *path, const char *what, bool all,
				     struct hull_err *e);
void hull_why_image_fini(struct hull_why_image *w);

/* Says what is known of a file that no package owns; -1 with e if that is nothing. */
HULL_CHECKED int hull_why_image_made(struct hull_why_image *w, struct hull_context *ctx,
				     struct hull_err *e);
