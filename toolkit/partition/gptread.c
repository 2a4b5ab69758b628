// SPDX-License-Identifier: MIT
#include "partition/gptread.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "partition/gptformat.h"
#include "text/utf16.h"

enum {
	MAX_TABLE = 1024 * 1024, /* 8192 entries */
	LARGE_SECTOR = 4096,
};

struct read_header {
	uint32_t sector_bytes;
	uint64_t lba, other_lba, first_usable, last_usable, table_lba;
	struct hull_guid disk;
	uint32_t entries, entry_bytes, table_crc;
};

static int bad(const struct hull_disk *d, uint64_t at, const char *cause, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: GPT header at byte %" PRIu64 ": %s",
			 hull_disk_path(d), at, cause);
}

static bool crc_is_right(uint8_t b[HULL_SECTOR], uint32_t header_bytes)
{
	uint32_t want = hull_get_le32(b + HULL_GPT_SUM);

	hull_put_le32(b + HULL_GPT_SUM, 0);
	return (uint32_t)crc32(0, b, header_bytes) == want;
}

static int read_header(struct hull_disk *d, uint32_t sector_bytes, uint64_t lba,
		       struct read_header *h, struct hull_err *e)
{
	uint64_t sectors = hull_disk_size(d) / sector_bytes, at = lba * sector_bytes;
	uint8_t b[HULL_SECTOR];
	uint32_t header_bytes;

	if (hull_disk_read(d, at, b, sizeof b, e) < 0)
		return hull_wrap(e, "GPT header: ");
	if (memcmp(b, HULL_GPT_SIGNATURE, 8) != 0)
		return bad(d, at, "there is none", e);
	header_bytes = hull_get_le32(b + 12);
	if (header_bytes < HULL_GPT_HEADER_BYTES || header_bytes > sizeof b)
		return bad(d, at, "its size is out of range", e);
	if (!crc_is_right(b, header_bytes))
		return bad(d, at, "wrong checksum", e);
	*h = (struct read_header){
		.sector_bytes = sector_bytes,
		.lba = lba,
		.other_lba = hull_get_le64(b + 32),
		.first_usable = hull_get_le64(b + 40),
		.last_usable = hull_get_le64(b + 48),
		.table_lba = hull_get_le64(b + 72),
		.entries = hull_get_le32(b + 80),
		.entry_bytes = hull_get_le32(b + 84),
		.table_crc = hull_get_le32(b + 88),
	};
	hull_guid_get_le(b + 56, &h->disk);
	if (hull_get_le64(b + 24) != lba)
		return bad(d, at, "it says that it is in another sector", e);
	if (h->first_usable > h->last_usable || h->last_usable >= sectors)
		return bad(d, at, "the usable sectors are not on the disk", e);
	if (h->entry_bytes < HULL_GPT_ENTRY_BYTES || h->entry_bytes > MAX_TABLE ||
	    h->entry_bytes % 8 || (uint64_t)h->entries * h->entry_bytes > MAX_TABLE)
		return bad(d, at, "number or size of its entries is out of range", e);
	if (h->table_lba >= sectors || h->other_lba >= sectors)
		return bad(d, at, "its table or its copy is not on the disk", e);
	return 0;
}

/* Table bytes; the caller frees. */
static uint8_t *read_table(struct hull_disk *d, const struct read_header *h, struct hull_err *e)
{
	size_t n = (size_t)h->entries * h->entry_bytes;
	hull_autofree uint8_t *table = hull_alloc(n + 1);

	if (hull_disk_read(d, h->table_lba * h->sector_bytes, table, n, e) < 0) {
		hull_wrap(e, "GPT table: ");
		return NULL;
	}
	if ((uint32_t)crc32(0, table, (unsigned int)n) != h->table_crc) {
		hull_fail(e, HULL_FAILED, "%s: GPT table at byte %" PRIu64 ": wrong checksum",
			  hull_disk_path(d), h->table_lba * h->sector_bytes);
		return NULL;
	}
	return hull_steal(table);
}

static void take_entry(const uint8_t *b, struct hull_arena *a, struct hull_gpt_partition *p)
{
	uint16_t name[HULL_GPT_NAME_UNITS];

	hull_guid_get_le(b, &p->type);
	hull_guid_get_le(b + 16, &p->id);
	p->first_lba = hull_get_le64(b + 32);
	p->last_lba = hull_get_le64(b + 40);
	p->attributes = hull_get_le64(b + 48);
	for (int i = 0; i < HULL_GPT_NAME_UNITS; i++)
		name[i] = hull_get_le16(b + 56 + 2 * i);
	p->name = hull_utf16_to_utf8(name, HULL_GPT_NAME_UNITS, a);
}

static int by_first_lba(const void *a, const void *b)
{
	const struct hull_gpt_partition *const *x = a, *const *y = b;

	return ((*x)->first_lba > (*y)->first_lba) - ((*x)->first_lba < (*y)->first_lba);
}

static int check_places(const struct hull_disk *d, const struct read_header *h,
			const struct hull_gpt *g, struct hull_err *e)
{
	hull_autofree const struct hull_gpt_partition **sorted =
		hull_alloc_array(g->n + 1, sizeof *sorted);

	for (size_t i = 0; i < g->n; i++) {
		const struct hull_gpt_partition *p = sorted[i] = &g->v[i];

		if (p->first_lba > p->last_lba || p->first_lba < h->first_usable ||
		    p->last_lba > h->last_usable)
			return hull_fail(
				e, HULL_FAILED,
				"%s: GPT: the partition '%s', sectors %" PRIu64 " to %" PRIu64
				", is not within the usable sectors %" PRIu64 " to %" PRIu64,
				hull_disk_path(d), p->name, p->first_lba, p->last_lba,
				h->first_usable, h->last_usable);
	}
	qsort(sorted, g->n, sizeof *sorted, by_first_lba);
	for (size_t i = 1; i < g->n; i++)
		if (sorted[i]->first_lba <= sorted[i - 1]->last_lba)
			return hull_fail(e, HULL_FAILED,
					 "%s: GPT: the partitions '%s' and '%s' overlap at sector "
					 "%" PRIu64,
					 hull_disk_path(d), sorted[i - 1]->name, sorted[i]->name,
					 sorted[i]->first_lba);
	return 0;
}

/* One copy of the table, with the place of the header that belongs to the other. */
static int read_copy(struct hull_disk *d, uint32_t sector_bytes, uint64_t lba, struct hull_arena *a,
		     struct hull_gpt *g, uint64_t *out_other_lba, struct hull_err *e)
{
	static const uint8_t unused[16];
	hull_autofree uint8_t *table = NULL;
	struct read_header h = {0};

	if (read_header(d, sector_bytes, lba, &h, e) < 0)
		return -1;
	*out_other_lba = h.other_lba;
	table = read_table(d, &h, e);
	if (!table)
		return -1;
	*g = (struct hull_gpt){.disk = h.disk};
	g->v = hull_arena_array(a, h.entries + 1, sizeof *g->v);
	for (uint32_t i = 0; i < h.entries; i++) {
		const uint8_t *b = table + (size_t)i * h.entry_bytes;

		if (memcmp(b, unused, sizeof unused) != 0)
			take_entry(b, a, &g->v[g->n++]);
	}
	return check_places(d, &h, g, e);
}

static bool is_same(const struct hull_gpt *a, const struct hull_gpt *b)
{
	if (memcmp(&a->disk, &b->disk, sizeof a->disk) != 0 || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct hull_gpt_partition *p = &a->v[i], *q = &b->v[i];

		if (memcmp(&p->type, &q->type, sizeof p->type) != 0 ||
		    memcmp(&p->id, &q->id, sizeof p->id) != 0 || p->first_lba != q->first_lba ||
		    p->last_lba != q->last_lba || p->attributes != q->attributes ||
		    strcmp(p->name, q->name) != 0)
			return false;
	}
	return true;
}

static bool has_protective_mbr(struct hull_disk *d)
{
	uint8_t mbr[HULL_SECTOR];

	if (hull_disk_read(d, 0, mbr, sizeof mbr, NULL) < 0 || mbr[HULL_MBR_SIGNATURE] != 0x55 ||
	    mbr[HULL_MBR_SIGNATURE + 1] != 0xaa)
		return false;
	for (int i = 0; i < 4; i++)
		if (mbr[HULL_MBR_ENTRY + i * HULL_MBR_ENTRY_BYTES + 4] == HULL_MBR_PROTECTIVE)
			return true;
	return false;
}

static bool has_signature(struct hull_disk *d, uint64_t at)
{
	uint8_t b[8];

	return hull_disk_read(d, at, b, sizeof b, NULL) == 0 &&
	       !memcmp(b, HULL_GPT_SIGNATURE, sizeof b);
}

/* In sectors of which size the disk is counted: that of a header in front, else of one at the end. */
static uint32_t find_sector_bytes(struct hull_disk *d)
{
	uint64_t size = hull_disk_size(d);
	bool whole = size % LARGE_SECTOR == 0 && size >= 3 * LARGE_SECTOR;

	if (has_signature(d, HULL_SECTOR) || !whole)
		return HULL_SECTOR;
	if (has_signature(d, LARGE_SECTOR))
		return LARGE_SECTOR;
	return !has_signature(d, size - HULL_SECTOR) && has_signature(d, size - LARGE_SECTOR)
		       ? LARGE_SECTOR
		       : HULL_SECTOR;
}

/* Who reads partitions counts in sectors of HULL_SECTOR. */
static void to_small_sectors(struct hull_gpt *g)
{
	const uint64_t each = g->sector_bytes / HULL_SECTOR;

	for (size_t i = 0; i < g->n; i++) {
		g->v[i].first_lba *= each;
		g->v[i].last_lba = g->v[i].last_lba * each + each - 1;
	}
}

int hull_gpt_read(struct hull_disk *d, struct hull_arena *a, struct hull_gpt *out,
		  struct hull_err *e)
{
	uint32_t sector_bytes = find_sector_bytes(d);
	uint64_t sectors = hull_disk_size(d) / sector_bytes, end = sectors - 1, primary = 1;
	struct hull_err first, second;
	struct hull_gpt backup;
	int have_first, have_second;

	if (sectors < 3)
		return hull_fail(e, HULL_FAILED, "%s: a disk of %" PRIu64 " bytes has no GPT",
				 hull_disk_path(d), hull_disk_size(d));
	have_first = read_copy(d, sector_bytes, 1, a, out, &end, &first) == 0;
	have_second = read_copy(d, sector_bytes, end, a, &backup, &primary, &second) == 0;
	if (!have_first && !have_second)
		return hull_fail(e, HULL_FAILED, "%s; and the copy: %s", first.msg, second.msg);
	if (!have_first) {
		*out = backup;
		out->from_backup = true;
		out->note = hull_arena_strdup(a, first.msg);
	} else if (!have_second) {
		out->note = hull_arena_strdup(a, second.msg);
	} else if (!is_same(out, &backup) || primary != 1) {
		out->note = hull_arena_printf(a, "%s: the two copies of the GPT differ",
					      hull_disk_path(d));
	} else if (end != sectors - 1) {
		out->note = hull_arena_printf(
			a, "%s: the copy of the GPT is not at the end of the disk",
			hull_disk_path(d));
	}
	if (!out->note && !has_protective_mbr(d))
		out->note = hull_arena_printf(a, "%s: no protective MBR", hull_disk_path(d));
	out->sector_bytes = sector_bytes;
	to_small_sectors(out);
	return 0;
}
