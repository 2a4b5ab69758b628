// SPDX-License-Identifier: MIT
#include "binary/pe.h"

#include <string.h>

#include "base/bytes.h"

enum { OPTIONAL_BYTES = 240, PE32_PLUS = 0x20b, MAX_SECTIONS = 96 };

static int malformed(struct hull_err *e, const char *what)
{
	return hull_fail(e, HULL_FAILED, "not a PE32+ program: %s", what);
}

static bool is_power_of_2(uint32_t n)
{
	return n && !(n & (n - 1));
}

int hull_pe_open(const void *p, size_t n, struct hull_pe *out, struct hull_err *e)
{
	const uint8_t *b = p;
	size_t optional_bytes;

	*out = (struct hull_pe){.p = b, .n = n};
	if (n < 64 || memcmp(b, "MZ", 2) != 0)
		return malformed(e, "it does not start with MZ");
	out->coff = (size_t)hull_get_le32(b + 60) + 4;
	if (out->coff % 4 || out->coff > n || n - out->coff < 20 + OPTIONAL_BYTES ||
	    memcmp(b + out->coff - 4, "PE\0\0", 4) != 0)
		return malformed(e, "no PE header");
	out->optional = out->coff + 20;
	out->nsections = hull_get_le16(b + out->coff + 2);
	optional_bytes = hull_get_le16(b + out->coff + 16);
	if (optional_bytes < OPTIONAL_BYTES || hull_get_le16(b + out->optional) != PE32_PLUS)
		return malformed(e, "no 64-bit optional header");
	out->sections = out->optional + optional_bytes;
	if (out->nsections > MAX_SECTIONS || out->sections > n ||
	    (n - out->sections) / HULL_PE_SECTION_BYTES < out->nsections)
		return malformed(e, "its section table is cut off");
	out->section_alignment = hull_get_le32(b + out->optional + 32);
	out->file_alignment = hull_get_le32(b + out->optional + 36);
	out->headers_bytes = hull_get_le32(b + out->optional + HULL_PE_SIZE_OF_HEADERS);
	if (!is_power_of_2(out->section_alignment) || !is_power_of_2(out->file_alignment) ||
	    out->section_alignment > 1 << 21 || out->file_alignment > 1 << 16)
		return malformed(e, "its alignments are no powers of two");
	return 0;
}

struct hull_pe_section hull_pe_get(const struct hull_pe *pe, size_t i)
{
	const uint8_t *h = pe->p + pe->sections + i * HULL_PE_SECTION_BYTES;
	struct hull_pe_section s = {
		.virtual_bytes = hull_get_le32(h + 8),
		.virtual_address = hull_get_le32(h + 12),
		.raw_bytes = hull_get_le32(h + 16),
		.raw_offset = hull_get_le32(h + 20),
		.characteristics = hull_get_le32(h + 36),
	};

	memcpy(s.name, h, 8);
	return s;
}

uint32_t hull_pe_checksum(const uint8_t *p, size_t n, size_t field)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		if (i != field && i != field + 2)
			sum += hull_get_le16(p + i);
	if (n % 2)
		sum += p[n - 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)(sum + n);
}

int hull_pe_section(const void *pe, size_t n, const char *name, const void **out, size_t *out_n,
		    struct hull_err *e)
{
	struct hull_pe headers;

	if (hull_pe_open(pe, n, &headers, e) < 0)
		return -1;
	for (size_t i = 0; i < headers.nsections; i++) {
		struct hull_pe_section s = hull_pe_get(&headers, i);

		if (strcmp(s.name, name) != 0)
			continue;
		if (s.raw_offset > n || n - s.raw_offset < s.raw_bytes)
			return hull_fail(e, HULL_FAILED, "section %s lies outside of the file",
					 name);
		*out = headers.p + s.raw_offset;
		*out_n = s.virtual_bytes && s.virtual_bytes < s.raw_bytes ? s.virtual_bytes
									  : s.raw_bytes;
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "no section %s", name);
}
