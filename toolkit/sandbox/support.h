// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * Adds to e, which says what failed, why this machine forbids it and what to change. `root` is
 * where to look for /proc/sys and the marks of containers: "/" but for tests.
 */
void hull_sandbox_explain(const char *root, struct hull_err *e);

/* Whether the kernel is this release or a later one. */
bool hull_kernel_since(unsigned int major, unsigned int minor);
