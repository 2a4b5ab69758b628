// SPDX-License-Identifier: MIT
#include "disk/container.h"

#include "base/bytes.h"

/* QEMU's docs/interop/qcow2: header, reference counts, two levels of tables, then the data. */

enum {
	SECTOR_BYTES = 512,
	CLUSTER_BITS = 16,
	CLUSTER_BYTES = 1 << CLUSTER_BITS,
	ENTRY_BYTES = 8, /* of every table but reference counts */
	ENTRIES = CLUSTER_BYTES / ENTRY_BYTES,
	REFCOUNT_BYTES = 2,
	REFCOUNT_ORDER = 4, /* log2 of its bits */
	REFCOUNTS = CLUSTER_BYTES / REFCOUNT_BYTES,
	HEADER_BYTES = 104,
	VERSION = 3,
};
#define MAGIC	  0x514649fbu
#define COPIED	  (1ull << 63) /* the reference count is exactly one */
#define L2_COVERS ((uint64_t)ENTRIES * CLUSTER_BYTES)
#define MAX_BYTES (64ull << 40)

/* Numbers of clusters, in the order of the file; the header is one more in front. */
struct qcow2_plan {
	const struct hull_layout *layout;
	uint64_t clusters; /* of the disk */
	uint64_t l1_entries;
	uint64_t refcount_table, refcount_blocks, l1, l2, data;
};

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return (n + by - 1) / by;
}

static bool is_used(const struct qcow2_plan *p, uint64_t cluster)
{
	return !hull_layout_is_hole(p->layout, cluster * CLUSTER_BYTES, CLUSTER_BYTES);
}

static bool has_l2(const struct qcow2_plan *p, uint64_t l1_entry)
{
	return !hull_layout_is_hole(p->layout, l1_entry * L2_COVERS, L2_COVERS);
}

static uint64_t total(const struct qcow2_plan *p)
{
	return 1 + p->refcount_table + p->refcount_blocks + p->l1 + p->l2 + p->data;
}

static struct qcow2_plan plan_of(const struct hull_layout *l)
{
	struct qcow2_plan p = {.layout = l};
	uint64_t before;

	p.clusters = divide_up(l->size_bytes, CLUSTER_BYTES);
	p.l1_entries = divide_up(p.clusters, ENTRIES);
	p.l1 = divide_up(p.l1_entries, ENTRIES);
	for (uint64_t i = 0; i < p.l1_entries; i++) {
		if (!has_l2(&p, i))
			continue;
		p.l2++;
		for (uint64_t j = i * ENTRIES; j < (i + 1) * ENTRIES && j < p.clusters; j++)
			p.data += is_used(&p, j);
	}
	/* The reference counts count their own clusters too. */
	do {
		before = total(&p);
		p.refcount_blocks = divide_up(before, REFCOUNTS);
		p.refcount_table = divide_up(p.refcount_blocks, ENTRIES);
	} while (total(&p) != before);
	return p;
}

static int pad_cluster(struct hull_sink *out, struct hull_err *e)
{
	uint64_t used = hull_sink_offset(out) % CLUSTER_BYTES;

	return hull_sink_zeros(out, used ? CLUSTER_BYTES - used : 0, e);
}

static int write_header(const struct qcow2_plan *p, struct hull_sink *out, struct hull_err *e)
{
	/* What is not set is zero: no backing file, encryption, snapshots, features, extensions. */
	uint8_t header[HEADER_BYTES + ENTRY_BYTES] = {0};

	hull_put_be32(header, MAGIC);
	hull_put_be32(header + 4, VERSION);
	hull_put_be32(header + 20, CLUSTER_BITS);
	hull_put_be64(header + 24, p->layout->size_bytes);
	hull_put_be32(header + 36, hull_u32(p->l1_entries));
	hull_put_be64(header + 40, (1 + p->refcount_table + p->refcount_blocks) * CLUSTER_BYTES);
	hull_put_be64(header + 48, CLUSTER_BYTES);
	hull_put_be32(header + 56, hull_u32(p->refcount_table));
	hull_put_be32(header + 96, REFCOUNT_ORDER);
	hull_put_be32(header + 100, HEADER_BYTES);
	if (hull_sink_write(out, header, sizeof header, e) < 0)
		return -1;
	return pad_cluster(out, e);
}

static int write_entry(struct hull_sink *out, uint64_t entry, struct hull_err *e)
{
	uint8_t bytes[ENTRY_BYTES];

	hull_put_be64(bytes, entry);
	return hull_sink_write(out, bytes, sizeof bytes, e);
}

static int write_refcounts(const struct qcow2_plan *p, struct hull_sink *out, struct hull_err *e)
{
	static const uint8_t one[REFCOUNT_BYTES] = {0, 1};

	for (uint64_t i = 0; i < p->refcount_blocks; i++)
		if (write_entry(out, (1 + p->refcount_table + i) * CLUSTER_BYTES, e) < 0)
			return -1;
	if (pad_cluster(out, e) < 0)
		return -1;
	for (uint64_t i = 0; i < total(p); i++)
		if (hull_sink_write(out, one, sizeof one, e) < 0)
			return -1;
	return pad_cluster(out, e);
}

static int write_tables(const struct qcow2_plan *p, struct hull_sink *out, struct hull_err *e)
{
	uint64_t at = hull_sink_offset(out) / CLUSTER_BYTES + p->l1;

	for (uint64_t i = 0; i < p->l1_entries; i++)
		if (write_entry(out, has_l2(p, i) ? COPIED | at++ * CLUSTER_BYTES : 0, e) < 0)
			return -1;
	if (pad_cluster(out, e) < 0)
		return -1;
	for (uint64_t i = 0; i < p->l1_entries; i++) {
		if (!has_l2(p, i))
			continue;
		for (uint64_t j = i * ENTRIES; j < (i + 1) * ENTRIES && j < p->clusters; j++)
			if (write_entry(out, is_used(p, j) ? COPIED | at++ * CLUSTER_BYTES : 0, e) <
			    0)
				return -1;
		if (pad_cluster(out, e) < 0)
			return -1;
	}
	return 0;
}

static int write_data(const struct qcow2_plan *p, struct hull_sink *out, struct hull_err *e)
{
	struct hull_layout_reader r;
	int result = 0;

	hull_layout_reader_init(&r, p->layout);
	for (uint64_t i = 0, end; i < p->clusters && result == 0; i = end + 1) {
		for (end = i; end < p->clusters && is_used(p, end);)
			end++;
		if (end > i)
			result = hull_container_copy(&r, i * CLUSTER_BYTES,
						     (end - i) * CLUSTER_BYTES, out, e);
	}
	hull_layout_reader_fini(&r);
	return result;
}

int hull_qcow2_write(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e)
{
	struct qcow2_plan p;

	if (hull_container_check(l, "qcow2", SECTOR_BYTES, MAX_BYTES, e) < 0)
		return -1;
	p = plan_of(l);
	if (write_header(&p, out, e) < 0 || write_refcounts(&p, out, e) < 0 ||
	    write_tables(&p, out, e) < 0 || write_data(&p, out, e) < 0)
		return -1;
	hull_assert(hull_sink_offset(out) == total(&p) * CLUSTER_BYTES);
	return 0;
}
