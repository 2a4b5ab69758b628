// SPDX-License-Identifier: MIT
#pragma once

#include "tree/tree.h"

/*
 * Makes the files of a tree in an empty directory: content, permissions, times, links. All of them are the
 * caller's; devices, extended attributes and with them file capabilities are left out. Content that has
 * a digest is compared with it.
 */
HULL_CHECKED int hull_root_make(const struct hull_tree *t, int dirfd, struct hull_err *e);
