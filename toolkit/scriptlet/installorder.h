// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "rpm/package.h"
#include "store/store.h"

/*
 * The order in which rpm installs these packages in one transaction, by what they require before and
 * after: out_order[i] is the number of the i-th. They are in the store.
 */
HULL_CHECKED int hull_install_order(const struct hull_store *s, const struct hull_package *v,
				    size_t n, size_t *out_order, struct hull_err *e);
