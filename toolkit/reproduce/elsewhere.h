// SPDX-License-Identifier: MIT
#pragma once

#include "builder/root.h"

/*
 * The conditions of a second build: another machine (sandbox.h), and for all programs that are linked
 * dynamically another clock, another order of directories, and another processor to compile for
 * (inside/preload.c). The loader puts that before every program, by /etc/ld.so.preload, so that the
 * environment stays as it is.
 */
struct hull_elsewhere {
	const struct hull_store *store;
	char *dir; /* relative to the store */
	char *etc[2];
	char *library;
	struct hull_mount mounts[2];
};

/* Compiles it in the seed. */
HULL_CHECKED int hull_elsewhere_init(struct hull_elsewhere *x, const struct hull_job_place *p,
				     struct hull_err *e);
void hull_elsewhere_fini(struct hull_elsewhere *x);

/* What a build that runs there writes into its log, with ' ' and more behind it, when a compiler is
 * asked for code for the processor that it runs on. */
extern const char *const hull_elsewhere_natives[];
enum { HULL_ELSEWHERE_NATIVES = 5 };
