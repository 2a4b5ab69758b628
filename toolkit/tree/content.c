// SPDX-License-Identifier: MIT
#include "tree/content.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

int hull_content_read_fd(int fd, const struct hull_content *c, uint64_t offset_bytes, void *out,
			 size_t n, struct hull_err *e)
{
	uint64_t from = c->offset_bytes + offset_bytes;
	uint8_t *to = out;

	while (n) {
		ssize_t got = pread(fd, to, n, (off_t)from);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hull_fail_errno(e, "%s: read", c->path);
		if (got == 0)
			return hull_fail(e, HULL_FAILED,
					 "%s: the file ends at byte %" PRIu64 ", not at %" PRIu64,
					 c->path, from, from + n);
		to += got;
		from += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

int hull_content_read(const struct hull_content *c, uint64_t offset_bytes, void *out, size_t n,
		      struct hull_err *e)
{
	hull_autofd int fd = -1;

	if (!n)
		return 0;
	if (c->memory) {
		memcpy(out, (const uint8_t *)c->memory + c->offset_bytes + offset_bytes, n);
		return 0;
	}
	if (c->source)
		return c->source->read(c->source->context, c->id, c->offset_bytes + offset_bytes,
				       out, n, e);
	fd = hull_open(c->dirfd, c->path, e);
	return fd < 0 ? -1 : hull_content_read_fd(fd, c, offset_bytes, out, n, e);
}
