// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "builder/root.h"
#include "godeps/goblock.h"

/*
 * A spec's source in a GOPATH: its %prep was run in the root that builds run in (the seed; nothing
 * of its BuildRequires), without the libraries of the block. The Go tool of the seed answers there.
 */
struct hull_go_root {
	const struct hull_job_place *place;
	const struct hull_spec *spec;
	const struct hull_go_block *block;
	json_t *job;
	struct hull_job_root root;
	char *gopath; /* in the root */
};

struct hull_go_root_request {
	const struct hull_job_place *place;
	const struct hull_spec *spec; /* without the sources of the block; these are in the store */
	const struct hull_go_block *block;
	const char *text;	   /* of the spec, likewise */
	const char *arch;	   /* that %prep is run for */
	const char *macros, *seed; /* as in struct hull_inputs_request */
};

HULL_CHECKED int hull_go_root_open(struct hull_go_root *g, const struct hull_go_root_request *r,
				   struct hull_err *e);
void hull_go_root_close(struct hull_go_root *g);

/* Lays a golang-*-dev package of the store into the GOPATH, beside the source. */
HULL_CHECKED int hull_go_root_add(struct hull_go_root *g, const char *sha256, struct hull_err *e);

/* What `go list -e -deps` (see golist.h) says for GOARCH `arch` of the block's packages, or of its
 * tests. */
HULL_CHECKED int hull_go_root_list(struct hull_go_root *g, const char *arch, bool tests,
				   struct hull_buf *out, struct hull_err *e);
