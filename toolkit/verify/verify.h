// SPDX-License-Identifier: MIT
#pragma once

#include "verify/verification.h"
#include "verify/verify_request.h"

/*
 * The room verify/: whether every byte of an image can be traced to its sources. verification.h is
 * what was found, verify_link.h follows the chain, with what should be there from verify_want.h,
 * verify_store.h and verify_record.h.
 */

/* All kinds but rebuilds. -1 if something cannot be read at all; broken links are no error. */
HULL_CHECKED int hull_verify(const struct hull_verify_request *r, struct hull_verification *out,
			     struct hull_err *e);
