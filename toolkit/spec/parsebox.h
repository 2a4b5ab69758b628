// SPDX-License-Identifier: MIT
#pragma once

#include "base/children.h"
#include "base/str.h"
#include "spec/parse.h"

/*
 * The sandbox (sandbox/sandbox.h) that specs are parsed in, one a worker. A spec is a program:
 * %(...), %{lua:...} and the like run when it is only looked at. There it sees the host's /usr,
 * the macros and its own directory, all read-only, and can write to a small /tmp; /bin/sh is bash, as it is
 * where specs are written. It has no network,
 * no home, no /proc, no rights, and a process of its own in which librpm runs. Before the next
 * spec begins, everything that it started is dead, and everything that it left is gone.
 */

/* Where they are inside, for all specs: what they say does not depend on the place of the tree. */
#define HULL_PARSEBOX_MACROS "/hull/macros"
#define HULL_PARSEBOX_SPEC   "/hull/spec"
#define HULL_PARSEBOX_OWN    "/hull/own" /* the macros of its tree */
#define HULL_PARSEBOX_TMP    "/tmp"	 /* the only place to write to */

struct hull_parsebox {
	const char *macros; /* directory, absolute */
	const char *arch;
	struct hull_strv dirs; /* absolute and without links: all specs lie below one of them */

	/* of a worker */
	bool configured;
	struct hull_strv errors; /* in the macros */
};

/* Exit statuses of a worker whose sandbox was ended because of what a spec did. */
enum hull_parsebox_status {
	HULL_PARSEBOX_MEMORY = 64, /* all together, more than HULL_PARSEBOX_BYTES */
	HULL_PARSEBOX_PROCESSES,   /* more than HULL_PARSEBOX_TASKS */
	HULL_PARSEBOX_KILLED,	   /* the worker, by a signal */
};

#define HULL_PARSEBOX_BYTES ((uint64_t)2 << 30)

enum { HULL_PARSEBOX_TASKS = 250 };

/*
 * As hull_children's `within`: runs work(arg, out) in a new sandbox. -1 with e set if there can be
 * none: this machine does not allow it.
 */
HULL_CHECKED int hull_parsebox_enter(const struct hull_parsebox *b, hull_children_work *work,
				     void *arg, int out, struct hull_err *e);

/*
 * In that sandbox: parses a spec and writes how it went to `out`, for hull_parsebox_result. Its `dir` and
 * `tree_macros` are absolute outside and below one of b->dirs; macros and architecture are those of the
 * box. -1 with e set if the process for it could not be made.
 */
HULL_CHECKED int hull_parsebox_parse(struct hull_parsebox *b, const struct hull_parse *spec,
				     int out, struct hull_err *e);

/*
 * What hull_parsebox_parse wrote: 0 and the result as JSON in *out_json (a part of `written`), see
 * parse.h; 128+N if signal N killed the process; -1 with e set when it ended
 * without a result.
 */
HULL_CHECKED int hull_parsebox_result(const struct hull_buf *written, const char **out_json,
				      size_t *out_bytes, struct hull_err *e);
