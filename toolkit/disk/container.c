// SPDX-License-Identifier: MIT
#include "disk/container.h"

#include <inttypes.h>
#include <string.h>

#include "disk/diskformat.h"

enum { COPY_BYTES = 1 << 20 };

int hull_container_check(const struct hull_layout *l, const char *format, uint64_t unit_bytes,
			 uint64_t max_bytes, struct hull_err *e)
{
	if (!l->size_bytes)
		return hull_fail(e, HULL_FAILED, "%s: the disk has no size", format);
	if (l->size_bytes % unit_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: the disk of %" PRIu64 " bytes is no multiple of %" PRIu64
				 " bytes",
				 format, l->size_bytes, unit_bytes);
	if (l->size_bytes > max_bytes)
		return hull_fail(e, HULL_FAILED,
				 "%s: the disk of %" PRIu64
				 " bytes is larger than the format allows: %" PRIu64,
				 format, l->size_bytes, max_bytes);
	return 0;
}

/* Length of the hole at `offset_bytes`, looked for in steps, at most `max_bytes`. */
static uint64_t hole_at(const struct hull_layout *l, uint64_t offset_bytes, uint64_t max_bytes)
{
	uint64_t n = 0;

	while (n < max_bytes) {
		uint64_t step = max_bytes - n < COPY_BYTES ? max_bytes - n : COPY_BYTES;

		if (!hull_layout_is_hole(l, offset_bytes + n, step))
			break;
		n += step;
	}
	return n;
}

int hull_container_copy(struct hull_layout_reader *r, uint64_t offset_bytes, uint64_t length_bytes,
			struct hull_sink *out, struct hull_err *e)
{
	hull_autofree uint8_t *buffer = hull_realloc(NULL, COPY_BYTES);
	uint64_t size = r->layout->size_bytes;
	uint64_t beyond = 0;

	if (length_bytes > size - offset_bytes) {
		beyond = length_bytes - (size - offset_bytes);
		length_bytes -= beyond;
	}
	while (length_bytes) {
		uint64_t hole = hole_at(r->layout, offset_bytes, length_bytes);
		size_t n;

		if (hull_sink_zeros(out, hole, e) < 0)
			return -1;
		offset_bytes += hole;
		length_bytes -= hole;
		n = length_bytes < COPY_BYTES ? (size_t)length_bytes : COPY_BYTES;
		if (hull_layout_read(r, offset_bytes, buffer, n, e) < 0 ||
		    hull_sink_write(out, buffer, n, e) < 0)
			return -1;
		offset_bytes += n;
		length_bytes -= n;
	}
	return hull_sink_zeros(out, beyond, e);
}

/* --- what is not read --- */

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
