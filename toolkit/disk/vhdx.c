// SPDX-License-Identifier: MIT
#include "disk/container.h"

#include <string.h>

#include "base/bytes.h"
#include "disk/crc32c.h"
#include "disk/vhdxformat.h"

/* Section numbers are those of [MS-VHDX]. */

enum {
	MIB = HULL_VHDX_UNIT,
	SECTOR_BYTES = 512,
	PHYSICAL_SECTOR_BYTES = 4096,
	BLOCK_BYTES = 2 * MIB,
	BLOCK_MIB = 2,
	CHUNK_RATIO = HULL_VHDX_BITMAP_SECTORS / (BLOCK_BYTES / SECTOR_BYTES),
	LOG_MIB = 1, /* where the regions begin */
	METADATA_MIB = 2,
	BAT_MIB = 3,
};

/* The plan of the file, in MiB where it says so. */
struct vhdx_plan {
	const struct hull_layout *layout;
	uint64_t blocks, bat_entries, payload_mib;
};

static void put_guid(uint8_t *p, const char *text)
{
	struct hull_guid g;

	hull_assert(hull_guid_parse(text, &g));
	hull_guid_put_le(&g, p);
}

static void put_derived(uint8_t *p, const struct hull_container *c, const char *label)
{
	char id[HULL_GUID_TEXT];
	struct hull_guid g;

	hull_guid_text(&c->id, id);
	g = hull_guid_derive(id, label);
	hull_guid_put_le(&g, p);
}

static void put_utf16(uint8_t *p, const char *ascii)
{
	for (size_t i = 0; ascii[i]; i++)
		hull_put_le16(p + 2 * i, (uint8_t)ascii[i]);
}

static bool is_used(const struct hull_layout *l, uint64_t block)
{
	return !hull_layout_is_hole(l, block * BLOCK_BYTES, BLOCK_BYTES);
}

static struct vhdx_plan plan_of(const struct hull_layout *l)
{
	struct vhdx_plan p = {.layout = l};
	uint64_t bat_bytes;

	p.blocks = (l->size_bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
	/* 2.5: behind each full chunk that is followed by another one stands its bitmap's entry */
	p.bat_entries = p.blocks + (p.blocks - 1) / CHUNK_RATIO;
	bat_bytes = p.bat_entries * 8;
	p.payload_mib = BAT_MIB + (bat_bytes + MIB - 1) / MIB;
	return p;
}

/* 2.2.2. Both copies are valid; the second has the greater sequence number and is current. */
static void make_header(const struct hull_container *c, uint64_t sequence, uint8_t *out)
{
	hull_put_text(out, "head");
	hull_put_le64(out + 8, sequence);
	put_derived(out + 16, c, "vhdx file write");
	put_derived(out + 32, c, "vhdx data write");
	/* The log's GUID stays zero: there is nothing to replay. */
	hull_put_le16(out + 66, HULL_VHDX_VERSION);
	hull_put_le32(out + 68, MIB);
	hull_put_le64(out + 72, (uint64_t)LOG_MIB * MIB);
	hull_put_le32(out + HULL_VHDX_SUM, hull_crc32c(0, out, HULL_VHDX_HEADER_BYTES));
}

static void put_region(uint8_t *p, const char *guid, uint64_t offset_mib, uint64_t length_mib)
{
	put_guid(p, guid);
	hull_put_le64(p + 16, offset_mib * MIB);
	hull_put_le32(p + 24, hull_u32(length_mib * MIB));
	hull_put_le32(p + 28, HULL_VHDX_REGION_REQUIRED);
}

/* 2.2.3 */
static void make_region_table(const struct vhdx_plan *p, uint8_t *out)
{
	hull_put_text(out, "regi");
	hull_put_le32(out + 8, 2);
	put_region(out + HULL_VHDX_REGION_ENTRIES, HULL_VHDX_BAT, BAT_MIB,
		   p->payload_mib - BAT_MIB);
	put_region(out + HULL_VHDX_REGION_ENTRIES + HULL_VHDX_ENTRY_BYTES, HULL_VHDX_METADATA,
		   METADATA_MIB, BAT_MIB - METADATA_MIB);
	hull_put_le32(out + HULL_VHDX_SUM, hull_crc32c(0, out, HULL_VHDX_TABLE_BYTES));
}

/* 2.6.1.2. `at` is the index in the table; items stand behind the table, 16 bytes each. */
static uint8_t *put_item(uint8_t *region, size_t at, const char *guid, uint32_t length_bytes,
			 uint32_t flags)
{
	uint8_t *entry = region + HULL_VHDX_METADATA_ENTRIES + HULL_VHDX_ENTRY_BYTES * at;
	uint32_t offset = HULL_VHDX_TABLE_BYTES + 16 * (uint32_t)at;

	put_guid(entry, guid);
	hull_put_le32(entry + 16, offset);
	hull_put_le32(entry + 20, length_bytes);
	hull_put_le32(entry + 24, flags);
	return region + offset;
}

/* 2.6 */
static void make_metadata(const struct hull_layout *l, const struct hull_container *c, uint8_t *out)
{
	const uint32_t disk = HULL_VHDX_ITEM_OF_DISK | HULL_VHDX_ITEM_REQUIRED;
	uint8_t *item;

	hull_put_text(out, "metadata");
	hull_put_le16(out + 10, 5);
	item = put_item(out, 0, HULL_VHDX_FILE_PARAMETERS, 8, HULL_VHDX_ITEM_REQUIRED);
	hull_put_le32(item, BLOCK_BYTES);
	item = put_item(out, 1, HULL_VHDX_DISK_SIZE, 8, disk);
	hull_put_le64(item, l->size_bytes);
	item = put_item(out, 2, HULL_VHDX_LOGICAL_SECTOR, 4, disk);
	hull_put_le32(item, SECTOR_BYTES);
	item = put_item(out, 3, HULL_VHDX_PHYSICAL_SECTOR, 4, disk);
	hull_put_le32(item, PHYSICAL_SECTOR_BYTES);
	item = put_item(out, 4, HULL_VHDX_DISK_ID, 16, disk);
	put_derived(item, c, "vhdx page 83");
}

/* The file up to the BAT. */
static int write_front(const struct vhdx_plan *p, const struct hull_container *c,
		       struct hull_sink *out, struct hull_err *e)
{
	hull_autofree uint8_t *front = hull_alloc(BAT_MIB * MIB);

	hull_put_text(front, "vhdxfile");
	put_utf16(front + 8, "Hull");
	make_header(c, 1, front + HULL_VHDX_HEADER_1);
	make_header(c, 2, front + HULL_VHDX_HEADER_2);
	make_region_table(p, front + HULL_VHDX_REGIONS_1);
	make_region_table(p, front + HULL_VHDX_REGIONS_2);
	make_metadata(p->layout, c, front + METADATA_MIB * MIB);
	return hull_sink_write(out, front, BAT_MIB * MIB, e);
}

/* 2.5 */
static int write_bat(const struct vhdx_plan *p, struct hull_sink *out, struct hull_err *e)
{
	uint64_t at_mib = p->payload_mib, block = 0;

	for (uint64_t i = 0; i < p->bat_entries; i++) {
		bool is_bitmap = i % (CHUNK_RATIO + 1) == CHUNK_RATIO;
		uint64_t entry = HULL_VHDX_STATE_ZERO;
		uint8_t bytes[8];

		if (is_bitmap) {
			entry = 0;
		} else if (is_used(p->layout, block++)) {
			entry = at_mib << 20 | HULL_VHDX_STATE_FULL;
			at_mib += BLOCK_MIB;
		}
		hull_put_le64(bytes, entry);
		if (hull_sink_write(out, bytes, sizeof bytes, e) < 0)
			return -1;
	}
	return hull_sink_zeros(out, p->payload_mib * MIB - hull_sink_offset(out), e);
}

static int write_payload(const struct vhdx_plan *p, struct hull_sink *out, struct hull_err *e)
{
	struct hull_layout_reader r;
	int result = 0;

	hull_assert(hull_sink_offset(out) == p->payload_mib * MIB);
	hull_layout_reader_init(&r, p->layout);
	for (uint64_t i = 0; i < p->blocks && result == 0; i++)
		if (is_used(p->layout, i))
			result = hull_container_copy(&r, i * BLOCK_BYTES, BLOCK_BYTES, out, e);
	hull_layout_reader_fini(&r);
	return result;
}

int hull_vhdx_write(const struct hull_layout *l, const struct hull_container *c,
		    struct hull_sink *out, struct hull_err *e)
{
	struct vhdx_plan p;

	if (hull_container_check(l, "VHDX", SECTOR_BYTES, HULL_VHDX_MAX_DISK, e) < 0)
		return -1;
	p = plan_of(l);
	if (write_front(&p, c, out, e) < 0 || write_bat(&p, out, e) < 0)
		return -1;
	return write_payload(&p, out, e);
}
