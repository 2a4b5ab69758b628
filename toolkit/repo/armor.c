// SPDX-License-Identifier: MIT
#include "repo/armor.h"

#include <string.h>

static const char begin_mark[] = "-----BEGIN PGP ", end_mark[] = "-----END PGP ";

/* A line at *at up to `end`, without line break and blanks at its end; advances *at. */
struct line {
	const char *p;
	size_t n;
};

static bool next_line(const char **at, const char *end, struct line *out)
{
	const char *eol;

	if (*at >= end)
		return false;
	eol = memchr(*at, '\n', (size_t)(end - *at));
	if (!eol)
		eol = end;
	*out = (struct line){*at, (size_t)(eol - *at)};
	while (out->n && strchr(" \t\r", out->p[out->n - 1]))
		out->n--;
	*at = eol < end ? eol + 1 : end;
	return true;
}

static bool begins(const struct line *l, const char *with)
{
	return l->n >= strlen(with) && !memcmp(l->p, with, strlen(with));
}

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Base64 digits on their way to bytes. */
struct base64 {
	unsigned int bits, have;
	bool padded;
};

static int decode_line(struct base64 *b, const struct line *l, struct hull_buf *out,
		       struct hull_err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		int v = base64_value(l->p[i]);

		if (l->p[i] == '=') {
			b->padded = true;
			continue;
		}
		if (v < 0 || b->padded)
			return hull_fail(e, HULL_FAILED, "the armor has a line that is no base64");
		b->bits = b->bits << 6 | (unsigned int)v;
		b->have += 6;
		if (b->have >= 8) {
			b->have -= 8;
			hull_buf_addc(out, (char)(b->bits >> b->have & 0xff));
		}
	}
	return 0;
}

static unsigned int crc24(const char *p, size_t n)
{
	unsigned int crc = 0xb704ce;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned int)(unsigned char)p[i] << 16;
		for (int k = 0; k < 8; k++)
			crc = crc & 0x800000 ? (crc << 1 ^ 0x864cfb) & 0xffffff : crc << 1;
	}
	return crc;
}

/* The line "=" and four digits. */
static int check_crc(const struct line *l, const char *p, size_t n, struct hull_err *e)
{
	hull_autobuf struct hull_buf bytes = {0};
	struct base64 b = {0};
	struct line digits = {l->p + 1, l->n - 1};
	unsigned int crc;

	if (decode_line(&b, &digits, &bytes, e) < 0 || bytes.n != 3)
		return hull_fail(e, HULL_FAILED, "the armor's checksum is malformed");
	crc = (unsigned int)(unsigned char)bytes.p[0] << 16 |
	      (unsigned int)(unsigned char)bytes.p[1] << 8 |
	      (unsigned int)(unsigned char)bytes.p[2];
	if (crc != crc24(p, n))
		return hull_fail(e, HULL_FAILED, "the armor does not match its checksum");
	return 0;
}

/* What follows the first line of a block, up to and with its last one. */
static int decode_block(const char **at, const char *end, struct hull_buf *out, struct hull_err *e)
{
	size_t start = out->n;
	struct base64 b = {0};
	struct line l;

	/* header lines, up to an empty one */
	while (next_line(at, end, &l) && l.n)
		if (begins(&l, end_mark))
			return hull_fail(e, HULL_FAILED, "the armor has no data");
	while (next_line(at, end, &l)) {
		if (begins(&l, end_mark))
			return out->n > start ? 0
					      : hull_fail(e, HULL_FAILED, "the armor has no data");
		if (l.n && l.p[0] == '=') {
			if (check_crc(&l, out->p ? out->p + start : "", out->n - start, e) < 0)
				return -1;
		} else if (decode_line(&b, &l, out, e) < 0) {
			return -1;
		}
	}
	return hull_fail(e, HULL_FAILED, "the armor is cut off");
}

int hull_dearmor(const char *p, size_t n, struct hull_buf *out, struct hull_err *e)
{
	const char *at = p, *end = p + n;
	size_t blocks = 0;
	struct line l;

	/* a packet begins with a byte that has the highest bit set */
	if (n && (unsigned char)p[0] & 0x80) {
		hull_buf_add(out, p, n);
		return 0;
	}
	while (next_line(&at, end, &l)) {
		if (!begins(&l, begin_mark))
			continue;
		if (decode_block(&at, end, out, e) < 0)
			return -1;
		blocks++;
	}
	return blocks ? 0 : hull_fail(e, HULL_FAILED, "neither OpenPGP data nor an armor of it");
}
