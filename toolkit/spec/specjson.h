// SPDX-License-Identifier: MIT
#pragma once

#include "spec/spec.h"

/*
 * A parsed spec as a worker sends it and the store keeps it. It has nothing of the place where the
 * spec lies: path, dir, tree and digest are left out.
 */
json_t *hull_spec_to_json(const struct hull_spec *s);
HULL_CHECKED int hull_spec_from_json(const json_t *j, const char *what, struct hull_arena *a,
				     struct hull_spec *out, struct hull_err *e);
