// SPDX-License-Identifier: MIT
#pragma once

#include "audit/bill.h"

/* The bill as a CycloneDX 1.6 BOM; the caller decrefs. The same bill gives the same BOM. */
json_t *hull_cyclonedx(struct hull_bill *b);
