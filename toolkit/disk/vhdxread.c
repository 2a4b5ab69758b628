// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/crc32c.h"
#include "disk/diskformat.h"
#include "disk/vhdxformat.h"
#include "text/guid.h"

enum { MAX_ENTRIES = 2047 };

#define MAX_BLOCK (256 * HULL_VHDX_UNIT)

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

/* The checksum of a structure, whose own four bytes count as zeros. */
static uint32_t checksum(const uint8_t *p, size_t n)
{
	static const uint8_t zeros[4];
	uint32_t crc = hull_crc32c(0, p, HULL_VHDX_SUM);

	crc = hull_crc32c(crc, zeros, sizeof zeros);
	return hull_crc32c(crc, p + HULL_VHDX_SUM + 4, n - HULL_VHDX_SUM - 4);
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
	if (hull_get_le32(b + HULL_VHDX_SUM) != checksum(b, n))
		return hull_fail(e, HULL_FAILED, "%s: VHDX %s at byte %" PRIu64 ": wrong checksum",
				 f->path, what, at);
	return 0;
}

/* The header that is valid and, of two, newer. */
static int read_header(const struct vhdx *v, struct hull_err *e)
{
	static const uint64_t places[] = {HULL_VHDX_HEADER_1, HULL_VHDX_HEADER_2};
	hull_autofree uint8_t *b = hull_alloc(2 * HULL_VHDX_HEADER_BYTES);
	const uint8_t *header = NULL;
	struct hull_err errors[2];

	for (int i = 0; i < 2; i++) {
		uint8_t *one = b + i * HULL_VHDX_HEADER_BYTES;

		if (read_checked(&v->file, places[i], one, HULL_VHDX_HEADER_BYTES, "head", "header",
				 &errors[i]) < 0)
			continue;
		if (!header || hull_get_le64(one + 8) > hull_get_le64(header + 8))
			header = one;
	}
	if (!header)
		return hull_fail_as(e, &errors[0]);
	if (hull_get_le16(header + 66) != HULL_VHDX_VERSION)
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

	if (is_guid(entry, HULL_VHDX_BAT)) {
		to = &v->bat;
		what = "block allocation table";
	} else if (is_guid(entry, HULL_VHDX_METADATA)) {
		to = &v->metadata;
		what = "metadata region";
	} else if (hull_get_le32(entry + 28) & HULL_VHDX_REGION_REQUIRED) {
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
	hull_autofree uint8_t *b = hull_alloc(HULL_VHDX_TABLE_BYTES);
	uint32_t n;

	/* The second copy, if the first is damaged. */
	if (read_checked(&v->file, HULL_VHDX_REGIONS_1, b, HULL_VHDX_TABLE_BYTES, "regi",
			 "region table", e) < 0 &&
	    read_checked(&v->file, HULL_VHDX_REGIONS_2, b, HULL_VHDX_TABLE_BYTES, "regi",
			 "region table", NULL) < 0)
		return -1;
	n = hull_get_le32(b + 8);
	if (n > MAX_ENTRIES)
		return hull_fail(e, HULL_FAILED, "%s: VHDX region table: %u entries", v->file.path,
				 n);
	for (uint32_t i = 0; i < n; i++)
		if (take_region(v, b + HULL_VHDX_REGION_ENTRIES + i * HULL_VHDX_ENTRY_BYTES, e) < 0)
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

	if (is_guid(entry, HULL_VHDX_FILE_PARAMETERS) || is_guid(entry, HULL_VHDX_DISK_SIZE))
		need = 8;
	else if (is_guid(entry, HULL_VHDX_LOGICAL_SECTOR))
		need = 4;
	else if (is_guid(entry, HULL_VHDX_PHYSICAL_SECTOR) || is_guid(entry, HULL_VHDX_DISK_ID) ||
		 is_guid(entry, HULL_VHDX_PARENT_LOCATOR) ||
		 !(hull_get_le32(entry + 24) & HULL_VHDX_ITEM_REQUIRED))
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
	} else if (is_guid(entry, HULL_VHDX_DISK_SIZE)) {
		v->size_bytes = hull_get_le64(b);
	} else {
		v->block_bytes = hull_get_le32(b);
		v->flags = hull_get_le32(b + 4);
	}
	return 0;
}

static int read_metadata(struct vhdx *v, struct hull_err *e)
{
	hull_autofree uint8_t *b = hull_alloc(HULL_VHDX_TABLE_BYTES);
	unsigned int n;

	if (v->metadata.length < HULL_VHDX_TABLE_BYTES)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX metadata region at byte %" PRIu64 ": only %u bytes",
				 v->file.path, v->metadata.offset, v->metadata.length);
	if (hull_disk_file_read(&v->file, v->metadata.offset, b, HULL_VHDX_TABLE_BYTES,
				"metadata table", e) < 0)
		return -1;
	n = hull_get_le16(b + 10);
	if (memcmp(b, "metadata", 8) != 0 || n > MAX_ENTRIES)
		return hull_fail(e, HULL_FAILED, "%s: no VHDX metadata table at byte %" PRIu64,
				 v->file.path, v->metadata.offset);
	for (unsigned int i = 0; i < n; i++)
		if (take_item(v, b + HULL_VHDX_METADATA_ENTRIES + i * HULL_VHDX_ENTRY_BYTES, e) < 0)
			return -1;
	return 0;
}

static int check(struct vhdx *v, struct hull_err *e)
{
	uint64_t blocks, entries;

	if (v->flags & HULL_VHDX_HAS_PARENT)
		return hull_fail(e, HULL_FAILED, "%s: a differencing VHDX: its parent has the rest",
				 v->file.path);
	if (v->sector_bytes != 512 && v->sector_bytes != 4096)
		return hull_fail(e, HULL_FAILED, "%s: VHDX metadata: sectors of %u bytes",
				 v->file.path, v->sector_bytes);
	if (v->block_bytes < HULL_VHDX_UNIT || v->block_bytes > MAX_BLOCK ||
	    (v->block_bytes & (v->block_bytes - 1)))
		return hull_fail(e, HULL_FAILED, "%s: VHDX metadata: blocks of %" PRIu64 " bytes",
				 v->file.path, v->block_bytes);
	if (!v->size_bytes || v->size_bytes > HULL_VHDX_MAX_DISK || v->size_bytes % v->sector_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX metadata: a disk of %" PRIu64 " bytes, sectors of %u",
				 v->file.path, v->size_bytes, v->sector_bytes);
	v->chunk_blocks = (uint64_t)HULL_VHDX_BITMAP_SECTORS * v->sector_bytes / v->block_bytes;
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
	start = entry & ~(HULL_VHDX_UNIT - 1);
	*out = (struct hull_disk_run){.length_bytes = v->block_bytes - within};
	if ((entry & HULL_VHDX_STATE_MASK) <= HULL_VHDX_STATE_UNMAPPED) {
		out->hole = true;
		return 0;
	}
	if ((entry & HULL_VHDX_STATE_MASK) != HULL_VHDX_STATE_FULL)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHDX block allocation table at byte %" PRIu64
				 ": block %" PRIu64 " has the state %d",
				 v->file.path, at, block, (int)(entry & HULL_VHDX_STATE_MASK));
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
