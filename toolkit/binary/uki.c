// SPDX-License-Identifier: MIT
#include "binary/uki.h"

#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "binary/pe.h"

/* Sections start on pages even if the stub asks for less, for what the stub runs in place. */
enum { PAGE = 4096, MAX_ADDED = 5 };

struct added {
	const char *name;
	const void *p;
	size_t n;
	uint32_t characteristics;
};

/* Where the program ends in memory and what its headers may grow to. */
struct room {
	uint64_t memory_end;
	uint32_t headers_limit;
};

static uint64_t align(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static size_t list_sections(const struct hull_uki *u, struct added *out)
{
	size_t n = 0, line = strlen(u->command_line);

	while (line && u->command_line[line - 1] == '\n')
		line--;
	out[n++] = (struct added){".osrel", u->os_release, strlen(u->os_release), HULL_PE_DATA};
	out[n++] = (struct added){".cmdline", u->command_line, line, HULL_PE_DATA};
	if (u->uname)
		out[n++] = (struct added){".uname", u->uname, strlen(u->uname), HULL_PE_DATA};
	out[n++] = (struct added){".linux", u->kernel, u->kernel_bytes, HULL_PE_CODE};
	if (u->initrd)
		out[n++] = (struct added){".initrd", u->initrd, u->initrd_bytes, HULL_PE_DATA};
	return n;
}

static int measure(const struct hull_pe *pe, const struct added *added, size_t n, struct room *out,
		   struct hull_err *e)
{
	*out = (struct room){.headers_limit = UINT32_MAX};
	for (size_t i = 0; i < pe->nsections; i++) {
		struct hull_pe_section s = hull_pe_get(pe, i);
		uint64_t bytes = s.virtual_bytes > s.raw_bytes ? s.virtual_bytes : s.raw_bytes;

		if (s.raw_offset > pe->n || pe->n - s.raw_offset < s.raw_bytes)
			return hull_fail(e, HULL_FAILED, "section %s lies outside of the file",
					 s.name);
		for (size_t j = 0; j < n; j++)
			if (!strcmp(s.name, added[j].name))
				return hull_fail(e, HULL_FAILED, "it has a section %s already",
						 s.name);
		if (s.virtual_address + bytes > out->memory_end)
			out->memory_end = s.virtual_address + bytes;
		if (s.raw_bytes && s.raw_offset < out->headers_limit)
			out->headers_limit = s.raw_offset;
		if (s.virtual_address < out->headers_limit)
			out->headers_limit = s.virtual_address;
	}
	if (hull_get_le32(pe->p + pe->optional + HULL_PE_SECURITY + 4))
		return hull_fail(e, HULL_FAILED, "it is signed, which a change would break");
	return 0;
}

/* Makes the section table and SizeOfHeaders larger; what comes behind the table has to be unused.
 */
static int grow_headers(const struct hull_pe *pe, const struct room *room, size_t n, uint8_t *p,
			struct hull_err *e)
{
	size_t old = pe->sections + (size_t)pe->nsections * HULL_PE_SECTION_BYTES;
	size_t end = old + n * HULL_PE_SECTION_BYTES;
	uint64_t bytes = align(end, pe->file_alignment);

	if (bytes < pe->headers_bytes)
		bytes = pe->headers_bytes;
	if (end > pe->n || bytes > room->headers_limit)
		return hull_fail(e, HULL_FAILED, "no room for the headers of %zu more sections", n);
	for (size_t i = old; i < end; i++)
		if (pe->p[i])
			return hull_fail(e, HULL_FAILED,
					 "bytes after its section table are in use");
	hull_put_le16(p + pe->coff + 2, (uint16_t)(pe->nsections + n));
	hull_put_le32(p + pe->optional + HULL_PE_SIZE_OF_HEADERS, (uint32_t)bytes);
	return 0;
}

static void put_header(uint8_t *h, const struct added *a, uint64_t address, uint64_t raw_bytes,
		       uint64_t raw_offset)
{
	memcpy(h, a->name, strlen(a->name)); /* the rest of the 8 bytes is zero */
	hull_put_le32(h + 8, (uint32_t)a->n);
	hull_put_le32(h + 12, (uint32_t)address);
	hull_put_le32(h + 16, (uint32_t)raw_bytes);
	hull_put_le32(h + 20, (uint32_t)raw_offset);
	hull_put_le32(h + 36, a->characteristics);
}

static void add_to(uint8_t *field, uint64_t n)
{
	hull_put_le32(field, (uint32_t)(hull_get_le32(field) + n));
}

/* Appends zeros up to a size. */
static void pad(struct hull_buf *b, uint64_t size)
{
	static const char zeros[PAGE];

	while (b->n < size)
		hull_buf_add(b, zeros, size - b->n < PAGE ? (size_t)(size - b->n) : PAGE);
}

static int append(const struct hull_pe *pe, const struct added *added, size_t n,
		  struct hull_buf *out, struct hull_err *e)
{
	uint64_t step = pe->section_alignment > PAGE ? pe->section_alignment : PAGE;
	struct room room;
	uint8_t *p;

	if (measure(pe, added, n, &room, e) < 0 ||
	    grow_headers(pe, &room, n, (uint8_t *)out->p, e) < 0)
		return -1;
	pad(out, align(out->n, pe->file_alignment));
	for (size_t i = 0; i < n; i++) {
		uint64_t address = align(room.memory_end, step), offset = out->n;
		uint64_t raw_bytes = align(added[i].n, pe->file_alignment);

		if (address + raw_bytes > INT32_MAX || offset + raw_bytes > INT32_MAX)
			return hull_fail(e, HULL_FAILED, "%s: larger than 2 GiB", added[i].name);
		hull_buf_add(out, added[i].p, added[i].n);
		pad(out, offset + raw_bytes);
		p = (uint8_t *)out->p;
		put_header(p + pe->sections + (pe->nsections + i) * HULL_PE_SECTION_BYTES,
			   &added[i], address, raw_bytes, offset);
		add_to(p + pe->optional +
			       (added[i].characteristics == HULL_PE_CODE ? HULL_PE_SIZE_OF_CODE
									 : HULL_PE_SIZE_OF_DATA),
		       raw_bytes);
		room.memory_end = address + added[i].n;
	}
	p = (uint8_t *)out->p;
	hull_put_le32(p + pe->coff + 4, 0); /* TimeDateStamp */
	hull_put_le32(p + pe->optional + HULL_PE_SIZE_OF_IMAGE,
		      (uint32_t)align(room.memory_end, step));
	hull_put_le32(p + pe->optional + HULL_PE_CHECKSUM,
		      hull_pe_checksum(p, out->n, pe->optional + HULL_PE_CHECKSUM));
	return 0;
}

int hull_uki_make(const struct hull_uki *u, struct hull_buf *out, struct hull_err *e)
{
	struct added added[MAX_ADDED];
	struct hull_pe pe;
	size_t n;

	if (hull_pe_open(u->stub, u->stub_bytes, &pe, e) < 0)
		return hull_wrap(e, "EFI stub: ");
	if (u->kernel_bytes < 64 || memcmp(u->kernel, "MZ", 2) != 0)
		return hull_fail(e, HULL_FAILED,
				 "the kernel is no EFI program (built without CONFIG_EFI_STUB?)");
	n = list_sections(u, added);
	hull_buf_fini(out);
	hull_buf_add(out, u->stub, u->stub_bytes);
	if (append(&pe, added, n, out, e) < 0) {
		hull_buf_fini(out);
		return hull_wrap(e, "EFI stub: ");
	}
	return 0;
}

static const char *efi_arch(const char *arch)
{
	return !strcmp(arch, "aarch64") ? "aa64" : "x64";
}

const char *hull_boot_path(const char *arch)
{
	return !strcmp(arch, "aarch64") ? "EFI/BOOT/BOOTAA64.EFI" : "EFI/BOOT/BOOTX64.EFI";
}

char *hull_stub_path(const char *arch)
{
	return hull_asprintf("/usr/lib/systemd/boot/efi/linux%s.efi.stub", efi_arch(arch));
}
