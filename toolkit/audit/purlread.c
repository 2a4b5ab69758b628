// SPDX-License-Identifier: MIT
#include "audit/purlread.h"

#include <ctype.h>
#include <string.h>

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

static char *decode(const char *s, size_t n, struct hull_arena *a)
{
	char *out = hull_arena_strndup(a, s, n), *to = out;

	for (const char *p = out; *p; p++) {
		if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
			*to++ = (char)(hex(p[1]) * 16 + hex(p[2]));
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return out;
}

/* pkg:type/namespace/name@version?qualifiers#subpath */
bool hull_purl_parse(const char *text, struct hull_arena *a, struct hull_purl_parts *out)
{
	const char *end, *at, *slash, *type_end;
	size_t n;

	*out = (struct hull_purl_parts){0};
	if (strncmp(text, "pkg:", 4) != 0)
		return false;
	text += 4 + strspn(text + 4, "/");
	n = strcspn(text, "?#");
	end = text + n;
	type_end = memchr(text, '/', n);
	if (!type_end || type_end == text)
		return false;
	out->type = hull_arena_strndup(a, text, (size_t)(type_end - text));
	text = type_end + 1;
	at = memrchr(text, '@', (size_t)(end - text));
	/* "@scope" at the start of a namespace is no version */
	if (at && at > text && !memchr(at, '/', (size_t)(end - at))) {
		out->version = decode(at + 1, (size_t)(end - at - 1), a);
		end = at;
	}
	while (end > text && end[-1] == '/')
		end--;
	slash = memrchr(text, '/', (size_t)(end - text));
	if (slash)
		out->namespace = decode(text, (size_t)(slash - text), a);
	text = slash ? slash + 1 : text;
	if (text == end)
		return false;
	out->name = decode(text, (size_t)(end - text), a);
	return true;
}
