// SPDX-License-Identifier: MIT
#include "disk/disk.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "disk/diskformat.h"

enum { SECTOR = 512 };

struct hull_disk {
	struct hull_disk_file file;
	char *path;
	struct hull_disk_opened opened;
	pthread_mutex_t mutex; /* of the state of the format */
};

int hull_disk_file_has(const struct hull_disk_file *f, uint64_t offset_bytes, uint64_t length_bytes,
		       const char *what, struct hull_err *e)
{
	if (offset_bytes <= f->size_bytes && length_bytes <= f->size_bytes - offset_bytes)
		return 0;
	return hull_fail(e, HULL_FAILED,
			 "%s: truncated: %s at byte %" PRIu64 " (%" PRIu64
			 " bytes) reaches beyond the end of the file at %" PRIu64,
			 f->path, what, offset_bytes, length_bytes, f->size_bytes);
}

int hull_disk_file_read(const struct hull_disk_file *f, uint64_t offset_bytes, void *out, size_t n,
			const char *what, struct hull_err *e)
{
	ssize_t got;

	if (hull_disk_file_has(f, offset_bytes, n, what, e) < 0)
		return -1;
	got = hull_fd_read_at(f->fd, offset_bytes, out, n);
	if (got < 0)
		return hull_fail_errno(e, "%s: read %s at byte %" PRIu64, f->path, what,
				       offset_bytes);
	if ((size_t)got < n)
		return hull_fail(e, HULL_FAILED,
				 "%s: became shorter while it was read, at byte %" PRIu64, f->path,
				 offset_bytes + (uint64_t)got);
	return 0;
}

const uint8_t *hull_disk_window_get(struct hull_disk_window *w, const struct hull_disk_file *f,
				    uint64_t offset_bytes, size_t n, size_t *out_n,
				    const char *what, struct hull_err *e)
{
	size_t skip;

	hull_assert(n <= sizeof w->b);
	if (hull_disk_file_has(f, offset_bytes, n, what, e) < 0)
		return NULL;
	if (offset_bytes < w->offset_bytes || offset_bytes + n > w->offset_bytes + w->n) {
		uint64_t left = f->size_bytes - offset_bytes;
		size_t load = left < sizeof w->b ? (size_t)left : sizeof w->b;

		w->n = 0;
		if (hull_disk_file_read(f, offset_bytes, w->b, load, what, e) < 0)
			return NULL;
		w->offset_bytes = offset_bytes;
		w->n = load;
	}
	skip = (size_t)(offset_bytes - w->offset_bytes);
	if (out_n)
		*out_n = w->n - skip;
	return w->b + skip;
}

/* Holes of the file are holes of the disk, where the file system tells them. */
void hull_disk_file_run(const struct hull_disk_file *f, uint64_t offset_bytes,
			uint64_t length_bytes, struct hull_disk_run *out)
{
	off_t data = lseek(f->fd, (off_t)offset_bytes, SEEK_DATA), end;

	*out = (struct hull_disk_run){.length_bytes = length_bytes, .file_offset = offset_bytes};
	if (data < 0) {
		out->hole = errno == ENXIO;
		return;
	}
	out->hole = (uint64_t)data > offset_bytes;
	end = out->hole ? data : lseek(f->fd, data, SEEK_HOLE);
	if (end > (off_t)offset_bytes && (uint64_t)end - offset_bytes < length_bytes)
		out->length_bytes = (uint64_t)end - offset_bytes;
}

static int map_raw(void *state, uint64_t offset_bytes, struct hull_disk_run *out,
		   struct hull_err *e)
{
	const struct hull_disk_file *f = state;

	(void)e;
	hull_disk_file_run(f, offset_bytes, f->size_bytes - offset_bytes, out);
	return 0;
}

static int open_raw(const struct hull_disk_file *f, struct hull_disk_opened *out,
		    struct hull_err *e)
{
	static const struct hull_disk_format format = {"raw", map_raw};
	struct hull_disk_file *copy;

	if (f->size_bytes % SECTOR)
		return hull_fail(e, HULL_FAILED,
				 "%s: no disk image that is known, and %" PRIu64
				 " bytes are no raw disk of whole sectors of %d",
				 f->path, f->size_bytes, SECTOR);
	copy = hull_alloc(sizeof *copy);
	*copy = *f;
	*out = (struct hull_disk_opened){&format, f->size_bytes, copy, NULL};
	return 0;
}

static int open_file(struct hull_disk_file *f, struct hull_err *e)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return hull_fail_errno(e, "%s", f->path);
	if (!S_ISREG(st.st_mode))
		return hull_fail(e, HULL_FAILED, "%s: not a regular file", f->path);
	f->size_bytes = (uint64_t)st.st_size;
	return 0;
}

static void read_magic(const struct hull_disk_file *f, uint8_t magic[8])
{
	memset(magic, 0, 8);
	if (f->size_bytes >= 8)
		hull_ignore(hull_disk_file_read(f, 0, magic, 8, "its beginning", NULL));
}

/* Replaces the file by what is compressed in it. */
static int decompress(struct hull_disk *d, enum hull_disk_compression c, int temp_dirfd,
		      struct hull_err *e)
{
	int fd = hull_disk_decompress(&d->file, c, temp_dirfd, e);

	if (fd < 0)
		return -1;
	close(d->file.fd);
	d->file.fd = fd;
	return open_file(&d->file, e);
}

static int open_format(struct hull_disk *d, struct hull_err *e)
{
	const char *foreign;
	uint8_t magic[8];

	read_magic(&d->file, magic);
	if (!memcmp(magic, "vhdxfile", 8))
		return hull_vhdx_open(&d->file, &d->opened, e);
	if (!memcmp(magic, "QFI\xfb", 4))
		return hull_qcow2_open(&d->file, &d->opened, e);
	if (!memcmp(magic, "conectix", 8) || hull_vhd_has_footer(&d->file))
		return hull_vhd_open(&d->file, &d->opened, e);
	if (hull_disk_compression_of(magic) != HULL_DISK_PLAIN)
		return hull_fail(e, HULL_FAILED, "%s: compressed twice", d->path);
	foreign = hull_disk_foreign(&d->file);
	if (foreign)
		return hull_fail(e, HULL_FAILED, "%s: %s", d->path, foreign);
	return open_raw(&d->file, &d->opened, e);
}

struct hull_disk *hull_disk_open(int dirfd, const char *path, int temp_dirfd, struct hull_err *e)
{
	hull_autodisk struct hull_disk *d = hull_alloc(sizeof *d);
	enum hull_disk_compression c;
	uint8_t magic[8];

	pthread_mutex_init(&d->mutex, NULL);
	d->path = hull_strdup(path);
	d->file.path = d->path;
	d->file.fd = hull_open(dirfd, path, e);
	if (d->file.fd < 0 || open_file(&d->file, e) < 0)
		return NULL;
	read_magic(&d->file, magic);
	c = hull_disk_compression_of(magic);
	if (c != HULL_DISK_PLAIN && decompress(d, c, temp_dirfd, e) < 0)
		return NULL;
	if (open_format(d, e) < 0)
		return NULL;
	return hull_steal(d);
}

void hull_disk_free(struct hull_disk *d)
{
	if (!d)
		return;
	hull_closep(&d->file.fd);
	pthread_mutex_destroy(&d->mutex);
	if (d->opened.close)
		d->opened.close(d->opened.state);
	free(d->opened.state);
	free(d->path);
	free(d);
}

void hull_diskp(struct hull_disk **d)
{
	hull_disk_free(*d);
}

uint64_t hull_disk_size(const struct hull_disk *d)
{
	return d->opened.size_bytes;
}

uint64_t hull_disk_stored(const struct hull_disk *d)
{
	uint64_t size = d->file.size_bytes, stored;
	struct stat st;

	if (fstat(d->file.fd, &st) < 0)
		return size;
	stored = (uint64_t)st.st_blocks * 512;
	return stored < size ? stored : size;
}

const char *hull_disk_path(const struct hull_disk *d)
{
	return d->path;
}

const char *hull_disk_format(const struct hull_disk *d)
{
	return d->opened.format->name;
}

static bool lies_within(const struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes)
{
	uint64_t size = d->opened.size_bytes;

	return offset_bytes <= size && length_bytes <= size - offset_bytes;
}

/* The run at an offset, and up to n of its bytes in `to` if they are in no file. */
static int map(struct hull_disk *d, uint64_t offset_bytes, struct hull_disk_run *out, uint8_t *to,
	       size_t n, struct hull_err *e)
{
	int r;

	*out = (struct hull_disk_run){0};
	pthread_mutex_lock(&d->mutex);
	r = d->opened.format->map(d->opened.state, offset_bytes, out, e);
	if (r == 0 && out->bytes && n)
		memcpy(to, out->bytes, out->length_bytes < n ? (size_t)out->length_bytes : n);
	pthread_mutex_unlock(&d->mutex);
	return r;
}

int hull_disk_read(struct hull_disk *d, uint64_t offset_bytes, void *out, size_t n,
		   struct hull_err *e)
{
	uint8_t *to = out;

	if (!lies_within(d, offset_bytes, n))
		return hull_fail(e, HULL_FAILED,
				 "%s: %zu bytes at %" PRIu64
				 " of the disk reach beyond its end at %" PRIu64,
				 d->path, n, offset_bytes, d->opened.size_bytes);
	while (n) {
		struct hull_disk_run run;
		size_t part;

		if (map(d, offset_bytes, &run, to, n, e) < 0)
			return -1;
		part = run.length_bytes < n ? (size_t)run.length_bytes : n;
		if (run.hole)
			memset(to, 0, part);
		else if (!run.bytes &&
			 hull_disk_file_read(&d->file, run.file_offset, to, part, "data", e) < 0)
			return -1;
		to += part;
		offset_bytes += part;
		n -= part;
	}
	return 0;
}

bool hull_disk_is_hole(struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes)
{
	struct hull_disk_run run;

	if (!lies_within(d, offset_bytes, length_bytes))
		return false;
	while (length_bytes) {
		if (map(d, offset_bytes, &run, NULL, 0, NULL) < 0 || !run.hole)
			return false;
		if (run.length_bytes >= length_bytes)
			break;
		offset_bytes += run.length_bytes;
		length_bytes -= run.length_bytes;
	}
	return true;
}
