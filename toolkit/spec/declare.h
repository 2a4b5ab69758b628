// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtypes.h>

#include "spec/spec.h"

/*
 * From librpm's parsed spec to struct hull_spec: everything but the hashes of sources and the
 * places. `raw` is the text, `dirfd` the directory of the spec; `file` is for messages.
 */
HULL_CHECKED int hull_spec_declare(rpmSpec spec, const char *file, const char *raw, int dirfd,
				   struct hull_arena *a, struct hull_spec *out, struct hull_err *e);

/* Whether its ExclusiveArch or ExcludeArch rules the architecture out. */
bool hull_spec_excludes(rpmSpec spec, const char *arch);
