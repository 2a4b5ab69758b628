// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "source/source.h"
#include "store/store.h"

/*
 * A look-aside: a directory with one file for each source, by its name, as --source-url takes it; any
 * web server can give it away as it is.
 */
struct hull_lookaside_stats {
	size_t copied, present; /* files */
	uint64_t bytes;		/* copied */
};

/*
 * Makes sure that `dir` has the file of each want, which are in the store; made if it is not there. What is
 * there already with the right digest stays; what has another one is written over by rename. Two wants of
 * one name with different digests are an error, since only one of them could be had.
 */
HULL_CHECKED int hull_lookaside_write(const struct hull_store *s, const char *dir,
				      const struct hull_source_want *wants, size_t n,
				      struct hull_lookaside_stats *out,
				      struct hull_progress *progress, struct hull_err *e);
