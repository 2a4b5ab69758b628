// SPDX-License-Identifier: MIT
#include "readfs/driver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Pieces of the disk for opening, and for a piece of a file. */
enum { OPEN_PATIENCE = 1 << 20, READ_PATIENCE = 1 << 16 };

static const struct readfs_driver *const drivers[] = {&hull_readfs_squashfs, &hull_readfs_erofs,
						      &hull_readfs_xfs};

static const struct readfs_driver *find(const char *content)
{
	for (size_t i = 0; content && i < sizeof drivers / sizeof *drivers; i++)
		if (!strcmp(drivers[i]->content, content))
			return drivers[i];
	return NULL;
}

bool hull_readfs_knows(const char *content)
{
	return find(content) != NULL;
}

int hull_readfs_bad(const struct hull_readfs *f, struct hull_err *e, const char *fmt, ...)
{
	hull_autobuf struct hull_buf cause = {0};
	va_list ap;

	va_start(ap, fmt);
	hull_buf_vshow(&cause, fmt, ap);
	va_end(ap);
	return hull_fail(e, HULL_FAILED, "%s: %s at byte %" PRIu64 ": %s", hull_disk_path(f->disk),
			 f->driver->content, f->offset_bytes, cause.p);
}

int hull_readfs_at(struct hull_readfs *f, uint64_t at, void *out, size_t n, const char *what,
		   struct hull_err *e)
{
	if (--f->patience < 0)
		return hull_readfs_bad(f, e, "%s: more is read than it can have", what);
	if (at > f->length_bytes || n > f->length_bytes - at)
		return hull_readfs_bad(
			f, e, "%s: %zu bytes at %" PRIu64 " reach beyond its end at %" PRIu64, what,
			n, at, f->length_bytes);
	return hull_disk_read(f->disk, f->offset_bytes + at, out, n, e);
}

static int read_file(void *context, uint64_t inode, uint64_t offset_bytes, void *out, size_t n,
		     struct hull_err *e)
{
	struct hull_readfs *f = context;
	int r;

	pthread_mutex_lock(&f->mutex);
	f->patience = READ_PATIENCE;
	r = f->driver->read(f, inode, offset_bytes, out, n, e);
	pthread_mutex_unlock(&f->mutex);
	return r;
}

struct hull_readfs *hull_readfs_open(struct hull_disk *d, const char *content,
				     uint64_t offset_bytes, uint64_t length_bytes,
				     struct hull_err *e)
{
	struct hull_readfs *f = hull_alloc(sizeof *f);

	*f = (struct hull_readfs){.driver = find(content),
				  .disk = d,
				  .offset_bytes = offset_bytes,
				  .length_bytes = length_bytes,
				  .source = {.read = read_file, .context = f},
				  .label = "",
				  .patience = OPEN_PATIENCE};
	hull_assert(f->driver);
	pthread_mutex_init(&f->mutex, NULL);
	if (f->driver->open(f, e) == 0)
		return f;
	hull_readfs_free(f);
	return NULL;
}

void hull_readfs_free(struct hull_readfs *f)
{
	if (!f)
		return;
	f->driver->close(f);
	pthread_mutex_destroy(&f->mutex);
	hull_arena_fini(&f->arena);
	free(f);
}

const char *hull_readfs_label(const struct hull_readfs *f)
{
	return f->label;
}

struct hull_guid hull_readfs_uuid(const struct hull_readfs *f)
{
	return f->uuid;
}

const char *hull_readfs_note(const struct hull_readfs *f)
{
	return f->note;
}
