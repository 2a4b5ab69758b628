// SPDX-License-Identifier: MIT
#pragma once

#include "store/store.h"

/*
 * Where a stored source came from, for provenance: sources/<sha256>.origin holds the URL or path
 * that it was first taken from.
 */
HULL_CHECKED int hull_source_set_origin(const struct hull_store *s, const char *sha256,
					const char *origin, struct hull_err *e);

/* NULL when it is not known. The caller frees. */
char *hull_source_origin(const struct hull_store *s, const char *sha256);
