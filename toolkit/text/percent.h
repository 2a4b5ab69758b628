// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/str.h"

/* Percent-encoding (RFC 3986, section 2.1). */

/* Appends n bytes; all but the unreserved characters (letters, digits, "-._~") and those of `plain`
 * become %XX. */
void hull_percent_encode(struct hull_buf *out, const char *s, size_t n, const char *plain);

/* Appends what n bytes stand for. A '%' that is not followed by two hex digits stands for itself,
 * and "%00", which no text can hold, stays as it is. */
void hull_percent_decode(struct hull_buf *out, const char *s, size_t n);
