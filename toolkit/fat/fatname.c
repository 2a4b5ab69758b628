// SPDX-License-Identifier: MIT
#include "fat/fatname.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "text/utf16.h"

enum { BASE = 8, EXTENSION = 3, PLAIN_TAILS = 4 };

static uint16_t upper(uint16_t u)
{
	return u >= 'a' && u <= 'z' ? (uint16_t)(u - 'a' + 'A') : u;
}

/* Whether an alias may have this character; 0 is none. */
static bool is_alias_char(uint16_t u)
{
	return (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') ||
	       (u && u < 0x80 && strchr("$%'-_@~`!(){}^#&", u));
}

/* Copies units into a field of an alias; false if they do not fit, or not as they are. */
static bool put_field(const uint16_t *units, size_t n, uint8_t *field, size_t room)
{
	bool lossless = true;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint16_t u = upper(units[i]);

		if (u == '.' || u == ' ') {
			lossless = false;
			continue;
		}
		if (at == room)
			return false;
		lossless = lossless && is_alias_char(u);
		field[at++] = is_alias_char(u) ? (uint8_t)u : '_';
	}
	return lossless;
}

static void make_alias(struct hull_fat_name *name)
{
	size_t start = 0, dot = name->n;
	bool base, extension = true;

	memset(name->alias, ' ', sizeof name->alias);
	while (start < name->n && (name->units[start] == '.' || name->units[start] == ' '))
		start++;
	for (size_t i = start; i < name->n; i++)
		if (name->units[i] == '.')
			dot = i;
	base = put_field(name->units + start, dot - start, name->alias, BASE);
	if (dot < name->n)
		extension = put_field(name->units + dot + 1, name->n - dot - 1, name->alias + BASE,
				      EXTENSION);
	name->lossless = base && extension && start == 0;
	name->exact = name->lossless;
	for (size_t i = 0; i < name->n; i++)
		name->exact = name->exact && upper(name->units[i]) == name->units[i];
}

int hull_fat_name_parse(const char *text, size_t length, struct hull_arena *a,
			struct hull_fat_name *out, struct hull_err *e)
{
	char *copy = hull_arena_strndup(a, text, length);
	uint16_t units[HULL_FAT_NAME_UNITS], *kept;
	int n = hull_utf16_from_utf8(copy, units, HULL_FAT_NAME_UNITS);

	if (n < 0)
		return hull_fail(e, HULL_FAILED,
				 "FAT: the name '%s' is no UTF-8, or longer than %d UTF-16 units",
				 copy, HULL_FAT_NAME_UNITS);
	if (n == 0)
		return hull_fail(e, HULL_FAILED, "FAT: an empty name");
	for (int i = 0; i < n; i++)
		if (units[i] < ' ' || (units[i] < 0x80 && strchr("\"*/:<>?\\|\x7f", units[i])))
			return hull_fail(e, HULL_FAILED,
					 "FAT: the name '%s' has a character that is not allowed",
					 copy);
	if (units[n - 1] == '.' || units[n - 1] == ' ')
		return hull_fail(e, HULL_FAILED, "FAT: the name '%s' ends in a dot or a space",
				 copy);
	kept = hull_arena_array(a, (size_t)n, sizeof *kept);
	memcpy(kept, units, (size_t)n * sizeof *kept);
	*out = (struct hull_fat_name){.units = kept, .n = (size_t)n};
	make_alias(out);
	return 0;
}

static uint32_t hash_units(const struct hull_fat_name *n)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < n->n; i++)
		h = (h ^ n->units[i]) * 16777619u;
	return h ^ h >> 16;
}

void hull_fat_name_tail(const struct hull_fat_name *n, unsigned int k, uint8_t out[HULL_FAT_ALIAS])
{
	char tail[BASE + 1];
	size_t length, base = 0;

	/* Names that begin alike would need ever more tries: after a few, a hash tells them apart.
	 */
	if (k <= PLAIN_TAILS)
		snprintf(tail, sizeof tail, "~%u", k);
	else
		snprintf(tail, sizeof tail, "%04X~%u",
			 (hash_units(n) + (k - PLAIN_TAILS - 1) / 9) & 0xffff,
			 (k - PLAIN_TAILS - 1) % 9 + 1);
	length = strlen(tail);
	memcpy(out, n->alias, HULL_FAT_ALIAS);
	while (base < BASE - length && out[base] != ' ')
		base++;
	memset(out + base, ' ', BASE - base);
	memcpy(out + base, tail, length);
}

size_t hull_fat_alias_text(const uint8_t alias[HULL_FAT_ALIAS], char out[HULL_FAT_ALIAS + 2])
{
	size_t base = BASE, extension = EXTENSION;

	while (base && alias[base - 1] == ' ')
		base--;
	while (extension && alias[BASE + extension - 1] == ' ')
		extension--;
	memcpy(out, alias, base);
	if (extension)
		out[base++] = '.';
	memcpy(out + base, alias + BASE, extension);
	out[base + extension] = '\0';
	return base + extension;
}

size_t hull_fat_name_long_entries(const struct hull_fat_name *n)
{
	return n->exact ? 0 : (n->n + HULL_FAT_LONG_UNITS - 1) / HULL_FAT_LONG_UNITS;
}

uint8_t hull_fat_alias_sum(const uint8_t alias[HULL_FAT_ALIAS])
{
	uint8_t sum = 0;

	for (int i = 0; i < HULL_FAT_ALIAS; i++)
		sum = (uint8_t)(((sum & 1) << 7) + (sum >> 1) + alias[i]);
	return sum;
}

size_t hull_fat_unit_offset(size_t i)
{
	return i < 5 ? 1 + 2 * i : i < 11 ? 14 + 2 * (i - 5) : 28 + 2 * (i - 11);
}

void hull_fat_name_put_long(const struct hull_fat_name *n, uint8_t *entries)
{
	size_t count = hull_fat_name_long_entries(n);
	uint8_t sum = hull_fat_alias_sum(n->alias);

	/* The end of the name comes first. */
	for (size_t k = count; k-- > 0; entries += HULL_FAT_ENTRY) {
		memset(entries, 0, HULL_FAT_ENTRY);
		entries[0] = hull_u8(k + 1 + (k + 1 == count ? HULL_FAT_LONG_LAST : 0));
		entries[11] = HULL_FAT_LONG_ATTRIBUTES;
		entries[13] = sum;
		for (size_t i = 0; i < HULL_FAT_LONG_UNITS; i++) {
			size_t at = k * HULL_FAT_LONG_UNITS + i;
			uint16_t padding = at == n->n ? 0 : 0xffff;

			hull_put_le16(entries + hull_fat_unit_offset(i),
				      at < n->n ? n->units[at] : padding);
		}
	}
}
