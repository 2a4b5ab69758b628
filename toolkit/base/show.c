// SPDX-License-Identifier: MIT
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Without memory of the heap: an error is told also where there is no more, and between fork and
 * exec. */
struct shown {
	char *out;
	size_t size, n; /* of `out`; written if there was room */
};

/* "%-*.*s" */
struct conversion {
	char flags[8];
	bool left, lines;
	int width, precision; /* -1: no precision */
	char length[3];
	char type;
};

/* Marks and embeddings of right-to-left text, and ends of lines that are no newline. */
static bool changes_lines(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

size_t hull_utf8_show(const char *s, char out[HULL_SHOWN_MAX])
{
	unsigned char byte = (unsigned char)*s;
	uint32_t c;
	size_t n = hull_utf8_get(s, &c);

	if (byte == '\n') {
		memcpy(out, "\\n", 3);
	} else if (!n || byte < 0x20 || byte == 0x7f) {
		snprintf(out, HULL_SHOWN_MAX, "\\x%02x", byte);
	} else if (changes_lines(c)) {
		snprintf(out, HULL_SHOWN_MAX, "\\u%04x", c & 0xffff);
	} else {
		memcpy(out, s, n);
		out[n] = '\0';
	}
	return n ? n : 1;
}

static void put(struct shown *to, const char *p, size_t n)
{
	if (to->n < to->size) {
		size_t room = to->size - to->n - 1;

		memcpy(to->out + to->n, p, n < room ? n : room);
	}
	to->n += n;
}

static void put_blanks(struct shown *to, int width, size_t used)
{
	for (size_t i = used; width > 0 && i < (size_t)width; i++)
		put(to, " ", 1);
}

/* Shows n bytes of s; how many that makes, with `to` NULL only that. */
static size_t show_bytes(struct shown *to, const char *s, size_t n, bool lines)
{
	size_t made = 0;

	for (size_t i = 0; i < n;) {
		char at[HULL_UTF8_MAX + 1] = {0}, out[HULL_SHOWN_MAX];
		size_t rest = n - i;

		memcpy(at, s + i, rest < HULL_UTF8_MAX ? rest : HULL_UTF8_MAX);
		if (lines && (*at == '\n' || *at == '\t')) {
			out[0] = *at;
			out[1] = '\0';
			i++;
		} else {
			i += hull_utf8_show(at, out);
		}
		made += strlen(out);
		if (to)
			put(to, out, strlen(out));
	}
	return made;
}

static void show_text(struct shown *to, const struct conversion *c, const char *s, size_t n)
{
	size_t made = show_bytes(NULL, s, n, c->lines);

	if (!c->left)
		put_blanks(to, c->width, made);
	show_bytes(to, s, n, c->lines);
	if (c->left)
		put_blanks(to, c->width, made);
}

/* The formats below are made of one that the compiler has seen. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void show_integer(struct shown *to, const struct conversion *c, intmax_t value)
{
	char fmt[24], text[128];
	int n;

	snprintf(fmt, sizeof fmt, "%%%s%s*.*j%c", c->flags, c->left ? "-" : "", c->type);
	n = snprintf(text, sizeof text, fmt, c->width, c->precision, value);
	put(to, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

static void show_double(struct shown *to, const struct conversion *c, double value)
{
	char fmt[24], text[512];
	int n;

	snprintf(fmt, sizeof fmt, "%%%s%s*.*%c", c->flags, c->left ? "-" : "", c->type);
	n = snprintf(text, sizeof text, fmt, c->width, c->precision, value);
	put(to, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

#pragma GCC diagnostic pop

/* A number, or "*"; 0 if there is none. */
static int number(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*ap, int);
	}
	while (**fmt >= '0' && **fmt <= '9' && n < INT_MAX / 10 - 1)
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

/* What follows a '%'. */
static struct conversion parse(const char **fmt, va_list *ap)
{
	struct conversion c = {.precision = -1};
	size_t n = strspn(*fmt, "-+ #0");

	memcpy(c.flags, *fmt, n < sizeof c.flags ? n : sizeof c.flags - 1);
	*fmt += n;
	c.left = strchr(c.flags, '-') != NULL;
	c.lines = c.left && **fmt != '*' && !(**fmt >= '0' && **fmt <= '9');
	c.width = number(fmt, ap);
	if (c.width < 0) {
		c.left = true;
		c.width = -c.width;
	}
	if (**fmt == '.') {
		(*fmt)++;
		c.precision = number(fmt, ap);
	}
	n = strspn(*fmt, "hljzt");
	memcpy(c.length, *fmt, n < sizeof c.length ? n : sizeof c.length - 1);
	*fmt += n;
	c.type = *(*fmt)++;
	return c;
}

static intmax_t signed_argument(const char *length, va_list *ap)
{
	if (!strcmp(length, "l"))
		return va_arg(*ap, long);
	if (!strcmp(length, "ll"))
		return va_arg(*ap, long long);
	if (*length == 'j')
		return va_arg(*ap, intmax_t);
	if (*length == 'z' || *length == 't')
		return va_arg(*ap, ptrdiff_t);
	return va_arg(*ap, int);
}

static uintmax_t unsigned_argument(const char *length, va_list *ap)
{
	if (!strcmp(length, "l"))
		return va_arg(*ap, unsigned long);
	if (!strcmp(length, "ll"))
		return va_arg(*ap, unsigned long long);
	if (*length == 'j')
		return va_arg(*ap, uintmax_t);
	if (*length == 'z' || *length == 't')
		return va_arg(*ap, size_t);
	return va_arg(*ap, unsigned int);
}

static void show_one(struct shown *to, const struct conversion *c, va_list *ap)
{
	const char *s;
	char one;

	switch (c->type) {
	case 's':
		s = va_arg(*ap, const char *);
		s = s ? s : "(null)";
		show_text(to, c, s,
			  c->precision < 0 ? strlen(s) : strnlen(s, (size_t)c->precision));
		return;
	case 'c':
		one = (char)va_arg(*ap, int);
		show_text(to, c, &one, 1);
		return;
	case 'd':
	case 'i':
		show_integer(to, c, signed_argument(c->length, ap));
		return;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		show_integer(to, c, (intmax_t)unsigned_argument(c->length, ap));
		return;
	case 'f':
	case 'e':
	case 'g':
		show_double(to, c, va_arg(*ap, double));
		return;
	case '%':
		put(to, "%", 1);
		return;
	default: /* what comes after it would be read wrongly */
		abort();
	}
}

int hull_vshow(char *out, size_t size, const char *fmt, va_list ap)
{
	struct shown to = {out, size, 0};
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");

		put(&to, fmt, n);
		fmt += n;
		if (*fmt) {
			struct conversion c;

			fmt++;
			c = parse(&fmt, &args);
			show_one(&to, &c, &args);
		}
	}
	va_end(args);
	if (size)
		out[to.n < size ? to.n : size - 1] = '\0';
	return to.n > INT_MAX ? -1 : (int)to.n;
}
