// SPDX-License-Identifier: MIT
#include "text/guid.h"

#include <string.h>

#include "base/hash.h"
#include "base/str.h"

struct hull_guid hull_guid_derive(const char *seed, const char *label)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	struct hull_guid g;
	char hex[HULL_HEX];

	hull_hash_field(h, "seed", seed);
	hull_hash_field(h, "label", label);
	hull_hash_hex(h, hex);
	for (size_t i = 0; i < sizeof g.b; i++)
		g.b[i] =
			(uint8_t)(hull_hex_value(hex[2 * i]) * 16 + hull_hex_value(hex[2 * i + 1]));
	g.b[6] = (uint8_t)((g.b[6] & 0x0f) | 0x80);
	g.b[8] = (uint8_t)((g.b[8] & 0x3f) | 0x80);
	return g;
}

/* Whether a hyphen stands in front of byte i. */
static bool hyphen_before(size_t i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

bool hull_guid_parse(const char *text, struct hull_guid *out)
{
	struct hull_guid g;

	for (size_t i = 0; i < sizeof g.b; i++) {
		int high, low;

		if (hyphen_before(i) && *text++ != '-')
			return false;
		high = hull_hex_value(text[0]);
		low = high < 0 ? -1 : hull_hex_value(text[1]);
		if (low < 0)
			return false;
		g.b[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return false;
	*out = g;
	return true;
}

void hull_guid_text(const struct hull_guid *g, char out[HULL_GUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof g->b; i++) {
		if (hyphen_before(i))
			*out++ = '-';
		*out++ = digits[g->b[i] >> 4];
		*out++ = digits[g->b[i] & 15];
	}
	*out = '\0';
}

static void swap_fields(const uint8_t in[16], uint8_t out[16])
{
	static const uint8_t from[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	uint8_t copy[16];

	memcpy(copy, in, sizeof copy);
	for (size_t i = 0; i < sizeof copy; i++)
		out[i] = copy[from[i]];
}

void hull_guid_put_le(const struct hull_guid *g, uint8_t out[16])
{
	swap_fields(g->b, out);
}

void hull_guid_get_le(const uint8_t in[16], struct hull_guid *out)
{
	swap_fields(in, out->b);
}
