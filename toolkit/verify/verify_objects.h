// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "store/store.h"

/*
 * Compares every object of every kind in a store with what it has to be, by all processors. What is
 * damaged is set aside (store/intact.h). *out_damaged gets [{path, why}], which the caller decrefs.
 */
HULL_CHECKED int hull_verify_objects(const struct hull_store *s, size_t *out_checked,
				     json_t **out_damaged, struct hull_err *e);
