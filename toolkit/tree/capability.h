// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

enum { HULL_CAPABILITY_BYTES = 20 };

/*
 * File capabilities as text ("cap_net_raw=ep", cap_from_text(3)) to the value of the extended
 * attribute security.capability, version 2 (capabilities(7), "File capability extended attribute
 * versioning"). A file has one effective bit: text that wants it for some only of its capabilities
 * is an error.
 */
HULL_CHECKED int hull_capability_encode(const char *text, uint8_t out[HULL_CAPABILITY_BYTES],
					struct hull_err *e);

/* The other way: the text of a value of any version, "malformed" for what is none. */
const char *hull_capability_text(const void *value, size_t n, struct hull_arena *a);
