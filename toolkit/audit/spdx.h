// SPDX-License-Identifier: MIT
#pragma once

#include "audit/bill.h"

/* The bill as an SPDX 2.3 document; the caller decrefs. The same bill gives the same document. */
json_t *hull_spdx(struct hull_bill *b);
