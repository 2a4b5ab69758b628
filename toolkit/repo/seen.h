// SPDX-License-Identifier: MIT
#pragma once

#include "repo/index.h"
#include "repo/location.h"
#include "store/store.h"

/*
 * An old repomd.xml has a good signature, too: whoever can answer for a repository could hold a
 * machine at a state with known holes. So the store remembers, by address, the newest that was
 * signed. Not by key: one that was given up could play back what it had signed. An older one (by
 * revision, then by the newest document) is an error, unless at->allow_older takes it; that is what
 * counts from then on. Many processes may do this at once.
 */
HULL_CHECKED int hull_repo_see(const struct hull_store *s, const struct hull_repository *at,
			       const struct hull_repomd *r, struct hull_err *e);
