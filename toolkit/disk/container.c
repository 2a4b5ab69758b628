// SPDX-License-Identifier: MIT
#include "disk/container.h"

#include <inttypes.h>

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
