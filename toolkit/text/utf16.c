// SPDX-License-Identifier: MIT
#include "text/utf16.h"

#include <stdbool.h>

#include "base/utf8.h"

enum {
	HIGH_FIRST = 0xd800, /* surrogates */
	LOW_FIRST = 0xdc00,
	LOW_LAST = 0xdfff,
	BEYOND_BMP = 0x10000,
	REPLACEMENT = 0xfffd
};

int hull_utf16_from_utf8(const char *text, uint16_t *out, size_t max)
{
	size_t n = 0, bytes;

	for (const char *s = text; *s; s += bytes) {
		uint32_t c = 0;

		bytes = hull_utf8_get(s, &c);
		if (!bytes || n + (c >= BEYOND_BMP) >= max)
			return -1;
		if (c >= BEYOND_BMP) {
			out[n++] = (uint16_t)(HIGH_FIRST + ((c - BEYOND_BMP) >> 10));
			c = LOW_FIRST + ((c - BEYOND_BMP) & 0x3ff);
		}
		out[n++] = (uint16_t)c;
	}
	return (int)n;
}

static bool is_high(uint32_t u)
{
	return u >= HIGH_FIRST && u < LOW_FIRST;
}

static bool is_low(uint32_t u)
{
	return u >= LOW_FIRST && u <= LOW_LAST;
}

char *hull_utf16_to_utf8(const uint16_t *units, size_t n, struct hull_arena *a)
{
	size_t length = 0;
	char *text;

	while (length < n && units[length])
		length++;
	text = hull_arena_alloc(a, 3 * length + 1);
	n = 0;
	for (size_t i = 0; i < length; i++) {
		uint32_t c = units[i];

		if (is_high(c) && i + 1 < length && is_low(units[i + 1])) {
			c = BEYOND_BMP + ((c - HIGH_FIRST) << 10) + (units[i + 1] - LOW_FIRST);
			i++;
		} else if (is_high(c) || is_low(c)) {
			c = REPLACEMENT;
		}
		n += hull_utf8_put(text + n, c);
	}
	return text;
}
