// SPDX-License-Identifier: MIT
#include "repo/packets.h"

#include <stdint.h>

enum { MAX_SIGNATURES = 16, MIN_BITS = 2048 };

enum tag { TAG_SIGNATURE = 2, TAG_KEY = 6, TAG_SUBKEY = 14 };

/* Of public keys: those whose strength is the size of their first number. */
enum algorithm { RSA = 1, RSA_ENCRYPT = 2, RSA_SIGN = 3, ELGAMAL = 16, DSA = 17 };

struct packet {
	unsigned int tag;
	const unsigned char *frame, *body;
	size_t frame_bytes, body_bytes;
};

static uint32_t number(const unsigned char *p, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* How many bytes the length takes behind the tag, and whether it is all in one number: no packet
 * that matters here may come in parts or up to the end of the file. */
static size_t length_bytes(const unsigned char *p)
{
	if (!(p[0] & 0x40))
		return (p[0] & 3) == 3 ? 0 : (size_t)1 << (p[0] & 3);
	return p[1] < 192 ? 1 : p[1] < 224 ? 2 : p[1] == 255 ? 5 : 0;
}

/* The packet at *at; advances. 1, 0 at the end, -1 with e. */
static int next_packet(const unsigned char **at, const unsigned char *end, struct packet *out,
		       struct hull_err *e)
{
	const unsigned char *p = *at;
	size_t left = (size_t)(end - p), n = 0, body;

	if (!left)
		return 0;
	if (left >= 2 && p[0] & 0x80)
		n = length_bytes(p);
	if (!n || left < 1 + n)
		return hull_fail(e, HULL_FAILED, "OpenPGP data is malformed");
	if (!(p[0] & 0x40))
		body = number(p + 1, n);
	else
		body = n == 1	? p[1]
		       : n == 2 ? (((size_t)p[1] - 192) << 8) + p[2] + 192
				: number(p + 2, 4);
	if (left - 1 - n < body)
		return hull_fail(e, HULL_FAILED, "OpenPGP data is cut off");
	*out = (struct packet){.tag = p[0] & 0x40 ? p[0] & 0x3f : p[0] >> 2 & 0xf,
			       .frame = p,
			       .body = p + 1 + n,
			       .frame_bytes = 1 + n + body,
			       .body_bytes = body};
	*at = p + out->frame_bytes;
	return 1;
}

int hull_packets_check_signatures(const struct hull_buf *data, struct hull_err *e)
{
	const unsigned char *at = (const unsigned char *)data->p, *end = at + data->n;
	struct packet p;
	size_t n = 0;
	int r;

	while ((r = next_packet(&at, end, &p, e)) > 0) {
		if (p.tag != TAG_SIGNATURE)
			return hull_fail(e, HULL_FAILED, "it is not only a signature");
		if (++n > MAX_SIGNATURES)
			return hull_fail(e, HULL_FAILED, "it has more than %d signatures",
					 MAX_SIGNATURES);
	}
	return r < 0 ? -1 : n ? 0 : hull_fail(e, HULL_FAILED, "it is empty");
}

/* Bits of the number at p: what it says of itself, but for zeros in front. */
static size_t number_bits(const unsigned char *p, size_t n)
{
	size_t bytes = n < 2 ? 0 : ((size_t)number(p, 2) + 7) / 8, bits;

	if (bytes > n - (n < 2 ? n : 2))
		return 0;
	for (p += 2; bytes && !*p; bytes--)
		p++;
	bits = bytes * 8;
	for (unsigned int top = 0x80; bytes && !(*p & top); top >>= 1)
		bits--;
	return bits;
}

static bool is_weak(const struct packet *p)
{
	/* version, time, algorithm; from version 5 on also the size of what follows */
	size_t at = p->body_bytes && p->body[0] >= 5 ? 10 : 6;

	if (p->body_bytes < at || p->body[0] < 4)
		return true;
	switch (p->body[5]) {
	case RSA:
	case RSA_ENCRYPT:
	case RSA_SIGN:
	case ELGAMAL:
	case DSA:
		return number_bits(p->body + at, p->body_bytes - at) < MIN_BITS;
	default:
		return false;
	}
}

int hull_packets_strong_keys(const struct hull_buf *ring, struct hull_buf *out, size_t *out_weak,
			     struct hull_err *e)
{
	const unsigned char *at = (const unsigned char *)ring->p, *end = at + ring->n;
	bool primary = false, key = false; /* is good */
	struct packet p = {0};
	int r;

	*out_weak = 0;
	while ((r = next_packet(&at, end, &p, e)) > 0) {
		if (p.tag == TAG_KEY || p.tag == TAG_SUBKEY) {
			key = !is_weak(&p);
			*out_weak += !key;
		}
		if (p.tag == TAG_KEY)
			primary = key;
		if (primary && key)
			hull_buf_add(out, p.frame, p.frame_bytes);
	}
	return r;
}
