// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/progress.h"
#include "store/storepath.h"

/*
 * The room store/: where everything that was fetched or built is kept, by its digest, whether it is
 * intact (intact.h, sealed.h), and what may be thrown away again (garbage.h).
 */

/*
 * The store: a directory of content-addressed results that outlives checkouts. What is in it is
 * either complete or absent: everything is made in tmp/ and renamed into place, so a kill or a full
 * disk at any moment leaves only rubbish in tmp/, which the next hull removes.
 * What lies where is in storepath.h, except for tmp/<process>/<n>/: work in progress, where
 * tmp/<process> is locked by the process that made it.
 */
struct hull_store {
	char *path;			/* absolute */
	int fd;				/* of path */
	char *tmp;			/* "tmp/<process>" */
	int tmp_fd;			/* holds the lock on it */
	struct hull_known *known;	/* what was compared: see intact.h */
	struct hull_progress *progress; /* is told what is damaged; the owner's to set, or NULL */
};

/* The default: $HULL_STORE, else $XDG_CACHE_HOME/hull, else $HOME/.cache/hull. The caller frees. */
HULL_CHECKED char *hull_store_default_path(struct hull_err *e);

/* Opens a store; one that is not there is made with mode 0700, one that is there keeps its mode, which
 * shares it or does not. The first opener removes what dead processes left in tmp/. */
HULL_CHECKED int hull_store_open(struct hull_store *s, const char *path, struct hull_err *e);
void hull_store_close(struct hull_store *s);

/*
 * The same for who only looks something up, and whom a store that is full, read-only, somebody
 * else's or nowhere (path NULL) does not stop: then what can be read of it is read, nothing can be
 * kept (hull_store_tmp fails), tmp_fd is the directory for temporary files, and *e (a warning) says
 * why; -1. In any case hull_store_close ends it.
 */
HULL_CHECKED int hull_store_look(struct hull_store *s, const char *path, struct hull_err *e);

/*
 * A fresh directory below tmp/, as a path relative to the store; it may be used until this process
 * ends. Children made by fork may call it too. The caller frees the name.
 */
HULL_CHECKED char *hull_store_tmp(const struct hull_store *s, struct hull_err *e);

/* Renames a path below tmp/ to an object, which the caller knows to be what it has to be. A directory is on the disk before it has the name; the bytes of
 * a file are the caller's matter. If a directory of that name exists, `from` is removed: same name, same
 * content. */
HULL_CHECKED int hull_store_commit(const struct hull_store *s, const char *from,
				   enum hull_store_kind kind, const char *name, struct hull_err *e);

/* A directory below tmp/ that is to become an object. */
struct hull_store_tree {
	const char *from, *name;
};

/* The same for many of them, and the disk is waited for once. */
HULL_CHECKED int hull_store_commit_trees(const struct hull_store *s,
					 const struct hull_store_tree *v, size_t n,
					 enum hull_store_kind kind, struct hull_err *e);

/*
 * The same for a file whose name is the SHA-256 of its bytes. An object that is there is never written
 * over: `from` is removed. Only one that is damaged makes room.
 */
HULL_CHECKED int hull_store_add(const struct hull_store *s, const char *from,
				enum hull_store_kind kind, const char *sha256, struct hull_err *e);

/* Whether there is an object; false also if the name is none of its kind. */
bool hull_store_has(const struct hull_store *s, enum hull_store_kind kind, const char *name);

/* The names of all objects of a kind (not of LATEST and LOCK), sorted. */
HULL_CHECKED int hull_store_list(const struct hull_store *s, enum hull_store_kind kind,
				 struct hull_strv *out, struct hull_err *e);

/* The key of the newest successful build of a spec: 1, or 0 if there is none. */
HULL_CHECKED int hull_store_latest(const struct hull_store *s, const char *arch, const char *spec,
				   char out_key[HULL_HEX], struct hull_err *e);
HULL_CHECKED int hull_store_set_latest(const struct hull_store *s, const char *arch,
				       const char *spec, const char *key, struct hull_err *e);

/*
 * An exclusive lock by name ("seed", "build-<key>"), so that two hulls do not do the same work
 * twice. wait = false returns -1 with e->sys == EWOULDBLOCK when somebody else has it. Released by
 * close().
 */
HULL_CHECKED int hull_store_lock(const struct hull_store *s, const char *name, bool wait,
				 struct hull_err *e);
