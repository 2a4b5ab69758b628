// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"

/* Licence expressions of SPDX 2.3, Annex D. */

/* Whether a licence may be used: an id as the list spells it ("GPL-2.0-or-later", "GPL-2.0+" for
 * that operator, "LicenseRef-x"), and the exception that goes with it or NULL. */
typedef bool (*hull_licence_rule)(void *context, const char *id, const char *exception);

/*
 * 1 if a rule allows a choice of the licences (one side of OR, both of AND), 0 if not, -1 with e
 * set if the text is no expression or names an unknown id: "column 5: ...". The rule is asked for
 * every licence, from left to right; without one (NULL) all are allowed.
 */
int hull_licence_evaluate(const char *expression, hull_licence_rule rule, void *context,
			  struct hull_err *e);
