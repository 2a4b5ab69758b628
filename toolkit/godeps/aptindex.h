// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "store/store.h"

/*
 * The indexes Packages (amd64, so with all that is for every architecture) and Sources of a Debian
 * suite, fetched by apt with a private state and checked against the archive's signature. Neither
 * the host's lists nor its configuration are touched. `mirror` as in hull_source_options.
 */
HULL_CHECKED int hull_apt_indexes(const struct hull_store *s, const char *mirror, const char *suite,
				  struct hull_buf *out_packages, struct hull_buf *out_sources,
				  struct hull_err *e);
