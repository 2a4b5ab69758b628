// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

/* The identifiers of the SPDX licence list (2026), deprecated ones too, in the order of strcasecmp.
 */
extern const char *const hull_licence_ids[];
extern const size_t hull_licence_nids;
extern const char *const hull_licence_exceptions[]; /* what may follow WITH */
extern const size_t hull_licence_nexceptions;
