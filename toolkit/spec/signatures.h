// SPDX-License-Identifier: MIT
#pragma once

#include "spec/spec.h"

/*
 * <name>.signatures.json: {"Signatures": {"<file>": "<sha256>"}}. Gives the sources of the spec
 * their hashes. What is wrong goes to errors as "<file>:<line>:<column>: ...", a name that no
 * Source line has to warnings. A missing file is fine.
 */
void hull_signatures_read(int dirfd, const char *file, struct hull_spec *spec, struct hull_arena *a,
			  struct hull_strv *errors, struct hull_strv *warnings);
