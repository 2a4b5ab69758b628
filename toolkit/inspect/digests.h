// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* SHA-256 of the content of every regular file of the tree that `wanted` says yes to (NULL: all),
 * by `threads` threads (0: one a processor); digests[node] is 64 hex digits, "" for what is no such
 * file. The caller frees the array. */
HULL_CHECKED int hull_system_digests(const struct hull_system *s,
				     bool (*wanted)(const struct hull_node *), int threads,
				     char (**out_digests)[65], struct hull_err *e);
