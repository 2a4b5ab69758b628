// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"

/* Appends the lines of a file of the user, without white space around them, empty ones and those
 * that start with "#". */
HULL_CHECKED int hull_list_read(const char *path, struct hull_strv *out, struct hull_err *e);
