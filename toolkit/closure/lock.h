// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"
#include "closure/runs.h"
#include "text/json.h"

/*
 * The closure of an image with its reasons: the lock file "<name>.lock.json" next to the
 * configuration. Packages are in order of name.
 */
struct hull_locked {
	const char *name, *evr, *arch; /* evr: [epoch:]version-release */
	const char *sha256;	       /* of the RPM file */
	const char *checksum;	       /* as its repository says, "sha512:...", or NULL: SHA-256 */
	const char *location;	       /* path of the RPM in its repository, or below base */
	const char *base;	       /* the repository's xml:base of that, or NULL */
	const char *repository;	       /* index into repositories by name: "hull", "extra" */
	const char *source;	       /* "zlib-1.3.1-1.hull1.src.rpm" as the RPM says */
	uint64_t file_bytes, installed_bytes;
	/* the reason: exactly one of these two pairs is set */
	const char *want, *origin; /* asked for: the words of the request, and who asks */
	const char *by, *dep;	   /* required by package `by` through the requirement `dep` */
};

/* What is said beside packages and reasons, of things that are not as one would expect. */

/* A request for a package by name that a package of another name answers. */
struct hull_lock_provider {
	const char *want, *origin; /* the words of the request, and who asks */
	const char *package;	   /* member of the set */
	const char *provides;	   /* of that, by which it answers: "fwtables = 1.4" */
};

/* A package that is older than the newest of its name, which could not be taken. */
struct hull_lock_older {
	const char *name, *evr; /* member of the set */
	const char *newest;	/* [epoch:]version-release */
	const char *why;
};

/* A package of a repository that does not count. */
struct hull_lock_left_out {
	const char *package, *reason;
};

struct hull_lock_repository {
	const char *name, *url; /* url: relative to the lock file where it can be */
	const char *digest;	/* SHA-256 of its repomd.xml; both "" in the lock of an image */
	const struct hull_lock_left_out *left_out; /* packages of it that do not count, */
	size_t nleft_out, left_out_count;	   /* named, and all */
};

struct hull_lock {
	struct hull_arena arena;
	const char *arch;
	char request[65]; /* digest of arch, wants, forbidden patterns: what the lock answers */
	struct hull_locked *v;
	size_t n;
	struct hull_lock_repository *repositories;
	size_t nrepositories;
	struct hull_lock_provider *providers;
	size_t nproviders;
	struct hull_lock_older *older;
	size_t nolder;
	struct hull_runs runs; /* what scriptlets have done to the image, if they ran */
};

void hull_lock_fini(struct hull_lock *l);
/* Takes over what scriptlets have done, as its own. */
HULL_CHECKED int hull_lock_set_runs(struct hull_lock *l, const struct hull_runs *r,
				    struct hull_err *e);
/* Local repositories are paths as opened, relative ones in the file having been resolved against
 * its directory; hull_lock_write goes the other way. The same lock gives the same bytes. */
HULL_CHECKED int hull_lock_read(const char *path, struct hull_lock *out, struct hull_err *e);
/* The same from the text of one; `path` is for messages and what relative paths are relative to. */
HULL_CHECKED int hull_lock_parse(const char *text, size_t n, const char *path,
				 struct hull_lock *out, struct hull_err *e);
HULL_CHECKED int hull_lock_write(const char *path, const struct hull_lock *l, struct hull_err *e);
json_t *hull_lock_to_json(const struct hull_lock *l); /* of one that was read or checked */
/* The same as an image has it: without what is a matter of where and when it was made, the places and
 * digests of repositories, and what these had beside its packages. */
json_t *hull_lock_to_image_json(const struct hull_lock *l);

/* Whether all texts can be in a lock file, which is JSON: what repositories and paths say need not be
 * UTF-8. */
HULL_CHECKED int hull_lock_check(const struct hull_lock *l, struct hull_err *e);

/* The lock file that belongs to a configuration, or the path itself if it is a lock file. The
 * caller frees. */
char *hull_lock_path(const char *config_path);

/* The (first) package of that name, or NULL. */
const struct hull_locked *hull_lock_find(const struct hull_lock *l, const char *name);

/* Whether a package is what a repository offers by that checksum. */
bool hull_locked_is(const struct hull_locked *p, const char *checksum);

/* "name-evr.arch". The caller frees. */
char *hull_locked_nevra(const struct hull_locked *p);

/* Lines that say how b differs from a: "+ zlib-1.3.1 ...", "- ...", "~ ...". Empty: the same set.
 */
void hull_lock_difference(const struct hull_lock *a, const struct hull_lock *b,
			  struct hull_buf *out);

/* --- (locknotes.c) --- */

/* Adds the members "providers" and "passed_over" to a lock, and "left_out" to a repository of one. None
 * if there is nothing to say. */
void hull_lock_notes_to_json(const struct hull_lock *l, json_t *j);
void hull_lock_left_out_to_json(const struct hull_lock_repository *r, json_t *j);

/* And back; an error if they are of another form or name packages that are not there. */
HULL_CHECKED int hull_lock_notes_read(const json_t *j, struct hull_lock *out, struct hull_err *e);
HULL_CHECKED int hull_lock_left_out_read(const json_t *j, const char *what, struct hull_arena *a,
					 struct hull_lock_repository *out, struct hull_err *e);

/* Lines for people, each ended: all that the notes say, or only of packages that are passed over. */
void hull_lock_notices(const struct hull_lock *l, struct hull_buf *out);
void hull_lock_notices_older(const struct hull_lock *l, struct hull_buf *out);

/* The request for a name that is no package of the set, or NULL. */
const struct hull_lock_provider *hull_lock_provider_of(const struct hull_lock *l, const char *name);
