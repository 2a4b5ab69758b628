// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "builder/root.h"
#include "source/source.h"

/*
 * The Go libraries that a spec is built with: the smallest set of Debian packages golang-*-dev of a
 * suite that the Go tool finds all imports of the spec's packages in, for each architecture that
 * specs are built for.
 *
 * The room godeps/: goblock (the lines of the spec), golibs and godeb (the archive's packages and
 * what they have), goroot (the spec's prepared source, in the build root) and golist (what the Go
 * tool says of it).
 */

struct hull_go_deps_request {
	const struct hull_job_place *place;
	const struct hull_source_options *sources;
	const struct hull_spec *spec;
	const char *suite;	   /* of Debian */
	const char *arch;	   /* that %prep is run for */
	const char *macros, *seed; /* as in struct hull_inputs_request */
};

/*
 * Writes the list as Source lines between the lines "# go-deps begin" and "# go-deps end" of the
 * spec (see goblock.h for what these say) and as hashes in signatures.json. The hashes are those of
 * the archive's signed index. out_urls are the sources of the list, sorted.
 */
HULL_CHECKED int hull_go_deps(const struct hull_go_deps_request *r, struct hull_strv *out_urls,
			      struct hull_progress *progress, struct hull_err *e);
