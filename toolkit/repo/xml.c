// SPDX-License-Identifier: MIT
#include "repo/xml.h"

#include <stdint.h>

/* The length of the UTF-8 sequence at s and its character, or 0 (Unicode 15, table 3-7). */
static size_t decode(const unsigned char *s, uint32_t *out)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *s < 0x80   ? 1
		   : *s < 0xc2 ? 0
		   : *s < 0xe0 ? 2
		   : *s < 0xf0 ? 3
		   : *s < 0xf5 ? 4
			       : 0;

	if (n < 2) {
		*out = *s;
		return n;
	}
	*out = *s & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*out = *out << 6 | (s[i] & 0x3f);
	}
	return *out < least[n] || *out > 0x10ffff || (*out >= 0xd800 && *out < 0xe000) ? 0 : n;
}

/* XML 1.0, production 2. */
static bool is_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c != 0xfffe && c != 0xffff);
}

/* What stands for a character that has a meaning in markup, or NULL. */
static const char *entity(uint32_t c, bool attr)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return attr ? "&quot;" : NULL;
	case '\r':
		return "&#13;";
	case '\n':
		return attr ? "&#10;" : NULL;
	case '\t':
		return attr ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void escape(struct hull_buf *out, const char *text, bool attr)
{
	const unsigned char *s = (const unsigned char *)text, *plain = s;

	while (s && *s) {
		uint32_t c;
		size_t n = decode(s, &c);
		const char *with = entity(c, attr);
		char latin1[3] = {0};

		if (!n) {
			latin1[0] = (char)(0xc0 | *s >> 6);
			latin1[1] = (char)(0x80 | (*s & 0x3f));
			with = latin1;
			n = 1;
		} else if (!is_char(c)) {
			with = "\xef\xbf\xbd";
		}
		if (with) {
			hull_buf_add(out, plain, (size_t)(s - plain));
			hull_buf_adds(out, with);
			plain = s + n;
		}
		s += n;
	}
	if (s)
		hull_buf_add(out, plain, (size_t)(s - plain));
}

void hull_xml_text(struct hull_buf *out, const char *s)
{
	escape(out, s, false);
}

void hull_xml_attr(struct hull_buf *out, const char *s)
{
	escape(out, s, true);
}
