// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "tree/tree.h"

/*
 * Replaces the specifiers of systemd ("%S", "%%") in a text by what they mean in a tree. Returns 1
 * if one of them is known on the running system only (machine id, host name, kernel, architecture),
 * -1 with e set if one is unknown.
 */
HULL_CHECKED int hull_specifier_expand(const struct hull_tree *t, const char *text,
				       struct hull_buf *out, struct hull_err *e);
