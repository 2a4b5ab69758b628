// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "disk/diskformat.h"

enum {
	CHUNK = 256 * 1024,
	HOLE = 4096,	       /* so many zeros are not written */
	GZIP_WINDOW = 15 + 16, /* the largest, with a gzip header */
	XZ_MEMORY = 256 << 20  /* four times what "xz -9" needs */
};

enum hull_disk_compression hull_disk_compression_of(const uint8_t magic[8])
{
	if (!memcmp(magic, "\x28\xb5\x2f\xfd", 4))
		return HULL_DISK_ZSTD;
	if (!memcmp(magic, "\x1f\x8b\x08", 3))
		return HULL_DISK_GZIP;
	if (!memcmp(magic,
		    "\xfd"
		    "7zXZ\0",
		    6))
		return HULL_DISK_XZ;
	return HULL_DISK_PLAIN;
}

struct stream {
	const struct hull_disk_file *from;
	uint64_t read_bytes;
	uint8_t *in, *out; /* CHUNK bytes each */
	size_t in_n;	   /* bytes in `in` */
	int fd;
	uint64_t written_bytes, kept_bytes; /* with and without holes */
};

/* What a disk may have; to unpack the zeros of more takes minutes. */
#define MAX_DISK ((uint64_t)64 << 30)

static int too_much(const struct stream *s, uint64_t most_bytes, const char *what,
		    struct hull_err *e)
{
	char most[HULL_AMOUNT], packed[HULL_AMOUNT];

	return hull_fail(e, HULL_FAILED, "%s: is unpacked to more than %s%s, the limit for %s",
			 s->from->path, hull_size_text(most_bytes, most), what,
			 hull_size_text(s->from->size_bytes, packed));
}

/* The next bytes of the file; in_n is 0 at its end. */
static int fill(struct stream *s, struct hull_err *e)
{
	uint64_t left = s->from->size_bytes - s->read_bytes;

	s->in_n = left < CHUNK ? (size_t)left : CHUNK;
	if (hull_disk_file_read(s->from, s->read_bytes, s->in, s->in_n, "compressed data", e) < 0)
		return -1;
	s->read_bytes += s->in_n;
	return 0;
}

static int drain(struct stream *s, size_t n, struct hull_err *e)
{
	const uint64_t most = hull_unpacked_most(s->from->size_bytes);

	if (n > MAX_DISK - s->written_bytes)
		return too_much(s, MAX_DISK, "", e);
	for (size_t at = 0; at < n;) {
		size_t part = HOLE - (size_t)(s->written_bytes % HOLE);
		bool hole;

		if (part > n - at)
			part = n - at;
		hole = hull_all_zero(s->out + at, part);
		s->kept_bytes += hole ? 0 : part;
		if (s->kept_bytes > most)
			return too_much(s, most, " without zeros", e);
		if (!hole && hull_fd_write_at(s->fd, s->written_bytes, s->out + at, part) < 0)
			return hull_fail_errno(e, "%s: write what is decompressed", s->from->path);
		at += part;
		s->written_bytes += part;
	}
	return 0;
}

static int truncated(const struct stream *s, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED,
			 "%s: truncated: the compressed data end early at byte %llu", s->from->path,
			 (unsigned long long)s->read_bytes);
}

static int malformed(const struct stream *s, const char *cause, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: malformed compressed data before byte %llu: %s",
			 s->from->path, (unsigned long long)s->read_bytes, cause);
}

/* What the first frame says; to find it out would take a while. */
static bool says_too_much(const struct stream *s)
{
	unsigned long long n = ZSTD_getFrameContentSize(s->in, s->in_n);

	return n != ZSTD_CONTENTSIZE_UNKNOWN && n != ZSTD_CONTENTSIZE_ERROR && n > MAX_DISK;
}

static int run_zstd(struct stream *s, ZSTD_DCtx *z, struct hull_err *e)
{
	ZSTD_inBuffer in = {.src = s->in};
	size_t left = 1; /* of the frame; 0 at its end */

	for (;;) {
		ZSTD_outBuffer out = {s->out, CHUNK, 0};
		bool full;

		if (in.pos == in.size) {
			if (fill(s, e) < 0)
				return -1;
			if (!s->in_n)
				return left ? truncated(s, e) : 0;
			in.size = s->in_n;
			in.pos = 0;
			if (!s->written_bytes && says_too_much(s))
				return too_much(s, MAX_DISK, "", e);
		}
		do {
			out.pos = 0;
			left = ZSTD_decompressStream(z, &out, &in);
			if (ZSTD_isError(left))
				return malformed(s, ZSTD_getErrorName(left), e);
			full = out.pos == out.size;
			if (drain(s, out.pos, e) < 0)
				return -1;
		} while (in.pos < in.size || (full && left));
	}
}

static int run_gzip(struct stream *s, z_stream *z, struct hull_err *e)
{
	bool ended = false; /* a member is complete, and nothing of another was seen */

	for (;;) {
		int result;

		if (!z->avail_in) {
			if (fill(s, e) < 0)
				return -1;
			if (!s->in_n)
				return ended ? 0 : truncated(s, e);
			z->next_in = s->in;
			z->avail_in = (unsigned int)s->in_n;
		}
		if (ended)
			inflateReset(z);
		do {
			z->next_out = s->out;
			z->avail_out = CHUNK;
			result = inflate(z, Z_NO_FLUSH);
			if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
				return malformed(s, z->msg ? z->msg : "zlib", e);
			if (drain(s, CHUNK - z->avail_out, e) < 0)
				return -1;
		} while (result != Z_STREAM_END && (z->avail_in || !z->avail_out));
		ended = result == Z_STREAM_END;
	}
}

static int run_xz(struct stream *s, lzma_stream *z, struct hull_err *e)
{
	lzma_ret result = LZMA_OK;

	while (result != LZMA_STREAM_END) {
		if (!z->avail_in) {
			if (fill(s, e) < 0)
				return -1;
			z->next_in = s->in;
			z->avail_in = s->in_n;
		}
		z->next_out = s->out;
		z->avail_out = CHUNK;
		result = lzma_code(z, s->in_n ? LZMA_RUN : LZMA_FINISH);
		if (result == LZMA_BUF_ERROR)
			return truncated(s, e);
		if (result == LZMA_MEMLIMIT_ERROR)
			return malformed(s, "it needs more memory than is given to it", e);
		if (result != LZMA_OK && result != LZMA_STREAM_END)
			return malformed(s, "xz", e);
		if (drain(s, CHUNK - z->avail_out, e) < 0)
			return -1;
	}
	return 0;
}

static int run(struct stream *s, enum hull_disk_compression c, struct hull_err *e)
{
	lzma_stream xz = LZMA_STREAM_INIT;
	z_stream gzip = {0};
	ZSTD_DCtx *zstd;
	int result;

	if (c == HULL_DISK_ZSTD) {
		zstd = ZSTD_createDCtx();
		hull_assert(zstd);
		result = run_zstd(s, zstd, e);
		ZSTD_freeDCtx(zstd);
		return result;
	}
	if (c == HULL_DISK_XZ) {
		hull_assert(lzma_stream_decoder(&xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK);
		result = run_xz(s, &xz, e);
		lzma_end(&xz);
		return result;
	}
	hull_assert(inflateInit2(&gzip, GZIP_WINDOW) == Z_OK);
	result = run_gzip(s, &gzip, e);
	inflateEnd(&gzip);
	return result;
}

int hull_disk_decompress(const struct hull_disk_file *f, enum hull_disk_compression c,
			 int temp_dirfd, struct hull_err *e)
{
	hull_autofree uint8_t *in = hull_alloc(CHUNK), *out = hull_alloc(CHUNK);
	hull_autofd int fd = hull_open_unnamed(temp_dirfd, e);
	struct stream s = {.from = f, .in = in, .out = out, .fd = fd};

	if (fd < 0 || run(&s, c, e) < 0)
		return -1;
	if (ftruncate(fd, (off_t)s.written_bytes) < 0)
		return hull_fail_errno(e, "%s: write what is decompressed", f->path);
	return hull_steal_fd(&fd);
}
