// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Names on disk are UTF-16, in Hull UTF-8. */

/* Units written to out, which has room for `max`; -1 if the text is longer, or is no UTF-8. */
int hull_utf16_from_utf8(const char *text, uint16_t *out, size_t max);

/* The text of n units, up to the first that is 0; half a pair becomes U+FFFD. */
char *hull_utf16_to_utf8(const uint16_t *units, size_t n, struct hull_arena *a);
