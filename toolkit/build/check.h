// SPDX-License-Identifier: MIT
#pragma once

#include "build/job.h"
#include "build/workspace.h"

/*
 * Builds a node whose build root is complete twice, under different conditions (all cores with a
 * job server, then one core without; another folder, another time), and compares the RPMs byte for
 * byte. 1: the same, 0: they differ and *out says where first ("zlib: /usr/lib/libz.a differs"),
 * -1: a build failed.
 */
int hull_check_reproducible(struct hull_workspace *w, size_t node,
			    const struct hull_job_place *place, struct hull_buf *out,
			    struct hull_err *e);
