// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/mem.h"
#include "base/str.h"
#include "store/store.h"

/*
 * Suites of the Debian archive. A release ("trixie") is three of them: itself, what was changed since
 * ("trixie-updates"), and the fixes of its security team ("trixie-security"), which are often in an
 * archive of their own. testing and unstable are releases, too.
 */

#define HULL_DEBIAN_RELEASE "trixie" /* what the seed is of, and libraries come from */

struct hull_debian_suite {
	const char *name;    /* "trixie-security" */
	const char *release; /* "trixie" */
	const char *base;    /* of the archive that has it: "http://host/debian-security/" */
	bool security;
	bool optional; /* nobody asked for it: an expired index of it is left out */
};

struct hull_debian_suites {
	struct hull_arena arena; /* owns the strings */
	struct hull_debian_suite *v;
	size_t n, cap;
	/* what is not compared or taken: "trixie-security, which no archive has" */
	struct hull_strv missing;
};

void hull_debian_suites_fini(struct hull_debian_suites *s);

/*
 * Adds the suites of a release, from the first archive of `given` (as hull_debian_bases takes it)
 * that has each. No archive with the release is an error. Updates that none has are in ->missing; but
 * when the host's apt is asked for archives and one of them is for security, or when it cannot be
 * known whether they are there, that is an error, so that nobody keeps fixes from hull by silence.
 */
HULL_CHECKED int hull_debian_suites_add(struct hull_debian_suites *s,
					const struct hull_store *store, const char *given,
					const char *release, struct hull_err *e);

/* The same of a release that need not be there: all of it is optional, and what is not there is in
 * ->missing. */
HULL_CHECKED int hull_debian_suites_add_optional(struct hull_debian_suites *s,
						 const struct hull_store *store, const char *given,
						 const char *release, struct hull_err *e);

/* Only one suite, which has to be there. */
HULL_CHECKED int hull_debian_suites_add_one(struct hull_debian_suites *s,
					    const struct hull_store *store, const char *given,
					    const char *suite, struct hull_err *e);

/* Adds what the host's apt is configured with (suites of Debian, by codename) and is not there. */
HULL_CHECKED int hull_debian_suites_add_host(struct hull_debian_suites *s, struct hull_err *e);

/* Takes a suite out and notes it as missing, for a reason such as "which no archive has"; nothing if
 * it is not there. */
void hull_debian_suites_drop(struct hull_debian_suites *s, const char *name, const char *reason);

/* NULL if it is not there. */
const struct hull_debian_suite *hull_debian_suites_find(const struct hull_debian_suites *s,
							const char *name);
