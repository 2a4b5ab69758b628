// SPDX-License-Identifier: MIT
#pragma once

#include "verify/verification.h"
#include "verify/verify_request.h"

/* All kinds but rebuilds. -1 if something cannot be read at all; broken links are no error. */
int hull_verify(const struct hull_verify_request *r, struct hull_verification *out,
		struct hull_err *e);
