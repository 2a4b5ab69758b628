// SPDX-License-Identifier: MIT
#include "partition/gpt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "partition/gptformat.h"
#include "text/utf16.h"

enum {
	TABLE_BYTES = HULL_GPT_MAX_PARTITIONS * HULL_GPT_ENTRY_BYTES,
	TABLE_SECTORS = TABLE_BYTES / HULL_SECTOR,
	REVISION_1_0 = 0x00010000,
};

bool hull_gpt_type(const char *name, const char *arch, struct hull_guid *out)
{
	static const struct {
		const char *name, *arch, *type;
	} types[] = {
		{"esp", NULL, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"},
		{"xbootldr", NULL, "bc13c2ff-59e6-4262-a352-b275fd6f7172"},
		{"linux-generic", NULL, "0fc63daf-8483-4772-8e79-3d69d8477de4"},
		{"swap", NULL, "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"},
		{"home", NULL, "933ac7e1-2eb4-4f13-b844-0e14e2aef915"},
		{"srv", NULL, "3b8f8425-20e0-4f3b-907f-1a25a76f98e8"},
		{"var", NULL, "4d21b016-b534-45c2-a9fb-5c16e091fd2d"},
		{"tmp", NULL, "7ec6f557-3bc5-4aca-b293-16ef5df639d1"},
		{"root", "x86_64", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"},
		{"root", "aarch64", "b921b045-1df0-41c3-af44-4c6f280d3fae"},
		{"root-verity", "x86_64", "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5"},
		{"root-verity", "aarch64", "df3300ce-d69f-4c92-978c-9bfb0f38d820"},
		{"usr", "x86_64", "8484680c-9521-48c6-9c11-b0720656f69e"},
		{"usr", "aarch64", "b0e01050-ee5f-4390-949a-9101b17104e9"},
		{"usr-verity", "x86_64", "77ff5f63-e7b6-4633-acf4-1565b864c0e6"},
		{"usr-verity", "aarch64", "6e11a4e7-fbca-4ded-b9e9-e1a512bb664e"},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].name, name) &&
		    (!types[i].arch || (arch && !strcmp(types[i].arch, arch))))
			return hull_guid_parse(types[i].type, out);
	return false;
}

static bool is_zero(const struct hull_guid *g)
{
	static const struct hull_guid zero;

	return !memcmp(g, &zero, sizeof zero);
}

static int check_one(const struct hull_gpt_partition *p, size_t number, uint64_t last_usable,
		     struct hull_err *e)
{
	if (p->first_lba > p->last_lba)
		return hull_fail(e, HULL_FAILED,
				 "GPT: partition %zu (%s) ends at sector %" PRIu64
				 ", before it begins at %" PRIu64,
				 number, p->name, p->last_lba, p->first_lba);
	if (p->first_lba < HULL_GPT_FIRST_LBA || p->last_lba > last_usable)
		return hull_fail(e, HULL_FAILED,
				 "GPT: partition %zu (%s), sectors %" PRIu64 " to %" PRIu64
				 ", lies outside the usable sectors %d to %" PRIu64,
				 number, p->name, p->first_lba, p->last_lba, HULL_GPT_FIRST_LBA,
				 last_usable);
	if (is_zero(&p->type) || is_zero(&p->id))
		return hull_fail(e, HULL_FAILED, "GPT: partition %zu (%s) has no %s", number,
				 p->name, is_zero(&p->type) ? "type" : "id");
	return 0;
}

static int check_pair(const struct hull_gpt_partition *p, size_t i, size_t j, struct hull_err *e)
{
	char id[HULL_GUID_TEXT];

	if (p[i].first_lba <= p[j].last_lba && p[j].first_lba <= p[i].last_lba)
		return hull_fail(e, HULL_FAILED,
				 "GPT: partition %zu (%s), sectors %" PRIu64 " to %" PRIu64
				 ", and partition %zu (%s), sectors %" PRIu64 " to %" PRIu64
				 ", overlap",
				 i + 1, p[i].name, p[i].first_lba, p[i].last_lba, j + 1, p[j].name,
				 p[j].first_lba, p[j].last_lba);
	if (!memcmp(&p[i].id, &p[j].id, sizeof p[i].id)) {
		hull_guid_text(&p[i].id, id);
		return hull_fail(e, HULL_FAILED,
				 "GPT: partition %zu (%s) and partition %zu (%s) share the id %s",
				 i + 1, p[i].name, j + 1, p[j].name, id);
	}
	return 0;
}

static int check(const struct hull_layout *l, const struct hull_gpt_partition *p, size_t n,
		 struct hull_err *e)
{
	uint64_t sectors = l->size_bytes / HULL_SECTOR;

	if (l->size_bytes % HULL_SECTOR || sectors <= HULL_GPT_FIRST_LBA + HULL_GPT_RESERVED_END)
		return hull_fail(e, HULL_FAILED,
				 "GPT: a disk of %" PRIu64
				 " bytes: it has to be whole sectors of %d, at least %d of them",
				 l->size_bytes, HULL_SECTOR,
				 HULL_GPT_FIRST_LBA + HULL_GPT_RESERVED_END + 1);
	if (n > HULL_GPT_MAX_PARTITIONS)
		return hull_fail(e, HULL_FAILED, "GPT: %zu partitions; the table holds %d", n,
				 HULL_GPT_MAX_PARTITIONS);
	for (size_t i = 0; i < n; i++) {
		if (check_one(&p[i], i + 1, sectors - HULL_GPT_RESERVED_END - 1, e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (check_pair(p, j, i, e) < 0)
				return -1;
	}
	return 0;
}

static int put_entry(uint8_t *to, const struct hull_gpt_partition *p, size_t number,
		     struct hull_err *e)
{
	uint16_t name[HULL_GPT_NAME_UNITS];
	int units = hull_utf16_from_utf8(p->name, name, HULL_GPT_NAME_UNITS);

	if (units < 0)
		return hull_fail(e, HULL_FAILED,
				 "GPT: partition %zu: the name '%s' is no UTF-8, or longer than %d "
				 "UTF-16 units",
				 number, p->name, HULL_GPT_NAME_UNITS);
	hull_guid_put_le(&p->type, to);
	hull_guid_put_le(&p->id, to + 16);
	hull_put_le64(to + 32, p->first_lba);
	hull_put_le64(to + 40, p->last_lba);
	hull_put_le64(to + 48, p->attributes);
	for (int i = 0; i < units; i++)
		hull_put_le16(to + 56 + 2 * i, name[i]);
	return 0;
}

/* UEFI specification 2.10, section 5.2.3. */
static void add_protective_mbr(struct hull_layout *l, uint64_t sectors)
{
	uint8_t mbr[HULL_SECTOR] = {0}, *entry = mbr + HULL_MBR_ENTRY;

	entry[2] = 2; /* cylinder 0, head 0, sector 2 */
	entry[4] = HULL_MBR_PROTECTIVE;
	memset(entry + 5, 0xff, 3);
	hull_put_le32(entry + 8, 1);
	hull_put_le32(entry + 12, sectors - 1 < UINT32_MAX ? (uint32_t)(sectors - 1) : UINT32_MAX);
	hull_put_le16(mbr + HULL_MBR_SIGNATURE, 0xaa55);
	hull_layout_add_bytes(l, 0, mbr, sizeof mbr);
}

struct gpt_header {
	uint64_t my_lba, other_lba, table_lba;
	uint64_t sectors; /* of the disk */
	const struct hull_guid *disk;
	uint32_t table_crc;
};

static void add_header(struct hull_layout *l, const struct gpt_header *h)
{
	uint8_t b[HULL_GPT_HEADER_BYTES] = HULL_GPT_SIGNATURE;

	hull_put_le32(b + 8, REVISION_1_0);
	hull_put_le32(b + 12, HULL_GPT_HEADER_BYTES);
	hull_put_le64(b + 24, h->my_lba);
	hull_put_le64(b + 32, h->other_lba);
	hull_put_le64(b + 40, HULL_GPT_FIRST_LBA);
	hull_put_le64(b + 48, h->sectors - HULL_GPT_RESERVED_END - 1);
	hull_guid_put_le(h->disk, b + 56);
	hull_put_le64(b + 72, h->table_lba);
	hull_put_le32(b + 80, HULL_GPT_MAX_PARTITIONS);
	hull_put_le32(b + 84, HULL_GPT_ENTRY_BYTES);
	hull_put_le32(b + 88, h->table_crc);
	hull_put_le32(b + HULL_GPT_SUM, (uint32_t)crc32(0, b, sizeof b));
	hull_layout_add_bytes(l, h->my_lba * HULL_SECTOR, b, sizeof b);
}

int hull_gpt_add(struct hull_layout *l, const struct hull_guid *disk,
		 const struct hull_gpt_partition *partitions, size_t n, struct hull_err *e)
{
	hull_autofree uint8_t *table = hull_alloc(TABLE_BYTES);
	uint64_t sectors = l->size_bytes / HULL_SECTOR;
	struct gpt_header primary = {.my_lba = 1,
				     .other_lba = sectors - 1,
				     .table_lba = 2,
				     .sectors = sectors,
				     .disk = disk};
	struct gpt_header backup;

	if (check(l, partitions, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_entry(table + i * HULL_GPT_ENTRY_BYTES, &partitions[i], i + 1, e) < 0)
			return -1;
	primary.table_crc = (uint32_t)crc32(0, table, TABLE_BYTES);
	backup = primary;
	backup.my_lba = sectors - 1;
	backup.other_lba = 1;
	backup.table_lba = sectors - 1 - TABLE_SECTORS;
	add_protective_mbr(l, sectors);
	add_header(l, &primary);
	add_header(l, &backup);
	hull_layout_add_bytes(l, primary.table_lba * HULL_SECTOR, table, n * HULL_GPT_ENTRY_BYTES);
	hull_layout_add_bytes(l, backup.table_lba * HULL_SECTOR, table, n * HULL_GPT_ENTRY_BYTES);
	return 0;
}
