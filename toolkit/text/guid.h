// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { HULL_GUID_TEXT = 37 }; /* size of "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" with its NUL */

/* A GUID or UUID, its bytes in the order of the text (RFC 9562 section 4). */
struct hull_guid {
	uint8_t b[16];
};

/*
 * The id of `label` in what `seed` identifies: the first 16 bytes of the SHA-256 of both, as a UUID
 * of version 8 (RFC 9562 section 5.8). Every id in an image is made so.
 */
struct hull_guid hull_guid_derive(const char *seed, const char *label);

bool hull_guid_parse(const char *text, struct hull_guid *out);
void hull_guid_text(const struct hull_guid *g, char out[HULL_GUID_TEXT]); /* lower case */

/* The mixed-endian form of GPT, VHDX and EFI: the first three fields little-endian. */
void hull_guid_put_le(const struct hull_guid *g, uint8_t out[16]);
void hull_guid_get_le(const uint8_t in[16], struct hull_guid *out);
