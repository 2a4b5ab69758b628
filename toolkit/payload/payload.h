// SPDX-License-Identifier: MIT
#pragma once

#include "closure/lock.h"
#include "rpm/package.h"
#include "store/store.h"
#include "tree/tree.h"

/*
 * The room payload/: the files of the packages of an image: which of them it takes (selection.h),
 * as a tree with their owners, and the rpm database that tells of them (rpmdb.h).
 */

/*
 * The packages of an image with what hull knows of them: in order of the lock, so that a package's
 * number is the `owner` of its nodes.
 */
struct hull_packages {
	struct hull_arena arena;
	const struct hull_store *store;
	struct hull_package *v;
	int *unpacked; /* descriptor of unpacked/<sha256> in the store */
	size_t n;
};

struct hull_payload_options {
	bool no_docs;	     /* leave out %doc files, manuals and info pages; licenses stay */
	const char *locales; /* NULL all, "" none, "en:fr": translations to keep */
	int64_t time;	     /* SOURCE_DATE_EPOCH: later times of files become this */
	bool scriptlets;     /* somebody else runs those that packages come with */
};

HULL_CHECKED int hull_packages_open(const struct hull_store *s, const struct hull_lock *l,
				    struct hull_packages *out, struct hull_err *e);
void hull_packages_fini(struct hull_packages *p);

/* Compares all unpacked packages of a lock with their headers, and unpacks those again that are damaged;
 * returns how many were. They are to be opened again then. */
HULL_CHECKED int hull_packages_repair(const struct hull_store *s, const struct hull_lock *l,
				      struct hull_err *e);

/*
 * Puts the files of all packages into a tree: modes, times, hard links (by inode of the payload),
 * symlinks, device nodes, capabilities as security.capability; %ghost files are not made. The content of
 * files has the SHA-256 of the header: who copies it has to compare (hull_content_check). Owners
 * are left 0:0 and set later by hull_accounts_apply from the names in the headers. Errors: a
 * package with scriptlets that would change the image (all are named; demands.h), two packages with different content, type, mode, owner
 * or target for a path (both named; the same regular file or directory twice is fine), a file below
 * something that is no directory.
 */
HULL_CHECKED int hull_payload_add(const struct hull_packages *p,
				  const struct hull_payload_options *o, struct hull_tree *t,
				  struct hull_err *e);
