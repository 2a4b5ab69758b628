// SPDX-License-Identifier: MIT
#include "text/printable.h"

#include "base/str.h"
#include "text/utf8.h"

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

const char *hull_printable(const char *s, struct hull_arena *a)
{
	hull_autobuf struct hull_buf out = {0};
	bool utf8 = hull_utf8_is_valid(s), plain = utf8;

	for (const char *p = s; *p && plain; p++)
		plain = !is_control((unsigned char)*p);
	if (plain)
		return s;
	for (const char *p = s; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (is_control(c) || (c >= 0x80 && !utf8))
			hull_buf_addf(&out, "\\x%02x", c);
		else
			hull_buf_addc(&out, *p);
	}
	return hull_arena_strdup(a, out.p);
}
