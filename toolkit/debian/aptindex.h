// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "base/str.h"
#include "debian/suites.h"
#include "store/store.h"

/*
 * The indexes of some suites, as apt has them with a private state: each suite's InRelease is signed
 * by a key of hull_apt_keyring() and has not expired, each index is what InRelease says. Neither the
 * host's lists nor its configuration are touched.
 */
struct hull_apt_lists {
	const struct hull_store *store;
	char *tmp; /* relative to the store */
};

enum hull_apt_index { HULL_APT_SOURCES, HULL_APT_PACKAGES };

struct hull_apt_request {
	struct hull_debian_suites *suites;
	const char *arch; /* Debian's name: "amd64"; what is for every architecture comes with it */
	bool packages;	  /* not only Sources */
	bool allow_expired;
};

/* Fetches them. An optional suite that has expired is dropped from r->suites; everything else that
 * cannot be had is an error. Nothing is left behind by a failure. */
HULL_CHECKED int hull_apt_lists_open(struct hull_apt_lists *l, const struct hull_store *s,
				     const struct hull_apt_request *r,
				     struct hull_progress *progress, struct hull_err *e);

/* The text of an index of the component main; "" when there are no updates in it. */
HULL_CHECKED int hull_apt_lists_read(const struct hull_apt_lists *l, const char *suite,
				     enum hull_apt_index which, struct hull_buf *out,
				     struct hull_err *e);
void hull_apt_lists_close(struct hull_apt_lists *l);
