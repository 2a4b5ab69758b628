// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 (Unicode, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. */

enum { HULL_UTF8_MAX = 4 };		     /* bytes of a character at the most */
#define HULL_UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The length of the sequence at s, which ends with a NUL at the latest, and its character; 0 if
 * there is none. A NUL is a character of length 1. */
size_t hull_utf8_get(const char *s, uint32_t *out);

/* Writes a character below 0x110000 at p; the bytes that it took. Surrogates are not refused. */
size_t hull_utf8_put(char p[HULL_UTF8_MAX], uint32_t c);

/* Whether a whole text is UTF-8. */
bool hull_utf8_is_valid(const char *s);
