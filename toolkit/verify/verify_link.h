// SPDX-License-Identifier: MIT
#pragma once

#include "verify/verification.h"
#include "verify/verify_request.h"

/*
 * The links of the chain, a file for each subject: verify_files.c, verify_packages.c,
 * verify_boot.c, verify_verity.c. Each appends to `out` what it found.
 */
HULL_CHECKED int hull_verify_files(const struct hull_verify_request *r,
				   struct hull_verification *out, struct hull_err *e);
HULL_CHECKED int hull_verify_packages(const struct hull_verify_request *r,
				      struct hull_verification *out, struct hull_err *e);
HULL_CHECKED int hull_verify_boot(const struct hull_verify_request *r,
				  struct hull_verification *out, struct hull_err *e);
HULL_CHECKED int hull_verify_verity(const struct hull_verify_request *r,
				    struct hull_verification *out, struct hull_err *e);
