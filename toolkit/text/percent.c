// SPDX-License-Identifier: MIT
#include "text/percent.h"

#include <ctype.h>
#include <string.h>

void hull_percent_encode(struct hull_buf *out, const char *s, size_t n, const char *plain)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c && c < 0x80 && (isalnum(c) || strchr("-._~", c) || strchr(plain, c)))
			hull_buf_addc(out, (char)c);
		else
			hull_buf_addf(out, "%%%02X", (unsigned int)c);
	}
}

void hull_percent_decode(struct hull_buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = s[i] == '%' && n - i > 2 ? hull_hex_value(s[i + 1]) : -1;
		int low = high < 0 ? -1 : hull_hex_value(s[i + 2]);

		if (low >= 0 && (high || low)) {
			hull_buf_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			hull_buf_addc(out, s[i]);
		}
	}
}
