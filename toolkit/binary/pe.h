// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* PE32+ programs ("PE Format", Microsoft), as far as sections go. */

enum {
	HULL_PE_SECTION_BYTES = 40, /* of a section header */
	HULL_PE_CODE = 0x60000020,  /* code, execute, read */
	HULL_PE_DATA = 0x40000040,  /* initialised data, read */
};

/* The headers of a program whose tables were found to lie inside it. Offsets in bytes. */
struct hull_pe {
	const uint8_t *p;
	size_t n;
	size_t coff, optional, sections; /* of the headers and of the section table */
	uint16_t nsections;
	uint32_t section_alignment, file_alignment, headers_bytes;
};

struct hull_pe_section {
	char name[9];
	uint32_t virtual_bytes, virtual_address, raw_bytes, raw_offset, characteristics;
};

HULL_CHECKED int hull_pe_open(const void *p, size_t n, struct hull_pe *out, struct hull_err *e);

/* Section i. Its raw bytes may lie outside of the file. */
struct hull_pe_section hull_pe_get(const struct hull_pe *pe, size_t i);

/* The bytes of a section ("." first) of a PE program; false if it has none or is malformed. */
HULL_CHECKED int hull_pe_section(const void *pe, size_t n, const char *name, const void **out,
				 size_t *out_n, struct hull_err *e);

/* The checksum of the optional header, for the bytes as they are but for the field itself. */
uint32_t hull_pe_checksum(const uint8_t *p, size_t n, size_t field);

/* Fields of the optional header, as offsets in it. */
enum {
	HULL_PE_SIZE_OF_CODE = 4,
	HULL_PE_SIZE_OF_DATA = 8,
	HULL_PE_SIZE_OF_IMAGE = 56,
	HULL_PE_SIZE_OF_HEADERS = 60,
	HULL_PE_CHECKSUM = 64,
	HULL_PE_SECURITY = 144, /* entry of the data directory: offset and size of signatures */
};
