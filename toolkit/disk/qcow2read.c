// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "disk/diskformat.h"

/* QEMU, docs/interop/qcow2: versions 2 and 3. */

enum {
	HEADER_V2 = 72,
	HEADER_V3 = 104,
	MIN_CLUSTER_BITS = 9,
	MAX_CLUSTER_BITS = 21,
	READS_AS_ZERO = 1,
	DIRTY = 1, /* incompatible features: reference counts may be wrong, which readers ignore */
	COMPRESSION_TYPE = 8
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
};

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
	if (entry & COMPRESSED)
		return hull_fail(e, HULL_FAILED,
				 "%s: qcow2 L2 table at byte %" PRIu64
				 ": a compressed cluster, which is not supported",
				 q->file.path, at);
	*out = (struct hull_disk_run){.length_bytes = cluster - within};
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
	return 0;
}
