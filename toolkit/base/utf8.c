// SPDX-License-Identifier: MIT
#include "base/utf8.h"

size_t hull_utf8_get(const char *s, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc2 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf5 ? 4
			       : 0;
	uint32_t c = n < 2 ? *p : *p & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	*out = c;
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

size_t hull_utf8_put(char p[HULL_UTF8_MAX], uint32_t c)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i > 1; i--) {
		p[i - 1] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	p[0] = (char)(lead[n] | c);
	return n;
}

bool hull_utf8_is_valid(const char *s)
{
	uint32_t c;
	size_t n;

	for (; *s; s += n) {
		n = hull_utf8_get(s, &c);
		if (!n)
			return false;
	}
	return true;
}
