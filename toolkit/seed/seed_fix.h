// SPDX-License-Identifier: MIT
#pragma once

#include "seed/seed_table.h"

/*
 * What turns unpacked packages into a seed: alternatives and files of the table, byte code for
 * Python, mount points; nothing that says when, where or by whom it was made; no special bits,
 * everything readable.
 */
HULL_CHECKED int hull_seed_fix(const char *root, const struct hull_seed_table *t,
			       struct hull_err *e);
