// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/diskformat.h"

/* QEMU, docs/interop/qcow2: versions 2 and 3. */

enum {
	HEADER_V2 = 72,
	HEADER_V3 = 104,
	MIN_CLUSTER_BITS = 9,
	MAX_CLUSTER_BITS = 21,
	COMPRESSION_BYTE = 104,
	READS_AS_ZERO = 1,
	DIRTY = 1, /* incompatible features: reference counts may be wrong, which readers ignore */
	COMPRESSION_TYPE = 8,
	KEPT = 8,    /* clusters that were decompressed */
	SECTOR = 512 /* in which the length of compressed data is counted */
};

#define OFFSET_MASK 0x00fffffffffffe00ull
#define COMPRESSED  (1ull << 62)
#define MAX_DISK    (1ull << 60)

struct qcow2 {
	struct hull_disk_file file;
	uint64_t size_bytes, l1_offset;
	uint32_t version;
	unsigned int cluster_bits;
	struct hull_disk_window l1, l2;
	bool zstd;	 /* compressed clusters are; else they are deflated */
	uint8_t *packed; /* two clusters, for what is compressed; NULL until it is needed */
	struct kept_cluster {
		uint64_t entry; /* of the L2 table; 0: none */
		uint64_t used;	/* when, as a number */
		uint8_t *bytes; /* a cluster */
	} kept[KEPT];
	uint64_t used;
};

static int read_compression(struct qcow2 *q, uint32_t header_bytes, struct hull_err *e)
{
	uint8_t type = 0;

	if (header_bytes > COMPRESSION_BYTE &&
	    hull_disk_file_read(&q->file, COMPRESSION_BYTE, &type, 1, "qcow2 header", e) < 0)
		return -1;
	q->zstd = type == 1;
	return type <= 1 ? 0
			 : hull_fail(e, HULL_FAILED, "%s: qcow2: compression %u is not known",
				     q->file.path, type);
}

static int read_header(struct qcow2 *q, struct hull_err *e)
{
	const char *path = q->file.path;
	uint8_t b[HEADER_V3] = {0};
	uint64_t covered, l1_entries, unknown;

	if (hull_disk_file_read(&q->file, 0, b, HEADER_V2, "qcow2 header", e) < 0)
		return -1;
	q->version = hull_get_be32(b + 4);
	if (q->version != 2 && q->version != 3)
		return hull_fail(e, HULL_FAILED, "%s: qcow2 version %u is not known", path,
				 q->version);
	if (q->version == 3 &&
	    hull_disk_file_read(&q->file, 0, b, HEADER_V3, "qcow2 header", e) < 0)
		return -1;
	if (hull_get_be64(b + 8))
		return hull_fail(e, HULL_FAILED, "%s: the qcow2 has a backing file with the rest",
				 path);
	if (hull_get_be32(b + 32))
		return hull_fail(e, HULL_FAILED, "%s: the qcow2 is encrypted", path);
	unknown = hull_get_be64(b + HEADER_V2) & ~(uint64_t)(DIRTY | COMPRESSION_TYPE);
	if (unknown)
		return hull_fail(e, HULL_FAILED,
				 "%s: the qcow2 needs features that are not known: %#" PRIx64, path,
				 unknown);
	if (hull_get_be32(b + 20) < MIN_CLUSTER_BITS || hull_get_be32(b + 20) > MAX_CLUSTER_BITS)
		return hull_fail(e, HULL_FAILED, "%s: qcow2 header: clusters of 2^%u bytes", path,
				 hull_get_be32(b + 20));
	if (q->version == 3 && hull_get_be64(b + HEADER_V2) & COMPRESSION_TYPE &&
	    read_compression(q, hull_get_be32(b + 100), e) < 0)
		return -1;
	q->cluster_bits = hull_get_be32(b + 20);
	q->size_bytes = hull_get_be64(b + 24);
	l1_entries = hull_get_be32(b + 36);
	q->l1_offset = hull_get_be64(b + 40);
	covered = 1ull << (2 * q->cluster_bits - 3); /* by one L2 table */
	if (q->size_bytes > MAX_DISK || (q->size_bytes + covered - 1) / covered > l1_entries)
		return hull_fail(e, HULL_FAILED,
				 "%s: qcow2 header: a disk of %" PRIu64 " bytes, but %" PRIu64
				 " entries in the L1 table",
				 path, q->size_bytes, l1_entries);
	return hull_disk_file_has(&q->file, q->l1_offset, 8 * l1_entries, "L1 table", e);
}

/* --- compressed clusters --- */

static bool inflate_cluster(const struct qcow2 *q, size_t n, uint8_t *to)
{
	z_stream z = {.next_in = q->packed,
		      .avail_in = (unsigned int)n,
		      .next_out = to,
		      .avail_out = 1u << q->cluster_bits};
	int r;

	hull_assert(inflateInit2(&z, -MAX_WBITS) == Z_OK);
	r = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	/* the last sector may have more than this cluster's */
	return (r == Z_STREAM_END || r == Z_BUF_ERROR || r == Z_OK) && !z.avail_out;
}

static bool unzstd_cluster(const struct qcow2 *q, size_t n, uint8_t *to)
{
	ZSTD_DCtx *z = ZSTD_createDCtx();
	ZSTD_inBuffer in = {q->packed, n, 0};
	ZSTD_outBuffer out = {to, (size_t)1 << q->cluster_bits, 0};
	size_t r = 1, before;

	hull_assert(z);
	do {
		before = in.pos + out.pos;
		r = ZSTD_decompressStream(z, &out, &in);
	} while (!ZSTD_isError(r) && out.pos < out.size && in.pos + out.pos != before);
	ZSTD_freeDCtx(z);
	return !ZSTD_isError(r) && out.pos == out.size;
}

/* Where the data are, and how many bytes at the most: "Compressed Clusters Descriptor". */
static uint64_t packed_place(const struct qcow2 *q, uint64_t entry, uint64_t *out_n)
{
	unsigned int bits = 62 - (q->cluster_bits - 8);
	uint64_t at = entry & ((UINT64_C(1) << bits) - 1);
	uint64_t sectors = (entry & (COMPRESSED - 1)) >> bits;

	*out_n = (sectors + 1) * SECTOR - at % SECTOR;
	if (at<q->file.size_bytes && * out_n> q->file.size_bytes - at)
		*out_n = q->file.size_bytes - at; /* the last may be cut in the file */
	return at;
}

static int unpack(struct qcow2 *q, uint64_t entry, uint8_t *to, struct hull_err *e)
{
	uint64_t n, at = packed_place(q, entry, &n);

	if (!q->packed)
		q->packed = hull_alloc((size_t)2 << q->cluster_bits);
	if (hull_disk_file_read(&q->file, at, q->packed, (size_t)n, "compressed cluster", e) < 0)
		return -1;
	if (q->zstd ? unzstd_cluster(q, (size_t)n, to) : inflate_cluster(q, (size_t)n, to))
		return 0;
	return hull_fail(e, HULL_FAILED, "%s: qcow2: malformed compressed cluster at byte %" PRIu64,
			 q->file.path, at);
}

/* The bytes of a compressed cluster, those of the last few kept; NULL with e set. */
static const uint8_t *compressed_cluster(struct qcow2 *q, uint64_t entry, struct hull_err *e)
{
	struct kept_cluster *oldest = &q->kept[0];

	q->used++;
	for (size_t i = 0; i < KEPT; i++) {
		if (q->kept[i].entry == entry) {
			q->kept[i].used = q->used;
			return q->kept[i].bytes;
		}
		if (q->kept[i].used < oldest->used)
			oldest = &q->kept[i];
	}
	if (!oldest->bytes)
		oldest->bytes = hull_alloc((size_t)1 << q->cluster_bits);
	oldest->entry = 0;
	if (unpack(q, entry, oldest->bytes, e) < 0)
		return NULL;
	oldest->entry = entry;
	oldest->used = q->used;
	return oldest->bytes;
}

static void close_clusters(void *state)
{
	struct qcow2 *q = state;

	free(q->packed);
	for (size_t i = 0; i < KEPT; i++)
		free(q->kept[i].bytes);
}

/* --- places --- */

static int map(void *state, uint64_t offset_bytes, struct hull_disk_run *out, struct hull_err *e)
{
	struct qcow2 *q = state;
	uint64_t cluster = 1ull << q->cluster_bits, within = offset_bytes & (cluster - 1);
	uint64_t l2_entries = cluster / 8, index = offset_bytes >> q->cluster_bits, at, l2, entry;
	const uint8_t *p = hull_disk_window_get(
		&q->l1, &q->file, q->l1_offset + 8 * (index / l2_entries), 8, NULL, "L1 table", e);

	if (!p)
		return -1;
	l2 = hull_get_be64(p) & OFFSET_MASK;
	if (!l2) {
		uint64_t covered = l2_entries * cluster;

		*out = (struct hull_disk_run){.length_bytes = covered - offset_bytes % covered,
					      .hole = true};
		return 0;
	}
	at = l2 + 8 * (index % l2_entries);
	p = hull_disk_window_get(&q->l2, &q->file, at, 8, NULL, "L2 table", e);
	if (!p)
		return -1;
	entry = hull_get_be64(p);
	*out = (struct hull_disk_run){.length_bytes = cluster - within};
	if (entry & COMPRESSED) {
		p = compressed_cluster(q, entry, e);
		out->bytes = p ? p + within : NULL;
		return p ? 0 : -1;
	}
	out->hole = !(entry & OFFSET_MASK) || (q->version >= 3 && (entry & READS_AS_ZERO));
	if (out->hole)
		return 0;
	out->file_offset = (entry & OFFSET_MASK) + within;
	/* The last cluster of the disk may be cut in the file. */
	if (out->length_bytes > q->size_bytes - offset_bytes)
		out->length_bytes = q->size_bytes - offset_bytes;
	return hull_disk_file_has(&q->file, out->file_offset, out->length_bytes, "cluster", e);
}

int hull_qcow2_open(const struct hull_disk_file *f, struct hull_disk_opened *out,
		    struct hull_err *e)
{
	static const struct hull_disk_format format = {"qcow2", map};
	hull_autofree struct qcow2 *q = hull_alloc(sizeof *q);

	q->file = *f;
	if (read_header(q, e) < 0)
		return -1;
	out->format = &format;
	out->size_bytes = q->size_bytes;
	out->state = hull_steal(q);
	out->close = close_clusters;
	return 0;
}
