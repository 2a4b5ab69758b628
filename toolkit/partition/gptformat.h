// SPDX-License-Identifier: MIT
#pragma once

/* What the UEFI specification (2.10, section 5) says of a GUID partition table; all integers are
 * little-endian. */

enum {
	HULL_GPT_HEADER_BYTES = 92, /* at least: 5.3.2 */
	HULL_GPT_SUM = 16,	    /* where the header's checksum is */
	HULL_GPT_ENTRY_BYTES = 128, /* at least: 5.3.3 */
	HULL_GPT_NAME_UNITS = 36,   /* UTF-16, of a partition's name */
	HULL_MBR_ENTRY = 446,	    /* the first of four: 5.2.1 */
	HULL_MBR_ENTRY_BYTES = 16,
	HULL_MBR_SIGNATURE = 510,
	HULL_MBR_PROTECTIVE = 0xee, /* the type of an entry that says that there is a GPT */
};
#define HULL_GPT_SIGNATURE "EFI PART"
