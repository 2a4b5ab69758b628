// SPDX-License-Identifier: MIT
#include "tree/content.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

int hull_content_read_fd(int fd, const struct hull_content *c, uint64_t offset_bytes, void *out,
			 size_t n, struct hull_err *e)
{
	uint64_t from = c->offset_bytes + offset_bytes;
	ssize_t got = hull_fd_read_at(fd, from, out, n);

	if (got < 0)
		return hull_fail_errno(e, "%s: read", c->path);
	if ((size_t)got < n)
		return hull_fail(e, HULL_FAILED,
				 "%s: the file ends at byte %" PRIu64 ", not at %" PRIu64, c->path,
				 from + (uint64_t)got, from + n);
	return 0;
}

static int read_open(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
		     struct hull_err *e)
{
	const struct hull_content c = {.path = "an added file"};

	(void)context;
	return hull_content_read_fd((int)id, &c, offset_bytes, out, n, e);
}

const struct hull_content_source hull_content_open = {.read = read_open};

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

int hull_content_check(const struct hull_content *c, struct hull_err *e)
{
	char hex[HULL_HEX];

	if (c->memory || c->source || !c->sha256)
		return 0;
	if (hull_hash_file(c->dirfd, c->path, hex, NULL, e) < 0)
		return -1;
	if (strcmp(hex, c->sha256) != 0)
		return hull_fail(e, HULL_FAILED, "%s: has SHA-256 %s instead of %s", c->path, hex,
				 c->sha256);
	return 0;
}
