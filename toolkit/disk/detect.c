// SPDX-License-Identifier: MIT
#include "disk/detect.h"

#include <string.h>

#include "disk/diskformat.h"

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

#define CONVERT " is not read; 'qemu-img convert -O qcow2' makes a disk that is"
#define UNPACK	" is not read: unpack it, or pack it with zstd, xz or gzip"

const char *hull_disk_foreign(const struct hull_disk_file *f)
{
	static const struct {
		uint32_t at, n;
		const char *magic, *reason;
	} known[] = {
		{0, 4, "KDMV", "VMDK (VMware)" CONVERT},
		{0, 4, "COWD", "VMDK (VMware, of an older kind)" CONVERT},
		{0, 21, "# Disk DescriptorFile", "the description of a VMDK (VMware)" CONVERT},
		{64, 4, "\x7f\x10\xda\xbe", "VDI (VirtualBox)" CONVERT},
		{0, 4, "QED", "QED (QEMU)" CONVERT},
		{0, 16, "WithoutFreeSpace", "a disk of Parallels" CONVERT},
		{0, 16, "WithouFreSpacExt", "a disk of Parallels" CONVERT},
		{0, 3, "BZh", "what bzip2 has packed" UNPACK},
		{0, 4, "\x04\x22\x4d\x18", "what LZ4 has packed" UNPACK},
		{0, 4, "\x89LZO", "what lzop has packed" UNPACK},
		{0, 4, "LZIP", "what lzip has packed" UNPACK},
		{0, 4, "PK\x03\x04", "a ZIP archive" UNPACK},
		{0, 6, "7z\xbc\xaf\x27\x1c", "a 7z archive" UNPACK},
		{0, 6, "070701", "a cpio archive (an initramfs)" UNPACK},
		{0, 4, "\xed\xab\xee\xdb", "a package (RPM) is no image"},
		{0, 2, "MZ", "a program for UEFI or Windows (a kernel image?) is no disk"},
	};
	uint8_t b[32];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].at + known[i].n <= f->size_bytes &&
		    hull_disk_file_read(f, known[i].at, b, known[i].n, "its beginning", NULL) ==
			    0 &&
		    !memcmp(b, known[i].magic, known[i].n))
			return known[i].reason;
	return NULL;
}
