// SPDX-License-Identifier: MIT
#include "binary/bzimage.h"

#include <string.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
	/* the setup header */
	SETUP_SECTS = 0x1f1,
	BOOT_FLAG = 0x1fe,
	MAGIC = 0x202,
	VERSION = 0x206,
	PAYLOAD_OFFSET = 0x248,
	PAYLOAD_LENGTH = 0x24c,
	HEADER_END = 0x250,
	OLDEST_VERSION = 0x208,
	DEFAULT_SETUP_SECTS = 4,
	SECTOR = 512,
	WINDOW_LOG_MAX = 27, /* what the kernel itself can unpack */
	CHUNK = 1 << 20,
	MAX_UNPACKED = 512 << 20,
};

/* The compressed program; false if the image has none. */
static bool find_payload(const uint8_t *p, size_t n, const uint8_t **out, size_t *out_n)
{
	uint64_t sectors, offset, length;

	if (n < HEADER_END || hull_get_le16(p + BOOT_FLAG) != 0xaa55 ||
	    memcmp(p + MAGIC, "HdrS", 4) != 0 || hull_get_le16(p + VERSION) < OLDEST_VERSION)
		return false;
	sectors = p[SETUP_SECTS] ? p[SETUP_SECTS] : DEFAULT_SETUP_SECTS;
	offset = (sectors + 1) * SECTOR + hull_get_le32(p + PAYLOAD_OFFSET);
	length = hull_get_le32(p + PAYLOAD_LENGTH);
	if (offset > n || length > n - offset)
		return false;
	*out = p + offset;
	*out_n = (size_t)length;
	return true;
}

/* Frame by frame into `chunk`, which keeps the end of what was there before, so that nothing is missed
 * between two. */
static int search(ZSTD_DCtx *z, ZSTD_inBuffer *in, char *chunk, const void *bytes, size_t nbytes,
		  struct hull_err *e)
{
	size_t kept = 0, left = 1;
	uint64_t total = 0;

	while (left) {
		ZSTD_outBuffer out = {.dst = chunk, .size = CHUNK, .pos = kept};
		size_t before = in->pos;

		left = ZSTD_decompressStream(z, &out, in);
		if (ZSTD_isError(left))
			return hull_fail(e, HULL_FAILED, "the kernel's compressed part: %s",
					 ZSTD_getErrorName(left));
		if (memmem(chunk, out.pos, bytes, nbytes))
			return 1;
		if (left && in->pos == before && out.pos == kept)
			return hull_fail(e, HULL_FAILED, "the kernel's compressed part is cut off");
		total += out.pos - kept;
		if (total > MAX_UNPACKED)
			return hull_fail(e, HULL_FAILED,
					 "the kernel's compressed part has more than %d MiB in it",
					 MAX_UNPACKED >> 20);
		kept = out.pos < nbytes ? out.pos : nbytes - 1;
		memmove(chunk, chunk + out.pos - kept, kept);
	}
	return 0;
}

int hull_bzimage_contains(const void *image, size_t n, const void *bytes, size_t nbytes,
			  struct hull_err *e)
{
	static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
	hull_autofree char *chunk = NULL;
	const uint8_t *payload;
	ZSTD_inBuffer in = {0};
	ZSTD_DCtx *z;
	int r = -1;

	hull_assert(nbytes && nbytes < CHUNK / 2);
	if (memmem(image, n, bytes, nbytes))
		return 1;
	if (!find_payload(image, n, &payload, &in.size) || in.size < sizeof zstd ||
	    memcmp(payload, zstd, sizeof zstd) != 0)
		return 0;
	in.src = payload;
	chunk = hull_alloc(CHUNK);
	z = ZSTD_createDCtx();
	hull_assert(z);
	if (ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		hull_fail(e, HULL_FAILED, "zstd does not start");
	else
		r = search(z, &in, chunk, bytes, nbytes, e);
	ZSTD_freeDCtx(z);
	return r;
}
