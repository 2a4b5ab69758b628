// SPDX-License-Identifier: MIT
#pragma once

#include <stdarg.h>
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

/*
 * What others wrote, as people see it (show.c): names of files and packages, messages, logs. A name
 * must not act on a terminal, nor look like a line of hull's.
 */

enum { HULL_SHOWN_MAX = 8 }; /* bytes of a character that is shown, with a NUL */

/*
 * Writes the character at s, or a byte of what is none, in the form in which it is shown: itself, or
 * "\n", "\x1b" for control characters and bytes that are not UTF-8, "\u202e" for control characters
 * of U+0080 to U+009f, for those that change the direction of text and for other ends of lines. The
 * bytes of s that this was.
 */
size_t hull_utf8_show(const char *s, char out[HULL_SHOWN_MAX]);

/*
 * vsnprintf() for people: what "%s" and "%c" bring is shown character by character. A text that
 * hull has made of several lines is a "%-s" without a width: newlines and tabs in it stay.
 */
int hull_vshow(char *out, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
