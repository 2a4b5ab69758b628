// SPDX-License-Identifier: MIT
#pragma once

#include "builder/job.h"
#include "builder/workspace.h"

/*
 * The room reproduce/: whether a build makes the same again. elsewhere.h has the conditions of the
 * second time, day.h what is looked for beside that.
 */

/*
 * Builds a node whose build root is complete twice, under different conditions (all cores with a
 * job server, then one core without; another directory, another time; all of elsewhere.h), and
 * compares the RPMs byte for byte. 1: the same, and nothing in them tells the day. 0: not so, and *out
 * says where first ("zlib: /usr/lib/libz.a differs"). -1: if a build failed *out has what a person
 * gets to read of it, with the log's end, and nothing otherwise.
 */
HULL_CHECKED int hull_check_reproducible(struct hull_workspace *w, size_t node,
					 const struct hull_job_place *place, struct hull_buf *out,
					 struct hull_err *e);

/*
 * Builds a node whose build root is complete once and compares the RPMs with packages that were
 * built before, byte for byte, or, where a package has no `content` (it is from the database of an
 * image), by the files that it lists. 1, 0 and -1 as above; *out has a line for each package that
 * differs, or tells of the failed build.
 */
HULL_CHECKED int hull_check_against(struct hull_workspace *w, size_t node,
				    const struct hull_job_place *place,
				    const struct hull_package *const *wanted, size_t n,
				    struct hull_buf *out, struct hull_err *e);

/* The same for packages that were just built. */
int hull_check_built(const struct hull_package *built, size_t nbuilt,
		     const struct hull_package *const *wanted, size_t n, struct hull_buf *out);
