// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtypes.h>

#include "base/err.h"

/*
 * Scriptlets without a line, as they are left of a section whose macros expand to nothing. rpmbuild keeps
 * the name of the interpreter, and with it a requirement, so that a package for an image without a shell
 * would bring one.
 */

/* Takes the empty ones and what is required for them alone out of a header; returns how many there were.
 * Triggers stay as they are. */
int hull_scriptlets_empty_drop(Header h);

/*
 * An RPM without its empty scriptlets: nothing else of it changes, and digests and sizes are right. 0 if
 * it has none; 1 if `out`, an empty file, has it now. `what` is for messages.
 */
HULL_CHECKED int hull_rpm_emptied(int fd, const char *what, int out, struct hull_err *e);
