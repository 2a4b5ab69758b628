// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "text/json.h"

/*
 * What scriptlets have done to an image when they were run (hull image --scriptlets=sandbox), as its lock
 * file keeps it.
 */
struct hull_run {
	const char *package; /* "name-evr.arch" */
	const char *scriptlet;
	int status; /* its exit status; 128+N for signal N */
};

/* What became of a path, and who touched it last. */
struct hull_run_change {
	const char *path, *package, *scriptlet;
	const char *kind;   /* "added", "changed", "removed" */
	const char *type;   /* "file", "directory", "symlink", "fifo"; NULL if removed */
	const char *sha256; /* of a file */
	const char *target; /* of a symlink */
	uint32_t mode;	    /* permissions; not of a symlink */
	int64_t uid, gid;   /* -1: as it was, or root's */
};

struct hull_runs {
	bool ran; /* with the option that runs them; else all is empty */
	struct hull_run *v;
	size_t n;
	struct hull_run_change *changes; /* in order of path */
	size_t nchanges;
};

/* NULL if nothing ran. */
json_t *hull_runs_to_json(const struct hull_runs *r);
/* j may be NULL: nothing ran. It may be of somebody else's image: nothing is believed. */
HULL_CHECKED int hull_runs_from_json(const json_t *j, struct hull_arena *a, struct hull_runs *out,
				     struct hull_err *e);

/* The first thing in which two differ, for people, in the arena; NULL if there is none. */
const char *hull_runs_difference(const struct hull_runs *before, const struct hull_runs *now,
				 struct hull_arena *a);

/* The change of a path, or NULL. */
const struct hull_run_change *hull_runs_find(const struct hull_runs *r, const char *path);
