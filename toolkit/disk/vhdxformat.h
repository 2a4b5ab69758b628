// SPDX-License-Identifier: MIT
#pragma once

/* What [MS-VHDX] says of a file; the section numbers are its. */

enum {
	/* 2.2: copies of header and region table, 64 KiB apart; 2.2.2, 2.2.3 */
	HULL_VHDX_HEADER_1 = 64 << 10,
	HULL_VHDX_HEADER_2 = 128 << 10,
	HULL_VHDX_REGIONS_1 = 192 << 10,
	HULL_VHDX_REGIONS_2 = 256 << 10,
	HULL_VHDX_HEADER_BYTES = 4 << 10,
	HULL_VHDX_TABLE_BYTES = 64 << 10, /* region table and metadata table alike */
	HULL_VHDX_ENTRY_BYTES = 32,	  /* in both */
	HULL_VHDX_REGION_ENTRIES = 16,	  /* where they begin */
	HULL_VHDX_METADATA_ENTRIES = 32,
	HULL_VHDX_SUM = 4, /* where the checksum of header and region table is */
	HULL_VHDX_VERSION = 1,
	HULL_VHDX_REGION_REQUIRED = 1,
	/* 2.4.1.1: that one block of the sector bitmap covers */
	HULL_VHDX_BITMAP_SECTORS = 1 << 23,
	/* 2.5.1: states of a block; up to the third they have no data */
	HULL_VHDX_STATE_MASK = 7,
	HULL_VHDX_STATE_ZERO = 2,
	HULL_VHDX_STATE_UNMAPPED = 3,
	HULL_VHDX_STATE_FULL = 6,
	/* 2.6.1.2: flags of metadata items; without the first an item belongs to the file */
	HULL_VHDX_ITEM_OF_DISK = 2,
	HULL_VHDX_ITEM_REQUIRED = 4,
	/* 2.6.2.1: flag of the file parameters */
	HULL_VHDX_HAS_PARENT = 2,
};
#define HULL_VHDX_UNIT	   (1ull << 20) /* what regions and blocks are aligned to */
#define HULL_VHDX_MAX_DISK (64ull << 40)

/* 2.2.3.2 */
#define HULL_VHDX_BAT	   "2dc27766-f623-4200-9d64-115e9bfd4a08"
#define HULL_VHDX_METADATA "8b7ca206-4790-4b9a-b8fe-575f050f886e"

/* 2.6.2 */
#define HULL_VHDX_FILE_PARAMETERS "caa16737-fa36-4d43-b3b6-33f0aa44e76b"
#define HULL_VHDX_DISK_SIZE	  "2fa54224-cd1b-4876-b211-5dbed83bf4b8"
#define HULL_VHDX_DISK_ID	  "beca12ab-b2e6-4523-93ef-c309e000c746"
#define HULL_VHDX_LOGICAL_SECTOR  "8141bf1d-a96f-4709-ba47-f233a8faab5f"
#define HULL_VHDX_PHYSICAL_SECTOR "cda348c7-445d-4471-9cc9-e9885251c556"
#define HULL_VHDX_PARENT_LOCATOR  "a8d35f2d-b30b-454d-abf7-d3d84834ab0c"
