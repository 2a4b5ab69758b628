// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/hash.h"

/*
 * The store: a directory of content-addressed results that outlives checkouts. What is in it is
 * either complete or absent: everything is made in tmp/ and renamed into place, so a kill or a full
 * disk at any moment leaves only rubbish in tmp/, which the next hull removes.
 *
 *   sources/<sha256>          a source file
 *   rpms/<sha256>.rpm         a built package
 *   unpacked/<sha256>/        the file tree of that package (modes kept, owners not)
 *   headers/<sha256>.json     what hull knows of that package (struct hull_package)
 *   specs/<sha256>.json       a parsed spec, keyed by everything that was read to parse it
 *   builds/<key>.json         the record of a build: key -> packages, provenance
 *   latest/<arch>/<name>      the key of the newest successful build of a spec
 *   logs/<key>.log            its log, also of a failed build
 *   seeds/<id>/               a seed root, with <id>.json: its packages
 *   stamps/<digest>.json      a run that left nothing to build: builder/stamp.h
 *   indexes/<digest>.1.solv   a repository as libsolv reads it: repo/read.h
 *   partial/<sha256>          the beginning of a download
 *   locks/<name>              see hull_store_lock
 *   tmp/<process>/<n>/        work in progress; tmp/<process> is locked by the process that made it
 */
struct hull_store {
	char *path; /* absolute */
	int fd;	    /* of path */
	char *tmp;  /* "tmp/<process>" */
	int tmp_fd; /* holds the lock on it */
};

/* The default: $HULL_STORE, else $XDG_CACHE_HOME/hull, else $HOME/.cache/hull. The caller frees. */
char *hull_store_default_path(struct hull_err *e);

/* Opens (and creates) a store. The first opener removes what dead processes left in tmp/. */
int hull_store_open(struct hull_store *s, const char *path, struct hull_err *e);
void hull_store_close(struct hull_store *s);

/*
 * A fresh directory below tmp/, as a path relative to the store; it may be used until this process
 * ends. Children made by fork may call it too. The caller frees the name.
 */
char *hull_store_tmp(const struct hull_store *s, struct hull_err *e);

/* Renames tmp path `from` to `to`, both relative to the store. If `to` exists, `from` is removed:
 * same name, same content. */
int hull_store_commit(const struct hull_store *s, const char *from, const char *to,
		      struct hull_err *e);

bool hull_store_has(const struct hull_store *s, const char *path);

/*
 * An exclusive lock by name ("seed", "build-<key>"), so that two hulls do not do the same work
 * twice. wait = false returns -1 with e->sys == EWOULDBLOCK when somebody else has it. Released by
 * close().
 */
int hull_store_lock(const struct hull_store *s, const char *name, bool wait, struct hull_err *e);
