// SPDX-License-Identifier: MIT
#pragma once

#include "store/buildrecord.h"

/*
 * Takes the RPMs of a finished build (a directory relative to the store) into the store: files,
 * headers, unpacked trees. Refused: none at all, a package the spec does not declare or one that is
 * missing, a shared library with a soname that its package does not provide. *out is the "packages"
 * list of a build record, ordered by name, in the arena.
 */
HULL_CHECKED int hull_collect(const struct hull_store *s, const char *rpms_dir, const json_t *job,
			      struct hull_arena *a, struct hull_built_packages *out,
			      struct hull_err *e);
