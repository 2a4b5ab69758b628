// SPDX-License-Identifier: MIT
#include "report/report_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* What nobody sees, or what makes other text look different from what it is. */
static bool hides(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) ||
	       (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe0fff);
}

/* `escape` has a replacement for an ASCII character, or NULL. */
static void add(struct hull_buf *out, const char *s, const char *(*escape)(char), const char *slash)
{
	const char *p = s ? s : "";

	while (*p) {
		uint32_t c = 0;
		size_t n = hull_utf8_get(p, &c);
		const char *instead = n == 1 ? escape((char)c) : NULL;

		if (n == 0)
			hull_buf_addf(out, "%sx%02x", slash, (unsigned char)*p);
		else if (hides(c))
			hull_buf_addf(out, c < 0x100 ? "%sx%02" PRIx32 : "%su%04" PRIx32, slash, c);
		else if (instead)
			hull_buf_adds(out, instead);
		else
			hull_buf_add(out, p, n);
		p += n ? n : 1;
	}
}

static const char *html(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static const char *json(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '<':
		return "\\u003c";
	case '>':
		return "\\u003e";
	case '&':
		return "\\u0026";
	default:
		return NULL;
	}
}

void hull_report_text(struct hull_buf *out, const char *s)
{
	add(out, s, html, "\\");
}

void hull_report_string(struct hull_buf *out, const char *s)
{
	hull_buf_addc(out, '"');
	add(out, s, json, "\\\\");
	hull_buf_addc(out, '"');
}

void hull_report_size(struct hull_buf *out, uint64_t bytes)
{
	char text[HULL_AMOUNT];

	hull_buf_adds(out, hull_size_text(bytes, text));
}

void hull_report_number(struct hull_buf *out, uint64_t value)
{
	char digits[32];
	size_t n;
	hull_autobuf struct hull_buf b = {0};

	hull_buf_addf(&b, "%" PRIu64, value);
	n = b.n < sizeof digits ? b.n : sizeof digits - 1;
	memcpy(digits, b.p, n);
	for (size_t i = 0; i < n; i++) {
		hull_buf_addc(out, digits[i]);
		if (i + 1 < n && (n - i - 1) % 3 == 0)
			hull_buf_adds(out, "\u202f");
	}
}
