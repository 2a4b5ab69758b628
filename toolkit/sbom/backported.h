// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/backport.h"
#include "inspect/system.h"
#include "store/store.h"

/*
 * What patches fix in the packages of an image, from the records of their builds in the store. A
 * package counts if the image's lock says which file it is from. Zero-initialise *out; the caller
 * calls hull_backports_fini in any case.
 */
HULL_CHECKED int hull_backports_read(const struct hull_store *s, const struct hull_system *system,
				     struct hull_backports *out, struct hull_err *e);
