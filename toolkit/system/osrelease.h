// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "tree/tree.h"

/* The os-release file of a tree: /etc/os-release, else /usr/lib/os-release, symlinks followed;
 * HULL_NO_NODE if there is none. */
int hull_os_release_find(const struct hull_tree *t);

/* The value of a field without its quotes; false if the text has no such field. */
bool hull_os_release_get(const char *text, const char *key, struct hull_buf *out);
