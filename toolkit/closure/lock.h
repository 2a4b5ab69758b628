// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "text/json.h"

/*
 * The closure of an image with its reasons: the lock file "<name>.lock.json" next to the
 * configuration. Packages are in order of name.
 */
struct hull_locked {
	const char *name, *evr, *arch; /* evr: [epoch:]version-release */
	const char *sha256;	       /* of the RPM file */
	const char *location;	       /* path of the RPM in its repository */
	const char *repository;	       /* index into repositories by name: "hull", "extra" */
	const char *source;	       /* "zlib-1.3.1-1.hull1.src.rpm" as the RPM says */
	uint64_t file_bytes, installed_bytes;
	/* the reason: exactly one of these two pairs is set */
	const char *want, *origin; /* asked for: the words of the request, and who asks */
	const char *by, *dep;	   /* required by package `by` through the requirement `dep` */
};

struct hull_lock_repository {
	const char *name, *url; /* url: relative to the lock file where it can be */
	const char *digest;	/* SHA-256 of its repomd.xml; both "" in the lock of an image */
};

struct hull_lock {
	struct hull_arena arena;
	const char *arch;
	char request[65]; /* digest of arch, wants, forbidden patterns: what the lock answers */
	struct hull_locked *v;
	size_t n;
	struct hull_lock_repository *repositories;
	size_t nrepositories;
};

void hull_lock_fini(struct hull_lock *l);
/* Local repositories are paths as opened, relative ones in the file having been resolved against
 * its directory; hull_lock_write goes the other way. The same lock gives the same bytes. */
HULL_CHECKED int hull_lock_read(const char *path, struct hull_lock *out, struct hull_err *e);
/* The same from the text of one; `path` is for messages and what relative paths are relative to. */
HULL_CHECKED int hull_lock_parse(const char *text, size_t n, const char *path,
				 struct hull_lock *out, struct hull_err *e);
HULL_CHECKED int hull_lock_write(const char *path, const struct hull_lock *l, struct hull_err *e);
json_t *hull_lock_to_json(const struct hull_lock *l); /* of one that was read or checked */

/* Whether all texts can be in a lock file, which is JSON: what repositories and paths say need not be
 * UTF-8. */
HULL_CHECKED int hull_lock_check(const struct hull_lock *l, struct hull_err *e);

/* The lock file that belongs to a configuration, or the path itself if it is a lock file. The
 * caller frees. */
char *hull_lock_path(const char *config_path);

/* The (first) package of that name, or NULL. */
const struct hull_locked *hull_lock_find(const struct hull_lock *l, const char *name);

/* "name-evr.arch". The caller frees. */
char *hull_locked_nevra(const struct hull_locked *p);

/* Lines that say how b differs from a: "+ zlib-1.3.1 ...", "- ...", "~ ...". Empty: the same set.
 */
void hull_lock_difference(const struct hull_lock *a, const struct hull_lock *b,
			  struct hull_buf *out);
