// SPDX-License-Identifier: MIT
#include "text/printable.h"

#include <stdint.h>
#include <string.h>

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

/* Marks and embeddings of right-to-left text, and ends of lines that are no newline. */
static bool changes_lines(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
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

static void add_ascii(struct hull_printable_flow *f, char c, struct hull_buf *out)
{
	bool returned = f->returned;

	f->returned = c == '\r';
	if (c == '\r' && !returned)
		hull_buf_addc(out, '\n');
	else if (c != '\r' && !(c == '\n' && returned)) {
		if (is_control((unsigned char)c) && c != '\n' && c != '\t')
			hull_buf_addf(out, "\\x%02x", (unsigned char)c);
		else
			hull_buf_addc(out, c);
	}
}

/* The character at s, or a byte of what is none; how many bytes that was. */
static size_t add_character(struct hull_printable_flow *f, const char *s, struct hull_buf *out)
{
	uint32_t c;
	size_t n = hull_utf8_get(s, &c);

	if (n == 1) {
		add_ascii(f, *s, out);
		return 1;
	}
	f->returned = false;
	if (!n)
		hull_buf_addf(out, "\\x%02x", (unsigned char)*s);
	else if (changes_lines(c))
		hull_buf_addf(out, "\\u%04x", c);
	else
		hull_buf_add(out, s, n);
	return n ? n : 1;
}

/* How many bytes at p say nothing but themselves. */
static size_t plain_bytes(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)p[i] < 0x7f &&
	       (!is_control((unsigned char)p[i]) || p[i] == '\n' || p[i] == '\t'))
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
