// SPDX-License-Identifier: MIT
#pragma once

#include "check/auditoptions.h"
#include "finding/finding.h"
#include "inspect/system.h"

/*
 * All checks of an image. What could not be read is an error with file and cause: -1, with the
 * first one in e and all of them in out->errors, and with the findings of everything else in `out`,
 * which the caller frees in any case. Findings are sorted; the same image and options give the same
 * findings.
 */
HULL_CHECKED int hull_audit(const struct hull_system *s, const struct hull_audit_options *o,
			    struct hull_findings *out, struct hull_err *e);
