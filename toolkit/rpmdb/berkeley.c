// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "rpmdb/packagesfile.h"

/*
 * The access method "hash" of Berkeley DB (dbinc/db_page.h, dbinc/hash.h), versions 8 to 10, of either
 * byte order. Only the pages are walked: keys are numbers of packages, values their headers, small
 * ones in the page, others in a chain of overflow pages.
 */

enum {
	META_MAGIC = 12,
	META_PAGE_BYTES = 20,
	META_CRYPTO = 24,
	META_TYPE = 25,
	META_LAST = 32,
	META_BYTES = 72,
	IS_HASH_META = 8,

	PAGE_NEXT = 16,
	PAGE_ENTRIES = 20,
	PAGE_LENGTH = 22, /* of an overflow page: bytes in it */
	PAGE_TYPE = 25,
	PAGE_HEADER = 26,
	IS_HASH_UNSORTED = 2,
	IS_OVERFLOW = 7,
	IS_HASH = 13,

	ITEM_INLINE = 1,
	ITEM_OVERFLOW = 3,
	ITEM_OVERFLOW_BYTES = 12,
	KEY_BYTES = 4,
};

#define HASH_MAGIC 0x061561u

struct berkeley {
	const uint8_t *bytes;
	const char *path;
	size_t page_bytes, pages, left; /* left: bytes that headers may still have */
	bool swapped;			/* big-endian */
	uint8_t *header;		/* put together of overflow pages */
	size_t cap;
};

static uint32_t get32(const struct berkeley *b, const uint8_t *p)
{
	return b->swapped ? hull_get_be32(p) : hull_get_le32(p);
}

static uint16_t get16(const struct berkeley *b, const uint8_t *p)
{
	return b->swapped ? hull_get_be16(p) : hull_get_le16(p);
}

static int damaged(const struct berkeley *b, size_t page, const char *cause, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: Berkeley DB: page %zu: %s", b->path, page, cause);
}

static int open_hash(struct berkeley *b, size_t n, struct hull_err *e)
{
	const uint8_t *p = b->bytes;

	b->swapped = hull_get_le32(p + META_MAGIC) != HASH_MAGIC;
	b->page_bytes = get32(b, p + META_PAGE_BYTES);
	if (n < META_BYTES || p[META_TYPE] != IS_HASH_META)
		return damaged(b, 0, "no hash", e);
	if (p[META_CRYPTO])
		return damaged(b, 0, "encrypted", e);
	if (b->page_bytes < 512 || b->page_bytes > 65536 || b->page_bytes & (b->page_bytes - 1))
		return damaged(b, 0, "the size of pages is out of range", e);
	b->pages = n / b->page_bytes;
	if (get32(b, p + META_LAST) >= b->pages)
		return damaged(b, 0, "truncated: pages are missing at the end", e);
	return 0;
}

/* Puts the chain together that starts at a page. */
static int collect(struct berkeley *b, uint32_t page, size_t n, struct hull_err *e)
{
	size_t have = 0;

	if (n > b->left)
		return hull_fail(e, HULL_FAILED, "%s: more in its packages than in the file",
				 b->path);
	if (n > b->cap) {
		free(b->header);
		b->header = hull_alloc(n);
		b->cap = n;
	}
	while (have < n) {
		const uint8_t *p = b->bytes + (size_t)page * b->page_bytes;
		size_t length;

		if (!page || page >= b->pages)
			return damaged(b, page, "there is no such page", e);
		length = get16(b, p + PAGE_LENGTH);
		if (p[PAGE_TYPE] != IS_OVERFLOW || !length ||
		    length > b->page_bytes - PAGE_HEADER || length > n - have)
			return damaged(b, page, "it should be an overflow page", e);
		memcpy(b->header + have, p + PAGE_HEADER, length);
		have += length;
		page = get32(b, p + PAGE_NEXT);
	}
	return 0;
}

/* An item of a page, from its place to that of the one before it (or the end); NULL with e set. */
static const uint8_t *find_item(const struct berkeley *b, size_t page, size_t i, size_t *out_n,
				struct hull_err *e)
{
	const uint8_t *p = b->bytes + page * b->page_bytes;
	size_t at = get16(b, p + PAGE_HEADER + 2 * i);
	size_t end = i ? get16(b, p + PAGE_HEADER + 2 * (i - 1)) : b->page_bytes;

	*out_n = 0;
	if (at >= end || end > b->page_bytes ||
	    at < PAGE_HEADER + 2 * (size_t)get16(b, p + PAGE_ENTRIES)) {
		damaged(b, page, "its items overlap", e);
		return NULL;
	}
	*out_n = end - at;
	return p + at;
}

static int take_item(struct berkeley *b, size_t page, const uint8_t *p, size_t n,
		     hull_rpmdb_take take, void *context, struct hull_err *e)
{
	if (*p == ITEM_INLINE && n - 1 <= b->left) {
		b->left -= n - 1;
		return take(context, p + 1, n - 1, e);
	}
	if (*p != ITEM_OVERFLOW || n < ITEM_OVERFLOW_BYTES)
		return damaged(b, page, "a value of a kind that rpm does not have", e);
	n = get32(b, p + 8);
	if (collect(b, get32(b, p + 4), n, e) < 0)
		return -1;
	b->left -= n;
	return take(context, b->header, n, e);
}

/* Number 0 has the number of the next package, in the byte order of the machine that wrote it. */
static bool is_package(const uint8_t *p, size_t n)
{
	return *p == ITEM_INLINE && n == 1 + KEY_BYTES && !hull_all_zero(p + 1, KEY_BYTES);
}

static int take_page(struct berkeley *b, size_t page, hull_rpmdb_take take, void *context,
		     struct hull_err *e)
{
	const uint8_t *p = b->bytes + page * b->page_bytes, *key, *value;
	size_t entries = get16(b, p + PAGE_ENTRIES), key_n, value_n;

	if (p[PAGE_TYPE] != IS_HASH && p[PAGE_TYPE] != IS_HASH_UNSORTED)
		return 0;
	if (entries > (b->page_bytes - PAGE_HEADER) / 2 || entries % 2)
		return damaged(b, page, "the number of its items is out of range", e);
	for (size_t i = 0; i < entries; i += 2) {
		key = find_item(b, page, i, &key_n, e);
		value = key ? find_item(b, page, i + 1, &value_n, e) : NULL;
		if (!value)
			return -1;
		if (is_package(key, key_n) &&
		    take_item(b, page, value, value_n, take, context, e) < 0)
			return -1;
	}
	return 0;
}

int hull_rpmdb_berkeley(const uint8_t *bytes, size_t n, const char *path, hull_rpmdb_take take,
			void *context, struct hull_err *e)
{
	struct berkeley b = {.bytes = bytes, .path = path, .left = n};
	int r = open_hash(&b, n, e);

	for (size_t page = 1; r == 0 && page < b.pages; page++)
		r = take_page(&b, page, take, context, e);
	free(b.header);
	return r;
}
