// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>
#include <rpm/rpmtypes.h>

#include "spec/spec.h"

/*
 * From librpm's parsed spec to struct hull_spec: everything but the hashes of sources and the
 * places. `raw` is the text, `dirfd` the directory of the spec; `file` is for messages.
 */
HULL_CHECKED int hull_spec_declare(rpmSpec spec, const char *file, const char *raw, int dirfd,
				   struct hull_arena *a, struct hull_spec *out, struct hull_err *e);

/* Whether its ExclusiveArch or ExcludeArch rules the architecture out; then `rule` is that line. */
bool hull_spec_excludes(rpmSpec spec, const char *arch, struct hull_buf *rule);

/* The names of its packages, also of those that are not built: a list of strings. */
json_t *hull_spec_package_names(rpmSpec spec);
