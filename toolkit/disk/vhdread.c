// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/diskformat.h"
#include "disk/vhdformat.h"

enum {
	MIN_BLOCK = 4096,
};

#define MAX_BLOCK (256u * 1024 * 1024)

struct footer {
	uint64_t header_offset, size_bytes;
	uint32_t type;
};

struct vhd {
	struct hull_disk_file file;
	uint64_t size_bytes;
	uint64_t end_bytes; /* of the file, in front of the footer */
	uint64_t table_offset;
	uint32_t block_bytes, bitmap_bytes;
	struct hull_disk_window table, bitmap;
};

/* Whether the checksum at `at` is right. */
static bool sum_is_right(const uint8_t *p, size_t n, size_t at)
{
	return hull_get_be32(p + at) == hull_vhd_checksum(p, n, at);
}

bool hull_vhd_has_footer(const struct hull_disk_file *f)
{
	uint8_t cookie[8];

	return f->size_bytes >= HULL_VHD_FOOTER_BYTES &&
	       hull_disk_file_read(f, f->size_bytes - HULL_VHD_FOOTER_BYTES, cookie, sizeof cookie,
				   "footer", NULL) == 0 &&
	       !memcmp(cookie, HULL_VHD_FOOTER, sizeof cookie);
}

static int read_footer(const struct hull_disk_file *f, uint64_t at, struct footer *out,
		       struct hull_err *e)
{
	uint8_t b[HULL_VHD_FOOTER_BYTES];

	if (hull_disk_file_read(f, at, b, sizeof b, "footer", e) < 0)
		return -1;
	if (memcmp(b, HULL_VHD_FOOTER, 8) != 0)
		return hull_fail(e, HULL_FAILED,
				 "%s: no VHD footer at byte %" PRIu64 ": truncated, or something "
				 "was written behind it",
				 f->path, at);
	if (!sum_is_right(b, sizeof b, HULL_VHD_FOOTER_SUM))
		return hull_fail(e, HULL_FAILED,
				 "%s: VHD footer at byte %" PRIu64 ": wrong checksum", f->path, at);
	if (hull_get_be16(b + 12) != HULL_VHD_MAJOR_VERSION)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHD footer at byte %" PRIu64 ": version %u is not known",
				 f->path, at, hull_get_be16(b + 12));
	out->header_offset = hull_get_be64(b + 16);
	out->size_bytes = hull_get_be64(b + 48);
	out->type = hull_get_be32(b + 60);
	if (out->type == HULL_VHD_DIFFERENCING)
		return hull_fail(e, HULL_FAILED, "%s: a differencing VHD: its parent has the rest",
				 f->path);
	if (out->type != HULL_VHD_FIXED && out->type != HULL_VHD_DYNAMIC)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHD footer at byte %" PRIu64 ": disk type %u is not known",
				 f->path, at, out->type);
	if (out->size_bytes % HULL_VHD_SECTOR || !out->size_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: VHD footer at byte %" PRIu64 ": a disk of %" PRIu64
				 " bytes is not whole sectors",
				 f->path, at, out->size_bytes);
	return 0;
}

static int map_fixed(void *state, uint64_t offset_bytes, struct hull_disk_run *out,
		     struct hull_err *e)
{
	const struct vhd *v = state;

	(void)e;
	hull_disk_file_run(&v->file, offset_bytes, v->size_bytes - offset_bytes, out);
	return 0;
}

/* How far the sectors from `first` on, up to `end`, are all there or all not. */
static int map_sectors(struct vhd *v, uint64_t block_offset, uint32_t first, uint32_t end,
		       struct hull_disk_run *out, struct hull_err *e)
{
	uint32_t sector = first;
	size_t n;
	const uint8_t *bits = hull_disk_window_get(&v->bitmap, &v->file, block_offset + first / 8,
						   1, &n, "sector bitmap", e);
	bool there;

	if (!bits)
		return -1;
	there = bits[0] >> (7 - first % 8) & 1;
	while (sector < end && sector / 8 - first / 8 < n) {
		uint8_t byte = bits[sector / 8 - first / 8];

		if ((byte >> (7 - sector % 8) & 1) != there)
			break;
		sector++;
	}
	out->hole = !there;
	out->length_bytes = (uint64_t)(sector - first) * HULL_VHD_SECTOR;
	return 0;
}

static int map_dynamic(void *state, uint64_t offset_bytes, struct hull_disk_run *out,
		       struct hull_err *e)
{
	struct vhd *v = state;
	uint64_t block = offset_bytes / v->block_bytes, left, block_offset;
	uint32_t within = (uint32_t)(offset_bytes % v->block_bytes);
	const uint8_t *entry =
		hull_disk_window_get(&v->table, &v->file, v->table_offset + 4 * block, 4, NULL,
				     "block allocation table", e);

	if (!entry)
		return -1;
	left = v->size_bytes - block * v->block_bytes;
	if (left > v->block_bytes)
		left = v->block_bytes;
	if (hull_get_be32(entry) == HULL_VHD_NO_BLOCK) {
		*out = (struct hull_disk_run){.length_bytes = left - within, .hole = true};
		return 0;
	}
	block_offset = (uint64_t)hull_get_be32(entry) * HULL_VHD_SECTOR;
	if (block_offset + v->bitmap_bytes + left > v->end_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: truncated: block %" PRIu64 " of the disk at byte %" PRIu64
				 " reaches beyond the end of the data at %" PRIu64,
				 v->file.path, block, block_offset, v->end_bytes);
	if (map_sectors(v, block_offset, within / HULL_VHD_SECTOR,
			(uint32_t)(left / HULL_VHD_SECTOR), out, e) < 0)
		return -1;
	out->length_bytes -= within % HULL_VHD_SECTOR;
	out->file_offset = block_offset + v->bitmap_bytes + within;
	return 0;
}

static int read_header(struct vhd *v, uint64_t at, struct hull_err *e)
{
	const struct hull_disk_file *f = &v->file;
	uint8_t b[HULL_VHD_HEADER_BYTES];
	uint64_t entries;

	if (hull_disk_file_read(f, at, b, sizeof b, "dynamic disk header", e) < 0)
		return -1;
	if (memcmp(b, HULL_VHD_HEADER, 8) != 0 || !sum_is_right(b, sizeof b, HULL_VHD_HEADER_SUM))
		return hull_fail(
			e, HULL_FAILED, "%s: dynamic disk header at byte %" PRIu64 ": %s", f->path,
			at, memcmp(b, HULL_VHD_HEADER, 8) ? "there is none" : "wrong checksum");
	v->table_offset = hull_get_be64(b + 16);
	entries = hull_get_be32(b + 28);
	v->block_bytes = hull_get_be32(b + 32);
	if (v->block_bytes < MIN_BLOCK || v->block_bytes > MAX_BLOCK ||
	    (v->block_bytes & (v->block_bytes - 1)))
		return hull_fail(e, HULL_FAILED,
				 "%s: dynamic disk header at byte %" PRIu64 ": blocks of %u bytes",
				 f->path, at, v->block_bytes);
	v->bitmap_bytes = (v->block_bytes / HULL_VHD_SECTOR / 8 + HULL_VHD_SECTOR - 1) /
			  HULL_VHD_SECTOR * HULL_VHD_SECTOR;
	if (entries * v->block_bytes < v->size_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: dynamic disk header at byte %" PRIu64 ": %" PRIu64
				 " blocks do not make a disk of %" PRIu64 " bytes",
				 f->path, at, entries, v->size_bytes);
	return hull_disk_file_has(f, v->table_offset, 4 * entries, "block allocation table", e);
}

int hull_vhd_open(const struct hull_disk_file *f, struct hull_disk_opened *out, struct hull_err *e)
{
	static const struct hull_disk_format fixed = {"VHD, fixed", map_fixed};
	static const struct hull_disk_format dynamic = {"VHD, dynamic", map_dynamic};
	hull_autofree struct vhd *v = hull_alloc(sizeof *v);
	struct footer footer = {0};

	if (hull_disk_file_has(f, 0, HULL_VHD_FOOTER_BYTES, "VHD footer", e) < 0)
		return -1;
	v->file = *f;
	v->end_bytes = f->size_bytes - HULL_VHD_FOOTER_BYTES;
	if (read_footer(f, v->end_bytes, &footer, e) < 0)
		return -1;
	v->size_bytes = footer.size_bytes;
	if (footer.type == HULL_VHD_FIXED && v->size_bytes > v->end_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: truncated: a disk of %" PRIu64 " bytes, but %" PRIu64
				 " in front of the footer",
				 f->path, v->size_bytes, v->end_bytes);
	if (footer.type == HULL_VHD_DYNAMIC && read_header(v, footer.header_offset, e) < 0)
		return -1;
	out->format = footer.type == HULL_VHD_FIXED ? &fixed : &dynamic;
	out->size_bytes = v->size_bytes;
	out->state = hull_steal(v);
	return 0;
}
