// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "tree/tree.h"

/* The nodes of a tree that a pattern matches as glob(3) with GLOB_BRACE does, in order of the tree,
 * symlinks above the last component followed. The caller frees *out. */
size_t hull_tree_glob(const struct hull_tree *t, const char *pattern, int **out);
