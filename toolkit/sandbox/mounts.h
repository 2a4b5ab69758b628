// SPDX-License-Identifier: MIT
#pragma once

#include "sandbox/plan.h"

/*
 * The root of a sandbox is put together: the steps from HULL_STEP_STAGE to HULL_STEP_ENTER_APART, in the
 * first process. -1 with errno set. Nothing is allocated.
 */
HULL_CHECKED int hull_mounts_apply(const struct hull_step *st);
