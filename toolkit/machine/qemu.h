// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "machine/machine.h"

/*
 * Runs the machine until it switches itself off, everything expected has appeared on its serial
 * console, or the time is over; see hull_console_watch. It never outlives this process, and leaves
 * no file behind. Missing programs and firmware are errors that name their packages.
 */
HULL_CHECKED int hull_qemu_run(const struct hull_qemu *q, struct hull_err *e);
