// SPDX-License-Identifier: MIT
#include "text/utf16.h"

#include <stdbool.h>

enum {
	HIGH_FIRST = 0xd800, /* surrogates */
	LOW_FIRST = 0xdc00,
	LOW_LAST = 0xdfff,
	BEYOND_BMP = 0x10000,
	LAST_CODE_POINT = 0x10ffff,
	REPLACEMENT = 0xfffd
};

/* The code point at *s, which moves on; -1 if there is none: no overlong forms, no surrogates. */
static int32_t next_code_point(const unsigned char **s)
{
	static const int32_t least[] = {0, 0x80, 0x800, BEYOND_BMP};
	const unsigned char *p = *s;
	int32_t c = *p++;
	int more;

	if (c < 0x80)
		more = 0;
	else if (c >= 0xc2 && c < 0xe0)
		more = 1;
	else if (c >= 0xe0 && c < 0xf0)
		more = 2;
	else if (c >= 0xf0 && c < 0xf5)
		more = 3;
	else
		return -1;
	if (more)
		c &= 0x3f >> more;
	for (int i = 0; i < more; i++) {
		if ((*p & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (*p++ & 0x3f);
	}
	if (c < least[more] || c > LAST_CODE_POINT || (c >= HIGH_FIRST && c <= LOW_LAST))
		return -1;
	*s = p;
	return c;
}

int hull_utf16_from_utf8(const char *text, uint16_t *out, size_t max)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0;

	while (*s) {
		int32_t c = next_code_point(&s);

		if (c < 0 || n + (c >= BEYOND_BMP) >= max)
			return -1;
		if (c >= BEYOND_BMP) {
			out[n++] = (uint16_t)(HIGH_FIRST + ((c - BEYOND_BMP) >> 10));
			c = LOW_FIRST + ((c - BEYOND_BMP) & 0x3ff);
		}
		out[n++] = (uint16_t)c;
	}
	return (int)n;
}

/* Writes c at p; the bytes it took. */
static size_t put_utf8(char *p, uint32_t c)
{
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < BEYOND_BMP ? 3 : 4;

	for (size_t i = n; i > 1; i--) {
		p[i - 1] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	p[0] = (char)(lead[n] | c);
	return n;
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
		n += put_utf8(text + n, c);
	}
	return text;
}
