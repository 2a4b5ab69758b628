// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"

/*
 * The room license/: license expressions of packages: their syntax, the list of identifiers that
 * SPDX knows, and whether a choice of them is allowed.
 */

/* License expressions of SPDX 2.3, Annex D. */

/* Whether a license may be used: an id as the list spells it ("GPL-2.0-or-later", "GPL-2.0+" for
 * that operator, "LicenseRef-x"), and the exception that goes with it or NULL. */
typedef bool (*hull_license_rule)(void *context, const char *id, const char *exception);

/*
 * 1 if a rule allows a choice of the licenses (one side of OR, both of AND), 0 if not, -1 with e
 * set if the text is no expression or names an unknown id: "column 5: ...". The rule is asked for
 * every license, from left to right; without one (NULL) all are allowed.
 */
HULL_CHECKED int hull_license_evaluate(const char *expression, hull_license_rule rule,
				       void *context, struct hull_err *e);
