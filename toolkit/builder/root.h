// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "builder/jobplace.h"
#include "sandbox/sandbox.h"
#include "text/json.h"

/*
 * The build root of a job, as mounts over the seed:
 *   /hull/sysroot    overlay of the unpacked packages of the build root
 *   /hull/tools      what of it belongs to the toolchain, at the place it was configured for
 *   /hull/macros     the macros that the key was made with, read-only
 *   /hull/build      <job>/build, writable: SPECS, SOURCES (each source bound read-only), BUILD,
 * RPMS /hull/jobserver  the fifo
 */
struct hull_root {
	struct hull_arena arena; /* owns what the mounts point to */
	struct hull_mount *mounts;
	size_t n, cap;
};

/* Prepares <job>/build and lists the mounts. All packages are unpacked in the store then. */
int hull_root_init(struct hull_root *r, const struct hull_job_place *p, const char *job_dir,
		   const json_t *job, struct hull_err *e);
void hull_root_fini(struct hull_root *r);
