// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "sandbox/sandbox.h"

/* A script, whoever's it is. */
struct hull_run_script {
	const char *const *program; /* with arguments; "<lua>": librpm's */
	const char *body;	    /* a file that the program is given, or "" */
	const char *arguments[2];   /* behind it; NULL: no more */
	const char *input;	    /* standard input, or NULL */
};

/* Where it runs. */
struct hull_run_place {
	const char *root;    /* absolute: a directory with the files of an image, to be changed */
	const char *scratch; /* absolute: an empty directory outside */
	const char *name;    /* of the host that it is told of */
	int64_t time;	     /* SOURCE_DATE_EPOCH */
	bool elsewhere;	     /* what it is told of the machine is another one's */
	struct hull_limits limits;
};

/* What came of it. */
struct hull_run_result {
	int status;	       /* exit status; 128+N for signal N */
	struct hull_buf log;   /* what it has written, as text without control characters */
	struct hull_buf notes; /* see ownerwatch.h */
};

/*
 * Runs a script in a sandbox whose root is the place's: offline, as uid 0 of its own, with the capabilities
 * of a build (runner.h), under limits, with /dev, /proc, and an empty /tmp and /run. To end at a limit is
 * an error, to end otherwise is a status.
 */
HULL_CHECKED int hull_run_one(const struct hull_run_script *s, const struct hull_run_place *p,
			      struct hull_run_result *out, struct hull_err *e);
void hull_run_result_fini(struct hull_run_result *r);
