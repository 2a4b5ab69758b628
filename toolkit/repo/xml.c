// SPDX-License-Identifier: MIT
#include "repo/xml.h"

#include <stdint.h>

#include "base/utf8.h"

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
	const char *s = text, *plain = s;

	while (s && *s) {
		uint32_t c = 0;
		size_t n = hull_utf8_get(s, &c);
		const char *with = entity(c, attr);
		char latin1[HULL_UTF8_MAX] = {0};

		if (!n) {
			hull_utf8_put(latin1, (unsigned char)*s);
			with = latin1;
			n = 1;
		} else if (!is_char(c)) {
			with = HULL_UTF8_REPLACEMENT;
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
