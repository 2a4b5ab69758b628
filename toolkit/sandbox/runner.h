// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/sandbox.h"

/* Runs it to its end, or until hull is interrupted; -1 with e for HULL_END_SETUP. */
HULL_CHECKED int hull_sandbox_run(const struct hull_sandbox *s, struct hull_sandbox_result *out,
				  struct hull_err *e);

/* Whether this machine allows it: 0, or -1 with the reason and what to change in e. */
HULL_CHECKED int hull_sandbox_check(struct hull_err *e);
