// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"

/* The text of a systemd.network(5) file. Errors: an address or mask that is none, a mask with
 * holes, a static network without an address. */
HULL_CHECKED int hull_network_text(const struct hull_network *n, struct hull_buf *out,
				   struct hull_err *e);
