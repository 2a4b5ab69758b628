// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "debian/aptindex.h"
#include "debian/pinned.h"
#include "debian/suites.h"

/*
 * What the archive has now of each package that is pinned. A pin belongs to the first release whose
 * indexes have its file (of the seed: its version); when none has it any more, to the first one
 * that has something newer. It is compared with all suites of that release. outdatedtext.c says it.
 */

enum hull_pin_state {
	HULL_PIN_CURRENT,
	HULL_PIN_NEWER,	  /* there is a newer version */
	HULL_PIN_PATCHED, /* there is an update of this upstream version, by patches that a pin of
			     upstream's file alone does not have */
	HULL_PIN_GONE,	  /* the file is in no index any more, and nothing is newer */
	HULL_PIN_DIFFERS, /* the archive's file of this name has another digest */
	HULL_PIN_STATES
};

struct hull_pin_result {
	const struct hull_debian_pin *pin;
	enum hull_pin_state state;
	bool listed;	       /* an index has the pinned file, or version */
	bool security;	       /* a security suite has something newer */
	const char *release;   /* that it belongs to; NULL if no index knows the package */
	const char *newest;    /* version in that release */
	const char *suite;     /* that has it: of several the one for security */
	const char *elsewhere; /* the newest of all releases, if that is another and newer */
	const char *elsewhere_suite;
};

struct hull_outdated {
	struct hull_arena arena;	  /* owns the strings */
	struct hull_debian_suites suites; /* of which indexes were read */
	struct hull_debian_pins pins;
	struct hull_pin_result *v; /* a pin each: of specs by package, then of the seed */
	size_t n;
	size_t count[2][HULL_PIN_STATES]; /* of specs, of the seed */
	size_t security[2];		  /* of those that are not current */
	const char *seed;		  /* id of the seed that is in it, or NULL */
	bool allow_expired;		  /* indexes past their date count */
};

/*
 * Compares the pins with the suites that are in `o` already. The texts of indexes come from the
 * archive and are checked by apt (aptindex.h).
 */
HULL_CHECKED int hull_outdated_find(struct hull_outdated *o, const struct hull_store *store,
				    const char *arch, struct hull_progress *progress,
				    struct hull_err *e);
void hull_outdated_fini(struct hull_outdated *o);

/* How many are not current. */
size_t hull_outdated_count(const struct hull_outdated *o);

/* For people: what is not current, with `all` everything; what was not compared; sums. */
void hull_outdated_text(const struct hull_outdated *o, bool all, struct hull_buf *out);
json_t *hull_outdated_json(const struct hull_outdated *o);
