// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "base/str.h"
#include "source/source.h"
#include "spec/spec.h"
#include "store/store.h"

/* A Debian archive that is a Source, and the patches of its series that the spec does not take. */
struct hull_left_out {
	const char *spec, *archive; /* the spec's; as are the names */
	struct hull_strv patches;   /* in order of the series, at least one */
	size_t series;		    /* how many that has */
};

struct hull_left_outs {
	struct hull_left_out *v; /* in order of specs and sources */
	size_t n, cap;
};

/*
 * Looks through the pinned archives of the specs, which are fetched if they are not in the store.
 * One that cannot be had or read is logged and passed over. -1 only when hull is interrupted.
 */
HULL_CHECKED int hull_source_left_out(const struct hull_store *s,
				      const struct hull_source_options *o,
				      const struct hull_spec *const *specs, size_t n,
				      struct hull_left_outs *out, struct hull_progress *progress,
				      struct hull_err *e);
void hull_left_outs_fini(struct hull_left_outs *l);
