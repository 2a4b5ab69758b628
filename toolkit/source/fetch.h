// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "source/source.h"
#include "store/store.h"

/*
 * Makes sure that every want is in the store as sources/<sha256>. Downloads run in parallel, show
 * progress, resume a partial file and retry on another mirror; what does not match its hash never
 * enters the store. On failure every want that failed is named in e, a line each (URL, place, both
 * hashes or HTTP status), after all others were finished; what does not fit there is in the wants'
 * own `error`.
 *
 * A stored file is trusted by its name. A file that lies in the directory of the spec goes before
 * every other origin; when the URL is just its name it is compared with its hash each time, because
 * people edit it.
 */
HULL_CHECKED int hull_source_fetch(const struct hull_store *s, const struct hull_source_options *o,
				   struct hull_source_want *wants, size_t n,
				   struct hull_progress *progress, struct hull_err *e);
