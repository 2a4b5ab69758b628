// SPDX-License-Identifier: MIT
#pragma once

#include "source/goblock.h"
#include "source/golibs.h"

/*
 * Marks the libraries that the packages of a block need as used: what they import, what that
 * imports and so on, as `go list -deps` does in a GOPATH. An import that no candidate has is an
 * error; all are named.
 */
int hull_go_walk(struct hull_go_libs *libs, const struct hull_go_tree *own,
		 const struct hull_go_block *block, const char *arch, struct hull_err *e);
