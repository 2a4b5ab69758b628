// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "tree/tree.h"

/*
 * The nodes of a tree that a pattern matches as glob(3) with GLOB_BRACE does, in order of the tree,
 * symlinks above the last component followed. The caller frees *out. Braces, and links that lead
 * upwards, double with each part of a pattern: one that takes more than a million steps is an error.
 */
HULL_CHECKED int hull_tree_glob(const struct hull_tree *t, const char *pattern, int **out,
				size_t *out_n, struct hull_err *e);
