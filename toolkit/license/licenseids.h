// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* The identifiers of the SPDX license list (2026), deprecated ones too, in the order of strcasecmp.
 */
extern const char *const hull_license_ids[];
extern const size_t hull_license_nids;
extern const char *const hull_license_exceptions[]; /* what may follow WITH */
extern const size_t hull_license_nexceptions;
