// SPDX-License-Identifier: MIT
#include "text/printable.h"

#include <string.h>

#include "base/utf8.h"

const char *hull_printable(const char *s, struct hull_arena *a)
{
	hull_autobuf struct hull_buf out = {0};

	hull_buf_showf(&out, "%s", s);
	return strcmp(out.p, s) != 0 ? hull_arena_strdup(a, out.p) : s;
}

/* Whether so many bytes can be the beginning of a longer character. */
static bool is_beginning(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t want = *p < 0xc2 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 1;

	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	return n < want;
}

/* The character at s, or a byte of what is none; how many bytes that was. */
static size_t add_character(struct hull_printable_flow *f, const char *s, struct hull_buf *out)
{
	bool returned = f->returned;
	char shown[HULL_SHOWN_MAX];
	size_t n = hull_utf8_show(s, shown);

	f->returned = *s == '\r';
	if (*s == '\t')
		hull_buf_addc(out, '\t');
	else if (*s != '\r' && *s != '\n')
		hull_buf_adds(out, shown);
	else if (!returned)
		hull_buf_addc(out, '\n');
	return n;
}

/* How many bytes at p say nothing but themselves. */
static size_t plain_bytes(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && ((p[i] >= ' ' && p[i] < 0x7f) || p[i] == '\n' || p[i] == '\t'))
		i++;
	return i;
}

void hull_printable_add(struct hull_printable_flow *f, const char *p, size_t n,
			struct hull_buf *out)
{
	for (size_t i = 0; i < n;) {
		char at[sizeof f->rest + 1] = {0};
		size_t had = f->n, used = had || f->returned ? 0 : plain_bytes(p + i, n - i);

		if (used) {
			hull_buf_add(out, p + i, used);
			i += used;
			continue;
		}
		memcpy(at, f->rest, had);
		for (; f->n < sizeof f->rest && i < n; f->n++)
			at[f->n] = p[i++];
		if (is_beginning(at, f->n)) { /* nothing is left of p */
			memcpy(f->rest, at, f->n);
			return;
		}
		used = add_character(f, at, out);
		/* what is left over of p is looked at again; what came before it stays */
		if (used < had) {
			i -= f->n - had;
			f->n = had - used;
			memcpy(f->rest, at + used, f->n);
		} else {
			i -= f->n - used;
			f->n = 0;
		}
	}
}

void hull_printable_end(struct hull_printable_flow *f, struct hull_buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		hull_buf_addf(out, "\\x%02x", (unsigned char)f->rest[i]);
	*f = (struct hull_printable_flow){0};
}
