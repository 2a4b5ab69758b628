// SPDX-License-Identifier: MIT
#include "disk/detect.h"

#include <string.h>

const char *hull_disk_detect(struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes)
{
	static const struct {
		uint32_t at, n;
		const char *magic, *name;
	} known[] = {
		{1080, 2, "\x53\xef", "ext4"},
		{82, 5, "FAT32", "FAT"},
		{54, 4, "FAT1", "FAT"},
		{0, 4, "XFSB", "XFS"},
		{65600, 8, "_BHRfS_M", "btrfs"},
		{536, 8, "LVM2 001", "LVM2 physical volume"},
		{0, 6, "LUKS\xba\xbe", "LUKS encrypted volume"},
		{0, 4, "hsqs", "squashfs"},
		{1024, 4, "\xe2\xe1\xf5\xe0", "EROFS"},
		{1024, 4, "\x10\x20\xf5\xf2", "F2FS"},
		{3, 4, "NTFS", "NTFS"},
		{3, 5, "EXFAT", "exFAT"},
		{3, 8, "-FVE-FS-", "BitLocker volume"},
		{4086, 10, "SWAPSPACE2", "swap"},
		{4096, 4, "\xfc\x4e\x2b\xa9", "Linux RAID member"},
		{0, 4, "\xfc\x4e\x2b\xa9", "Linux RAID member"},
		{0, 8, "verity\0\0", "dm-verity hash tree"},
		{32769, 5, "CD001", "ISO 9660"},
	};
	uint8_t b[16];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].at + known[i].n <= length_bytes &&
		    hull_disk_read(d, offset_bytes + known[i].at, b, known[i].n, NULL) == 0 &&
		    !memcmp(b, known[i].magic, known[i].n))
			return known[i].name;
	return NULL;
}
