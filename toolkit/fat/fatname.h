// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* Names in FAT directories: a long one in UTF-16, and an alias of 8 and 3 characters. */

enum {
	HULL_FAT_ENTRY = 32,	   /* bytes of a directory's entry */
	HULL_FAT_ALIAS = 11,	   /* bytes of an alias, padded with spaces, without the dot */
	HULL_FAT_NAME_UNITS = 255, /* of a long name */
	HULL_FAT_LONG_UNITS = 13,  /* that one entry of a long name holds */
	HULL_FAT_LONG_ATTRIBUTES = 0x0f,
	HULL_FAT_LONG_LAST = 0x40 /* in the ordinal of the entry with the end of the name */
};

struct hull_fat_name {
	const uint16_t *units;
	size_t n;
	uint8_t alias[HULL_FAT_ALIAS]; /* what it begins with; hull_fat_name_tail gives others */
	bool lossless;		       /* the alias is the name in upper case */
	bool exact;		       /* the alias is the name: there are no long entries */
};

/* An error that names the text if FAT cannot have such a name. */
HULL_CHECKED int hull_fat_name_parse(const char *text, size_t length, struct hull_arena *a,
				     struct hull_fat_name *out, struct hull_err *e);

/* The alias of the k-th try, from 1: "LOADER~1.CON". */
void hull_fat_name_tail(const struct hull_fat_name *n, unsigned int k, uint8_t out[HULL_FAT_ALIAS]);

/* The alias as a name with its dot. */
size_t hull_fat_alias_text(const uint8_t alias[HULL_FAT_ALIAS], char out[HULL_FAT_ALIAS + 2]);

/* Entries in front of the one with the alias. */
size_t hull_fat_name_long_entries(const struct hull_fat_name *n);
void hull_fat_name_put_long(const struct hull_fat_name *n, uint8_t *entries);

/* The checksum that ties long entries to an alias. */
uint8_t hull_fat_alias_sum(const uint8_t alias[HULL_FAT_ALIAS]);

/* Byte of the i-th unit in a long entry. */
size_t hull_fat_unit_offset(size_t i);
