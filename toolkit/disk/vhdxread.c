// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/diskformat.h"
#include "text/guid.h"

/* [MS-VHDX]. */

enum {
	KIB = 1024,
	HEADER_BYTES = 4 * KIB,
	TABLE_BYTES = 64 * KIB, /* of the region table, and of that of the metadata */
	ENTRY_BYTES = 32,	/* in both */
	MAX_ENTRIES = 2047,
	REGION_ENTRIES = 16, /* where the entries begin */
	METADATA_ENTRIES = 32,
	REGION_REQUIRED = 1,
	ITEM_REQUIRED = 4,
	HAS_PARENT = 2,
	SECTORS_OF_BITMAP = 1 << 23, /* that one block of the sector bitmap covers */
	STATE_MASK = 7,
	STATE_UNMAPPED = 3, /* it, and those below, have no data */
	STATE_FULL = 6
};

#define MIB	  (1024ull * 1024)
#define MIN_BLOCK MIB
#define MAX_BLOCK (256 * MIB)
#define MAX_DISK  (64 * MIB * MIB)

struct region {
	uint64_t offset;
	uint32_t length;
};

struct vhdx {
	struct hull_disk_file file;
	struct region bat, metadata;
	uint64_t size_bytes, block_bytes, chunk_blocks;
	uint32_t sector_bytes, flags;
	struct hull_disk_window window;
};

/* CRC-32C with the four bytes at `at` as zeros. */
static uint32_t crc32c(const uint8_t *p, size_t n, size_t at)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= i >= at && i < at + 4 ? 0 : p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static bool is_guid(const uint8_t *p, const char *text)
{
	struct hull_guid want, got;

	hull_guid_get_le(p, &got);
	return hull_guid_parse(text, &want) && !memcmp(&want, &got, sizeof got);
}

static const char *guid_text(const uint8_t *p, char out[HULL_GUID_TEXT])
{
	struct hull_guid g;

	hull_guid_get_le(p, &g);
	hull_guid_text(&g, out);
	return out;
}

/* Reads a structure that has a signature and, behind it, its checksum. */
static int read_checked(const struct hull_disk_file *f, uint64_t at, uint8_t *b, size_t n,
			const char *signature, const char *what, struct hull_err *e)
{
	if (hull_disk_file_read(f, at, b, n, what, e) < 0)
		return -1;
	if (memcmp(b, signature, 4) != 0)
		return hull_fail(e, HULL_FAILED, "%s: no VHDX %s at byte %" PRIu64, f->path, what,
				 at);
	if (hull_get_le32(b + 4) != crc32c(b, n, 4))
		return hull_fail(e, HULL_FAILED, "%s: VHDX %s at byte %" PRIu64 ": wrong checksum",
				 f->path, what, at);
	return 0;
}

/* The header that is valid and, of two, newer. */
static int read_header(const struct vhdx *v, struct hull_err *e)
{
	static const uint64_t places[] = {64 * KIB, 128 * KIB};
	hull_autofree uint8_t *b = hull_alloc(2 * HEADER_BYTES);
	const uint8_t *header = NULL;
	struct hull_err errors[2];

	for (int i = 0; i < 2; i++) {
		uint8_t *one = b + i * HEADER_BYTES;

		if (read_checked(&v->file, places[i], one, HEADER_BYTES, "head", "header",
				 &errors[i]) < 0)
			continue;
		if (!header || hull_get_le64(one + 8) > hull_get_le64(header + 8))
			header = one;
	}
	if (!header) {
		*e = errors[0];
		return -1;
	}
	if (hull_get_le16(header + 66) != 1)
		return hull_fail(e, HULL_FAILED, "%s: VHDX version %u is not known", v->file.path,
				 hull_get_le16(header + 66));
	for (int i = 0; i < 16; i++)
		if (header[48 + i])
			return hull_fail(e, HULL_FAILED,
					 "%s: the log of the VHDX at byte %" PRIu64
					 " is not empty: it was not closed, and has to be opened "
					 "once by what wrote it",
					 v->file.path, hull_get_le64(header + 72));
	return 0;
}

static int take_region(struct vhdx *v, const uint8_t *entry, struct hull_err *e)
{
	struct region r = {hull_get_le64(entry + 16), hull_get_le32(entry + 24)};
	char text[HULL_GUID_TEXT];
	struct region *to;
	const char *what;

	if (is_guid(entry, "2dc27766-f623-4200-9d64-115e9bfd4a08")) {
		to = &v->bat;
		what = "block allocation table";
	} else if (is_guid(entry, "8b7ca206-4790-4b9a-b8fe-575f050f886e")) {
		to = &v->metadata;
		what = "metadata region";
	} else if (hull_get_le32(entry + 28) & REGION_REQUIRED) {
		return hull_fail(e, HULL_FAILED,
				 "%s: the VHDX needs a region that is not known: %s", v->file.path,
				 guid_text(entry, text));
	} else {
		return 0;
	}
	if (to->length)
		return hull_fail(e, HULL_FAILED,
				 "%s: the VHDX has two of its %s: at byte %" PRIu64 " and %" PRIu64,
				 v->file.path, what, to->offset, r.offset);
	*to = r;
	return hull_disk_file_has(&v->file, r.offset, r.length, what, e);
}

static int read_regions(struct vhdx *v, struct hull_err *e)
{
	hull_autofree uint8_t *b = hull_alloc(TABLE_BYTES);
	struct hull_err second;
	uint32_t n;

	/* The second copy, if the first is damaged. */
	if (read_checked(&v->file, 192 * KIB, b, TABLE_BYTES, "regi", "region table", e) < 0 &&
	    read_checked(&v->file, 256 * KIB, b, TABLE_BYTES, "regi", "region table", &second) < 0)
		return -1;
	n = hull_get_le32(b + 8);
	if (n > MAX_ENTRIES)
		return hull_fail(e, HULL_FAILED, "%s: VHDX region table: %u entries", v->file.path,
				 n);
	for (uint32_t i = 0; i < n; i++)
		if (take_region(v, b + REGION_ENTRIES + i * ENTRY_BYTES, e) < 0)
			return -1;
	if (!v->bat.length || !v->metadata.length)
		return hull_fail(e, HULL_FAILED, "%s: VHDX region table: no %s", v->file.path,
				 v->bat.length ? "metadata region" : "block allocation table");
	return 0;
}

static int take_item(struct vhdx *v, const uint8_t *entry, struct hull_err *e)
{
	uint32_t offset = hull_get_le32(entry + 16), length = hull_get_le32(entry + 20), need;
	char text[HULL_GUID_TEXT];
	uint8_t b[8];

	if (is_guid(entry, "caa16737-fa36-4d43-b3b6-33f0aa44e76b") ||
	    is_guid(entry, "2fa54224-cd1b-4876-b211-5dbed83bf4b8"))
		need = 8;
	else if (is_guid(entry, "8141bf1d-a96f-4709-ba47-f233a8faab5f"))
		need = 4;
	else if (is_guid(entry, "cda348c7-445d-4471-9cc9-e9885251c556") ||
		 is_guid(entry, "beca12ab-b2e6-4523-93ef-c309e000c746") ||
		 is_guid(entry, "a8d35f2d-b30b-454d-abf7-d3d84834ab0c") ||
		 !(hull_get_le32(entry + 24) & ITEM_REQUIRED))
		return 0;
	else
		return hull_fail(e, HULL_FAILED,
				 "%s: the VHDX needs metadata that are not known: %s", v->file.path,
				 guid_text(entry, text));
	if (length < need || offset > v->metadata.length || length > v->metadata.length - offset)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX metadata at byte %" PRIu64 ": the item %s, %u bytes at "
				 "%u, lies outside",
				 v->file.path, v->metadata.offset, guid_text(entry, text), length,
				 offset);
	if (hull_disk_file_read(&v->file, v->metadata.offset + offset, b, need, "metadata item",
				e) < 0)
		return -1;
	if (need == 4) {
		v->sector_bytes = hull_get_le32(b);
	} else if (is_guid(entry, "2fa54224-cd1b-4876-b211-5dbed83bf4b8")) {
		v->size_bytes = hull_get_le64(b);
	} else {
		v->block_bytes = hull_get_le32(b);
		v->flags = hull_get_le32(b + 4);
	}
	return 0;
}

static int read_metadata(struct vhdx *v, struct hull_err *e)
{
	hull_autofree uint8_t *b = hull_alloc(TABLE_BYTES);
	unsigned int n;

	if (v->metadata.length < TABLE_BYTES)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX metadata region at byte %" PRIu64 ": only %u bytes",
				 v->file.path, v->metadata.offset, v->metadata.length);
	if (hull_disk_file_read(&v->file, v->metadata.offset, b, TABLE_BYTES, "metadata table", e) <
	    0)
		return -1;
	n = hull_get_le16(b + 10);
	if (memcmp(b, "metadata", 8) != 0 || n > MAX_ENTRIES)
		return hull_fail(e, HULL_FAILED, "%s: no VHDX metadata table at byte %" PRIu64,
				 v->file.path, v->metadata.offset);
	for (unsigned int i = 0; i < n; i++)
		if (take_item(v, b + METADATA_ENTRIES + i * ENTRY_BYTES, e) < 0)
			return -1;
	return 0;
}

static int check(struct vhdx *v, struct hull_err *e)
{
	uint64_t blocks, entries;

	if (v->flags & HAS_PARENT)
		return hull_fail(e, HULL_FAILED, "%s: a differencing VHDX: its parent has the rest",
				 v->file.path);
	if (v->sector_bytes != 512 && v->sector_bytes != 4096)
		return hull_fail(e, HULL_FAILED, "%s: VHDX metadata: sectors of %u bytes",
				 v->file.path, v->sector_bytes);
	if (v->block_bytes < MIN_BLOCK || v->block_bytes > MAX_BLOCK ||
	    (v->block_bytes & (v->block_bytes - 1)))
		return hull_fail(e, HULL_FAILED, "%s: VHDX metadata: blocks of %" PRIu64 " bytes",
				 v->file.path, v->block_bytes);
	if (!v->size_bytes || v->size_bytes > MAX_DISK || v->size_bytes % v->sector_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX metadata: a disk of %" PRIu64 " bytes, sectors of %u",
				 v->file.path, v->size_bytes, v->sector_bytes);
	v->chunk_blocks = (uint64_t)SECTORS_OF_BITMAP * v->sector_bytes / v->block_bytes;
	blocks = (v->size_bytes + v->block_bytes - 1) / v->block_bytes;
	entries = blocks + (blocks - 1) / v->chunk_blocks;
	if (entries * 8 > v->bat.length)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX block allocation table at byte %" PRIu64
				 ": %u bytes, but %" PRIu64 " entries",
				 v->file.path, v->bat.offset, v->bat.length, entries);
	return 0;
}

static int map(void *state, uint64_t offset_bytes, struct hull_disk_run *out, struct hull_err *e)
{
	struct vhdx *v = state;
	uint64_t block = offset_bytes / v->block_bytes, within = offset_bytes % v->block_bytes;
	uint64_t at = v->bat.offset + (block + block / v->chunk_blocks) * 8, entry, start;
	const uint8_t *p = hull_disk_window_get(&v->window, &v->file, at, 8, NULL,
						"block allocation table", e);

	if (!p)
		return -1;
	entry = hull_get_le64(p);
	start = entry & ~(MIB - 1);
	*out = (struct hull_disk_run){.length_bytes = v->block_bytes - within};
	if ((entry & STATE_MASK) <= STATE_UNMAPPED) {
		out->hole = true;
		return 0;
	}
	if ((entry & STATE_MASK) != STATE_FULL)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX block allocation table at byte %" PRIu64
				 ": block %" PRIu64 " has the state %d",
				 v->file.path, at, block, (int)(entry & STATE_MASK));
	if (!start)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX block allocation table at byte %" PRIu64
				 ": block %" PRIu64 " lies in the header",
				 v->file.path, at, block);
	out->file_offset = start + within;
	return hull_disk_file_has(&v->file, start, v->block_bytes, "block", e);
}

int hull_vhdx_open(const struct hull_disk_file *f, struct hull_disk_opened *out, struct hull_err *e)
{
	static const struct hull_disk_format format = {"VHDX", map};
	hull_autofree struct vhdx *v = hull_alloc(sizeof *v);

	v->file = *f;
	if (read_header(v, e) < 0 || read_regions(v, e) < 0 || read_metadata(v, e) < 0 ||
	    check(v, e) < 0)
		return -1;
	out->format = &format;
	out->size_bytes = v->size_bytes;
	out->state = hull_steal(v);
	return 0;
}
