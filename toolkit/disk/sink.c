// SPDX-License-Identifier: MIT
#include "disk/sink.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define ZLIB_CONST
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	BUFFER_BYTES = 1 << 20,
	HOLE_BYTES = 4096, /* granularity of holes: what file systems allocate */
	/* Level 3 keeps up with the disk; matches over long distances make up for it. 32 MiB of
	 * window is what every decoder takes without being asked. */
	ZSTD_LEVEL = 3,
	ZSTD_WINDOW_BITS = 25,
	ZSTD_WORKERS_MAX = 16,
	GZIP_LEVEL = 4,			   /* half the time of 6 for 3% more bytes */
	GZIP_ZEROS_MIN = 4 * BUFFER_BYTES, /* from here on a run of zeros is worth two flushes */
	XZ_PRESET = 2,			   /* 6: three times as long, 22% fewer bytes */
	XZ_BLOCK_BYTES =
		8 * BUFFER_BYTES, /* blocks are compressed side by side, whatever the cores */
	XZ_WORKERS_MAX = 16,
	START_BYTES = 16 * BUFFER_BYTES, /* the disk works on these while the next are made */
};

struct hull_sink {
	int dirfd, fd;
	char *path, *tmp;
	bool named; /* the file is there as `tmp` */
	enum hull_compression compression;
	uint64_t offset_bytes;	/* what was taken, buffered bytes included */
	uint64_t written_bytes; /* what went into the file; holes included */
	uint64_t started_bytes; /* up to here the kernel was told to write to the disk */
	bool failed, settled, finished;
	uint8_t *in; /* small writes, collected */
	size_t in_n;
	uint8_t *out; /* compressed bytes */
	ZSTD_CCtx *zstd;
	z_stream deflate;
	bool deflate_ready;
	uLong crc; /* of what was taken, for the end of gzip */
	lzma_stream xz;
};

static const uint8_t zeros[BUFFER_BYTES];

static int start_zstd(struct hull_sink *s, struct hull_err *e)
{
	int cores = hull_cores();
	const struct {
		ZSTD_cParameter name;
		int value;
	} parameters[] = {
		{ZSTD_c_compressionLevel, ZSTD_LEVEL},
		{ZSTD_c_windowLog, ZSTD_WINDOW_BITS},
		{ZSTD_c_enableLongDistanceMatching, 1},
		{ZSTD_c_checksumFlag, 1},
		/* One worker and many cut the input alike; none would cut it differently. */
		{ZSTD_c_nbWorkers, cores < ZSTD_WORKERS_MAX ? cores : ZSTD_WORKERS_MAX},
	};

	s->zstd = ZSTD_createCCtx();
	hull_assert(s->zstd);
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		size_t r = ZSTD_CCtx_setParameter(s->zstd, parameters[i].name, parameters[i].value);

		if (ZSTD_isError(r))
			return hull_fail(e, HULL_FAILED, "%s: zstd: %s", s->path,
					 ZSTD_getErrorName(r));
	}
	return 0;
}

void hull_sinkp(struct hull_sink **sink)
{
	struct hull_sink *s = *sink;

	if (!s)
		return;
	hull_closep(&s->fd);
	if (s->named && !s->finished)
		unlinkat(s->dirfd, s->tmp, 0);
	ZSTD_freeCCtx(s->zstd);
	if (s->deflate_ready)
		deflateEnd(&s->deflate);
	lzma_end(&s->xz);
	free(s->in);
	free(s->out);
	free(s->path);
	free(s->tmp);
	free(s);
}

uint64_t hull_sink_offset(const struct hull_sink *s)
{
	return s->offset_bytes;
}

/* Nobody has to know whether it worked: fsync waits for all of it at the end. */
static void start_writing(struct hull_sink *s)
{
	if (s->written_bytes - s->started_bytes < START_BYTES)
		return;
	sync_file_range(s->fd, (off_t)s->started_bytes,
			(off_t)(s->written_bytes - s->started_bytes), SYNC_FILE_RANGE_WRITE);
	s->started_bytes = s->written_bytes;
}

static int write_file(struct hull_sink *s, const uint8_t *p, size_t n, struct hull_err *e)
{
	if (hull_fd_write_at(s->fd, s->written_bytes, p, n) < 0)
		return hull_fail_errno(e, "%s: write", s->path);
	s->written_bytes += n;
	start_writing(s);
	return 0;
}

/* Bytes up to the next boundary of HOLE_BYTES in the file, at most n. */
static size_t next_block(const struct hull_sink *s, size_t done, size_t n)
{
	size_t block = HOLE_BYTES - (size_t)((s->written_bytes + done) % HOLE_BYTES);

	return block < n - done ? block : n - done;
}

static int write_sparse(struct hull_sink *s, const uint8_t *p, size_t n, struct hull_err *e)
{
	while (n) {
		size_t data = 0, block = 0;

		while (data < n) {
			block = next_block(s, data, n);
			if (hull_all_zero(p + data, block))
				break;
			data += block;
		}
		if (write_file(s, p, data, e) < 0)
			return -1;
		p += data;
		n -= data;
		if (n) {
			s->written_bytes += block;
			p += block;
			n -= block;
		}
	}
	return 0;
}

static int write_zstd(struct hull_sink *s, const uint8_t *p, size_t n, ZSTD_EndDirective end,
		      struct hull_err *e)
{
	ZSTD_inBuffer in = {p, n, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {s->out, BUFFER_BYTES, 0};

		left = ZSTD_compressStream2(s->zstd, &out, &in, end);
		if (ZSTD_isError(left))
			return hull_fail(e, HULL_FAILED, "%s: zstd: %s", s->path,
					 ZSTD_getErrorName(left));
		if (write_file(s, s->out, out.pos, e) < 0)
			return -1;
	} while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return 0;
}

/* RFC 1952: no name, no time, so that the bytes depend on the content alone. */
static int begin_gzip(struct hull_sink *s, struct hull_err *e)
{
	static const uint8_t header[10] = {0x1f, 0x8b, 8 /* deflate */, [9] = 3 /* Unix */};
	int r = deflateInit2(&s->deflate, GZIP_LEVEL, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
			     Z_DEFAULT_STRATEGY);

	if (r != Z_OK)
		return hull_fail(e, HULL_FAILED, "%s: deflate: %s", s->path, zError(r));
	s->deflate_ready = true;
	s->crc = crc32(0, NULL, 0);
	return write_file(s, header, sizeof header, e);
}

/* What comes out of deflate for n bytes and this flush goes to the file; *out_n bytes, the last of
 * which are in s->out. */
static int write_deflate(struct hull_sink *s, const uint8_t *p, size_t n, int flush, size_t *out_n,
			 struct hull_err *e)
{
	s->deflate.next_in = p;
	s->deflate.avail_in = (uInt)n;
	*out_n = 0;
	do {
		size_t part;

		s->deflate.next_out = s->out;
		s->deflate.avail_out = BUFFER_BYTES;
		hull_assert(deflate(&s->deflate, flush) != Z_STREAM_ERROR);
		part = BUFFER_BYTES - s->deflate.avail_out;
		*out_n += part;
		if (write_file(s, s->out, part, e) < 0)
			return -1;
	} while (s->deflate.avail_out == 0);
	return 0;
}

static int write_gzip(struct hull_sink *s, const uint8_t *p, size_t n, struct hull_err *e)
{
	size_t out_n;

	s->crc = crc32(s->crc, p, (uInt)n);
	return write_deflate(s, p, n, Z_NO_FLUSH, &out_n, e);
}

/*
 * n times the buffer of zeros. A full flush ends at a byte and forgets what came before, so what
 * is between two of them can be repeated; deflating a disk of zeros takes minutes.
 */
static int repeat_zeros_gzip(struct hull_sink *s, uint64_t n, struct hull_err *e)
{
	uLong crc = crc32(crc32(0, NULL, 0), zeros, BUFFER_BYTES);
	size_t unit;

	if (write_deflate(s, zeros, 0, Z_FULL_FLUSH, &unit, e) < 0 ||
	    write_deflate(s, zeros, BUFFER_BYTES, Z_FULL_FLUSH, &unit, e) < 0)
		return -1;
	hull_assert(unit < BUFFER_BYTES);
	for (uint64_t i = 0; i < n; i++) {
		s->crc = crc32_combine(s->crc, crc, BUFFER_BYTES);
		if (i > 0 && write_file(s, s->out, unit, e) < 0)
			return -1;
	}
	return 0;
}

static int end_gzip(struct hull_sink *s, struct hull_err *e)
{
	uint8_t trailer[8];
	size_t out_n;

	hull_put_le32(trailer, (uint32_t)s->crc);
	hull_put_le32(trailer + 4, (uint32_t)s->offset_bytes);
	if (write_deflate(s, zeros, 0, Z_FINISH, &out_n, e) < 0)
		return -1;
	return write_file(s, trailer, sizeof trailer, e);
}

/* Blocks of one size, as the encoder for threads makes them also of one: the bytes do not depend on the cores. */
static int start_xz(struct hull_sink *s, struct hull_err *e)
{
	int cores = hull_cores();
	lzma_mt options = {
		.threads = (uint32_t)(cores < XZ_WORKERS_MAX ? cores : XZ_WORKERS_MAX),
		.block_size = XZ_BLOCK_BYTES,
		.preset = XZ_PRESET,
		.check = LZMA_CHECK_CRC64,
	};
	lzma_ret r = lzma_stream_encoder_mt(&s->xz, &options);

	return r == LZMA_OK
		       ? 0
		       : hull_fail(e, HULL_FAILED, "%s: xz: error %d of liblzma", s->path, (int)r);
}

static int write_xz(struct hull_sink *s, const uint8_t *p, size_t n, lzma_action action,
		    struct hull_err *e)
{
	lzma_ret r = LZMA_OK;

	s->xz.next_in = p;
	s->xz.avail_in = n;
	while (action == LZMA_FINISH ? r != LZMA_STREAM_END : s->xz.avail_in > 0) {
		s->xz.next_out = s->out;
		s->xz.avail_out = BUFFER_BYTES;
		r = lzma_code(&s->xz, action);
		if (r != LZMA_OK && r != LZMA_STREAM_END)
			return hull_fail(e, HULL_FAILED, "%s: xz: error %d of liblzma", s->path,
					 (int)r);
		if (write_file(s, s->out, BUFFER_BYTES - s->xz.avail_out, e) < 0)
			return -1;
	}
	return 0;
}

/* A file without a name vanishes with a process that is killed. Some file systems have none. */
static int open_file(struct hull_sink *s, struct hull_err *e)
{
	hull_autofree char *directory =
		hull_strndup(s->path, (size_t)(hull_basename(s->path) - s->path));

	s->fd = openat(s->dirfd, *directory ? directory : ".", O_WRONLY | O_TMPFILE | O_CLOEXEC,
		       0666);
	if (s->fd >= 0)
		return 0;
	s->fd = openat(s->dirfd, s->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (s->fd < 0)
		return hull_fail_errno(e, "%s", s->path);
	s->named = true;
	return 0;
}

static int name_file(struct hull_sink *s, struct hull_err *e)
{
	hull_autofree char *self = hull_asprintf("/proc/self/fd/%d", s->fd);

	if (s->named)
		return 0;
	if (unlinkat(s->dirfd, s->tmp, 0) < 0 && errno != ENOENT)
		return hull_fail_errno(e, "%s", s->tmp);
	if (linkat(AT_FDCWD, self, s->dirfd, s->tmp, AT_SYMLINK_FOLLOW) < 0)
		return hull_fail_errno(e, "%s", s->tmp);
	s->named = true;
	return 0;
}

struct hull_sink *hull_sink_new(int dirfd, const char *path, enum hull_compression compression,
				struct hull_err *e)
{
	hull_autosink struct hull_sink *s = hull_alloc(sizeof *s);
	int r = 0;

	s->dirfd = dirfd;
	s->compression = compression;
	s->path = hull_strdup(path);
	s->tmp = hull_asprintf("%s.tmp.%d", path, (int)getpid());
	s->in = hull_alloc(BUFFER_BYTES);
	s->xz = (lzma_stream)LZMA_STREAM_INIT;
	r = open_file(s, e);
	if (r < 0)
		; /* e is set */
	else if (compression == HULL_COMPRESS_ZSTD)
		r = start_zstd(s, e);
	else if (compression == HULL_COMPRESS_GZIP)
		r = begin_gzip(s, e);
	else if (compression == HULL_COMPRESS_XZ)
		r = start_xz(s, e);
	if (compression != HULL_COMPRESS_NONE)
		s->out = hull_alloc(BUFFER_BYTES);
	return r < 0 ? NULL : hull_steal(s);
}

static int emit(struct hull_sink *s, const uint8_t *p, size_t n, struct hull_err *e)
{
	if (s->compression == HULL_COMPRESS_ZSTD)
		return write_zstd(s, p, n, ZSTD_e_continue, e);
	if (s->compression == HULL_COMPRESS_GZIP)
		return write_gzip(s, p, n, e);
	if (s->compression == HULL_COMPRESS_XZ)
		return write_xz(s, p, n, LZMA_RUN, e);
	return write_sparse(s, p, n, e);
}

static int flush(struct hull_sink *s, struct hull_err *e)
{
	size_t n = s->in_n;

	s->in_n = 0;
	return emit(s, s->in, n, e);
}

static int take(struct hull_sink *s, const uint8_t *p, size_t n, struct hull_err *e)
{
	if (s->failed)
		return hull_fail(e, HULL_FAILED, "%s: writing it failed before", s->path);
	s->offset_bytes += n;
	if (n > BUFFER_BYTES - s->in_n) {
		if (flush(s, e) < 0)
			return -1;
		while (n >= BUFFER_BYTES) {
			if (emit(s, p, BUFFER_BYTES, e) < 0)
				return -1;
			p += BUFFER_BYTES;
			n -= BUFFER_BYTES;
		}
	}
	memcpy(s->in + s->in_n, p, n);
	s->in_n += n;
	return 0;
}

int hull_sink_write(struct hull_sink *s, const void *p, size_t n, struct hull_err *e)
{
	if (n && take(s, p, n, e) < 0) {
		s->failed = true;
		return -1;
	}
	return 0;
}

/* Zeros that need not go through the buffer: *out_n of them were dealt with. */
static int skip_zeros(struct hull_sink *s, uint64_t n, uint64_t *out_n, struct hull_err *e)
{
	*out_n = 0;
	if (s->compression == HULL_COMPRESS_NONE && n >= BUFFER_BYTES)
		*out_n = n;
	if (s->compression == HULL_COMPRESS_GZIP && n >= GZIP_ZEROS_MIN)
		*out_n = n - n % BUFFER_BYTES;
	if (!*out_n)
		return 0;
	if (flush(s, e) < 0)
		return -1;
	s->offset_bytes += *out_n;
	if (s->compression == HULL_COMPRESS_GZIP)
		return repeat_zeros_gzip(s, *out_n / BUFFER_BYTES, e);
	s->written_bytes += *out_n;
	return 0;
}

int hull_sink_zeros(struct hull_sink *s, uint64_t n, struct hull_err *e)
{
	uint64_t skipped = 0;

	if (!s->failed && skip_zeros(s, n, &skipped, e) < 0) {
		s->failed = true;
		return -1;
	}
	n -= skipped;
	while (n) {
		size_t part = n < BUFFER_BYTES ? (size_t)n : BUFFER_BYTES;

		if (hull_sink_write(s, zeros, part, e) < 0)
			return -1;
		n -= part;
	}
	return 0;
}

/* The bytes, on the disk. */
static int complete(struct hull_sink *s, struct hull_err *e)
{
	if (flush(s, e) < 0)
		return -1;
	if (s->compression == HULL_COMPRESS_ZSTD && write_zstd(s, zeros, 0, ZSTD_e_end, e) < 0)
		return -1;
	if (s->compression == HULL_COMPRESS_GZIP && end_gzip(s, e) < 0)
		return -1;
	if (s->compression == HULL_COMPRESS_XZ && write_xz(s, NULL, 0, LZMA_FINISH, e) < 0)
		return -1;
	/* A hole at the end. */
	if (s->compression == HULL_COMPRESS_NONE && ftruncate(s->fd, (off_t)s->written_bytes) < 0)
		return hull_fail_errno(e, "%s: set the size to %" PRIu64, s->path,
				       s->written_bytes);
	return fsync(s->fd) < 0 ? hull_fail_errno(e, "%s", s->path) : 0;
}

int hull_sink_settle(struct hull_sink *s, struct hull_err *e)
{
	if (s->failed)
		return hull_fail(e, HULL_FAILED, "%s: writing it failed before", s->path);
	if (!s->settled && complete(s, e) < 0) {
		s->failed = true;
		return -1;
	}
	s->settled = true;
	return 0;
}

static int appear(struct hull_sink *s, struct hull_err *e)
{
	if (name_file(s, e) < 0)
		return -1;
	if (renameat(s->dirfd, s->tmp, s->dirfd, s->path) < 0)
		return hull_fail_errno(e, "%s", s->path);
	return 0;
}

int hull_sink_finish(struct hull_sink *s, struct hull_err *e)
{
	hull_assert(!s->finished);
	if (hull_sink_settle(s, e) < 0)
		return -1;
	if (appear(s, e) < 0) {
		s->failed = true;
		return -1;
	}
	s->finished = true;
	return 0;
}
