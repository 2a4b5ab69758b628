// SPDX-License-Identifier: MIT
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

/*
 * A number as the format's field has it. That it fits is what the writer has made sure of: one that
 * does not is a broken invariant, not a shorter number. (A cast says that bits are to be cut off.)
 */
static inline uint8_t hull_u8(uint64_t v)
{
	hull_assert(v <= UINT8_MAX);
	return (uint8_t)v;
}

static inline uint16_t hull_u16(uint64_t v)
{
	hull_assert(v <= UINT16_MAX);
	return (uint16_t)v;
}

static inline uint32_t hull_u32(uint64_t v)
{
	hull_assert(v <= UINT32_MAX);
	return (uint32_t)v;
}

/* Integers and signatures as they stand on disk, at any alignment. */

/* True if all n bytes are zero, also if there are none. */
static inline bool hull_all_zero(const uint8_t *p, size_t n)
{
	return !n || (p[0] == 0 && !memcmp(p, p + 1, n - 1));
}

/* The characters of `text` without its NUL. */
static inline void hull_put_text(void *p, const char *text)
{
	for (char *to = p; *text; text++)
		*to++ = *text;
}

static inline void hull_put_le16(void *p, uint16_t v)
{
	v = htole16(v);
	memcpy(p, &v, sizeof v);
}

static inline void hull_put_le32(void *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

static inline void hull_put_le64(void *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof v);
}

static inline void hull_put_be16(void *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof v);
}

static inline void hull_put_be32(void *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof v);
}

static inline void hull_put_be64(void *p, uint64_t v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof v);
}

static inline uint16_t hull_get_le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return le16toh(v);
}

static inline uint32_t hull_get_le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

static inline uint64_t hull_get_le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

static inline uint16_t hull_get_be16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof v);
	return be16toh(v);
}

static inline uint32_t hull_get_be32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static inline uint64_t hull_get_be64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return be64toh(v);
}
