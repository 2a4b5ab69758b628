// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "rpmdb/packagesfile.h"

/*
 * rpm: lib/backend/ndb/rpmpkg.c. Pages of 4096 bytes with slots of 16: magic, number of the package,
 * first block, number of blocks; the header of the file has the place of two. A blob has blocks of
 * 16 bytes: a head (magic, number, generation, length), the header of the package, a tail.
 */

enum {
	PAGE = 4096,
	SLOT = 16,
	BLOCK = 16,
	HEAD = 16,
	TAIL = 12,
	FILE_HEADER = 32,
};

static const char file_magic[] = "RpmP", slot_magic[] = "Slot", head_magic[] = "BlbS";

struct ndb_slot {
	uint32_t number, block, blocks;
};

enum hull_rpmdb_kind hull_rpmdb_kind(const uint8_t *bytes, size_t n)
{
	static const uint32_t hash_magic = 0x061561;

	if (n >= FILE_HEADER && !memcmp(bytes, file_magic, 4))
		return HULL_RPMDB_NDB;
	if (n >= 512 &&
	    (hull_get_le32(bytes + 12) == hash_magic || hull_get_be32(bytes + 12) == hash_magic))
		return HULL_RPMDB_BERKELEY;
	return HULL_RPMDB_OTHER;
}

static int by_number(const void *a, const void *b)
{
	const struct ndb_slot *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int take_blob(const uint8_t *bytes, size_t n, const char *path, const struct ndb_slot *s,
		     size_t *left, hull_rpmdb_take take, void *context, struct hull_err *e)
{
	uint64_t at = (uint64_t)s->block * BLOCK, most = (uint64_t)s->blocks * BLOCK;
	const uint8_t *p;
	uint32_t length;

	if (at > n || most > n - at || most < HEAD + TAIL)
		return hull_fail(e, HULL_FAILED, "%s: ndb: package %u lies beyond its end", path,
				 s->number);
	p = bytes + at;
	length = hull_get_le32(p + 12);
	if (memcmp(p, head_magic, 4) != 0 || hull_get_le32(p + 4) != s->number ||
	    length > most - HEAD - TAIL)
		return hull_fail(e, HULL_FAILED, "%s: ndb: package %u at byte %llu is damaged",
				 path, s->number, (unsigned long long)at);
	if (length > *left)
		return hull_fail(e, HULL_FAILED, "%s: more in its packages than in the file", path);
	*left -= length;
	return take(context, p + HEAD, length, e);
}

int hull_rpmdb_ndb(const uint8_t *bytes, size_t n, const char *path, hull_rpmdb_take take,
		   void *context, struct hull_err *e)
{
	uint64_t pages = n >= FILE_HEADER ? hull_get_le32(bytes + 12) : 0, end = pages * PAGE;
	hull_autofree struct ndb_slot *slots = NULL;
	size_t found = 0, left = n;

	if (!pages || end > n || hull_get_le32(bytes + 4))
		return hull_fail(e, HULL_FAILED, "%s: ndb: its header is damaged", path);
	slots = hull_alloc_array((size_t)end / SLOT, sizeof *slots);
	for (size_t at = FILE_HEADER; at < end; at += SLOT) {
		const uint8_t *p = bytes + at;

		if (memcmp(p, slot_magic, 4) != 0)
			return hull_fail(e, HULL_FAILED, "%s: ndb: no slot at byte %zu", path, at);
		if (hull_get_le32(p + 4) && hull_get_le32(p + 8))
			slots[found++] = (struct ndb_slot){
				hull_get_le32(p + 4), hull_get_le32(p + 8), hull_get_le32(p + 12)};
	}
	if (found)
		qsort(slots, found, sizeof *slots, by_number);
	for (size_t i = 0; i < found; i++)
		if (take_blob(bytes, n, path, &slots[i], &left, take, context, e) < 0)
			return -1;
	return 0;
}
