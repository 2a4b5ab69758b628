// SPDX-License-Identifier: MIT
#include "disk/container.h"

#include <string.h>

#include "base/bytes.h"
#include "disk/vhdformat.h"

enum {
	MIB = 1 << 20,
	BLOCK_BYTES = 2 << 20,
	BITMAP_BYTES = BLOCK_BYTES / HULL_VHD_SECTOR / 8,
	FEATURES_RESERVED = 2, /* a bit that is always set */
	VERSION = HULL_VHD_MAJOR_VERSION << 16,
	CREATOR_VERSION = 0x000a0000,
};
#define MAX_BYTES (2040ull << 30)
#define NOWHERE	  UINT64_MAX
#define EPOCH	  946684800 /* 2000-01-01, where the time stamp begins */

struct vhd_geometry {
	uint16_t cylinders;
	uint8_t heads, sectors;
};

/* "CHS Calculation", the appendix of the specification. */
static struct vhd_geometry geometry_of(uint64_t sectors)
{
	const uint64_t max = 65535ull * 16 * 255;
	uint64_t total = sectors < max ? sectors : max;
	uint64_t per_track, heads, tracks;

	if (total >= 65535ull * 16 * 63) {
		per_track = 255;
		heads = 16;
		tracks = total / per_track;
	} else {
		per_track = 17;
		tracks = total / per_track;
		heads = (tracks + 1023) / 1024;
		if (heads < 4)
			heads = 4;
		if (tracks >= heads * 1024 || heads > 16) {
			per_track = 31;
			heads = 16;
			tracks = total / per_track;
		}
		if (tracks >= heads * 1024) {
			per_track = 63;
			heads = 16;
			tracks = total / per_track;
		}
	}
	return (struct vhd_geometry){hull_u16(tracks / heads), hull_u8(heads), hull_u8(per_track)};
}

static struct hull_guid unique_id(const struct hull_container *c)
{
	char id[HULL_GUID_TEXT];

	hull_guid_text(&c->id, id);
	return hull_guid_derive(id, "vhd");
}

static uint32_t timestamp(int64_t time)
{
	if (time < EPOCH)
		return 0;
	return time - EPOCH < UINT32_MAX ? (uint32_t)(time - EPOCH) : UINT32_MAX;
}

/* "Hard Disk Footer Format" */
static void make_footer(const struct hull_layout *l, const struct hull_container *c, uint32_t type,
			uint8_t out[HULL_VHD_FOOTER_BYTES])
{
	struct vhd_geometry chs = geometry_of(l->size_bytes / HULL_VHD_SECTOR);
	struct hull_guid id = unique_id(c);

	memset(out, 0, HULL_VHD_FOOTER_BYTES);
	hull_put_text(out, HULL_VHD_FOOTER);
	hull_put_be32(out + 8, FEATURES_RESERVED);
	hull_put_be32(out + 12, VERSION);
	hull_put_be64(out + 16, type == HULL_VHD_FIXED ? NOWHERE : HULL_VHD_FOOTER_BYTES);
	hull_put_be32(out + 24, timestamp(c->time));
	/* Hyper-V's own name: with one it does not know, QEMU takes the geometry, which is rounded
	 * down, for the size. */
	hull_put_text(out + 28, "win ");
	hull_put_be32(out + 32, CREATOR_VERSION);
	hull_put_text(out + 36, "Wi2k");
	hull_put_be64(out + 40, l->size_bytes);
	hull_put_be64(out + 48, l->size_bytes);
	hull_put_be16(out + 56, chs.cylinders);
	out[58] = chs.heads;
	out[59] = chs.sectors;
	hull_put_be32(out + 60, type);
	memcpy(out + 68, id.b, sizeof id.b);
	hull_put_be32(out + HULL_VHD_FOOTER_SUM,
		      hull_vhd_checksum(out, HULL_VHD_FOOTER_BYTES, HULL_VHD_FOOTER_SUM));
}

int hull_vhd_write_fixed(const struct hull_layout *l, const struct hull_container *c,
			 struct hull_sink *out, struct hull_err *e)
{
	uint8_t footer[HULL_VHD_FOOTER_BYTES];

	if (hull_container_check(l, "VHD", MIB, MAX_BYTES, e) < 0 || hull_raw_write(l, out, e) < 0)
		return -1;
	make_footer(l, c, HULL_VHD_FIXED, footer);
	return hull_sink_write(out, footer, sizeof footer, e);
}

/* "Dynamic Disk Header Format" */
static void make_header(uint32_t blocks, uint8_t out[HULL_VHD_HEADER_BYTES])
{
	memset(out, 0, HULL_VHD_HEADER_BYTES);
	hull_put_text(out, HULL_VHD_HEADER);
	hull_put_be64(out + 8, NOWHERE);
	hull_put_be64(out + 16, HULL_VHD_FOOTER_BYTES + HULL_VHD_HEADER_BYTES);
	hull_put_be32(out + 24, VERSION);
	hull_put_be32(out + 28, blocks);
	hull_put_be32(out + 32, BLOCK_BYTES);
	hull_put_be32(out + HULL_VHD_HEADER_SUM,
		      hull_vhd_checksum(out, HULL_VHD_HEADER_BYTES, HULL_VHD_HEADER_SUM));
}

static bool is_used(const struct hull_layout *l, uint32_t block)
{
	return !hull_layout_is_hole(l, (uint64_t)block * BLOCK_BYTES, BLOCK_BYTES);
}

/* "Block Allocation Table": the sector at which each block's bitmap is. */
static int write_table(const struct hull_layout *l, uint32_t blocks, struct hull_sink *out,
		       struct hull_err *e)
{
	uint64_t begin = hull_sink_offset(out);
	uint64_t end = begin + (uint64_t)blocks * 4;
	uint32_t sector;

	end = (end + HULL_VHD_SECTOR - 1) / HULL_VHD_SECTOR * HULL_VHD_SECTOR;
	sector = hull_u32(end / HULL_VHD_SECTOR);
	for (uint64_t i = 0; i < (end - begin) / 4; i++) {
		uint8_t entry[4];

		hull_put_be32(entry, HULL_VHD_NO_BLOCK);
		if (i < blocks && is_used(l, (uint32_t)i)) {
			hull_put_be32(entry, sector);
			sector += (BITMAP_BYTES + BLOCK_BYTES) / HULL_VHD_SECTOR;
		}
		if (hull_sink_write(out, entry, sizeof entry, e) < 0)
			return -1;
	}
	return 0;
}

static int write_blocks(const struct hull_layout *l, uint32_t blocks, struct hull_sink *out,
			struct hull_err *e)
{
	uint8_t bitmap[BITMAP_BYTES];
	struct hull_layout_reader r;
	int result = 0;

	memset(bitmap, 0xff, sizeof bitmap);
	hull_layout_reader_init(&r, l);
	for (uint32_t i = 0; i < blocks && result == 0; i++) {
		if (!is_used(l, i))
			continue;
		result = hull_sink_write(out, bitmap, sizeof bitmap, e);
		if (result == 0)
			result = hull_container_copy(&r, (uint64_t)i * BLOCK_BYTES, BLOCK_BYTES,
						     out, e);
	}
	hull_layout_reader_fini(&r);
	return result;
}

int hull_vhd_write_dynamic(const struct hull_layout *l, const struct hull_container *c,
			   struct hull_sink *out, struct hull_err *e)
{
	uint8_t footer[HULL_VHD_FOOTER_BYTES], header[HULL_VHD_HEADER_BYTES];
	uint32_t blocks;

	if (hull_container_check(l, "VHD", MIB, MAX_BYTES, e) < 0)
		return -1;
	blocks = hull_u32((l->size_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
	make_footer(l, c, HULL_VHD_DYNAMIC, footer);
	make_header(blocks, header);
	if (hull_sink_write(out, footer, sizeof footer, e) < 0 ||
	    hull_sink_write(out, header, sizeof header, e) < 0 ||
	    write_table(l, blocks, out, e) < 0 || write_blocks(l, blocks, out, e) < 0)
		return -1;
	return hull_sink_write(out, footer, sizeof footer, e);
}
