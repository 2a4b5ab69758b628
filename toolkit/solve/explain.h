// SPDX-License-Identifier: MIT
#pragma once

#include <solv/solver.h>

#include "solve/view.h"

/*
 * Appends why a solve failed in plain words, a line a problem without a newline after the last one.
 * Returns the index of the first want that nothing provides, or -1.
 */
int hull_explain(const struct hull_view *v, Solver *solver, struct hull_buf *out);
