// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* The rpm database of a system: for imagefile.c. Fills s->packages, and the owners of the tree's
 * nodes. That there is none is an error. */
HULL_CHECKED int hull_ownership_read(struct hull_system *s, struct hull_err *e);
