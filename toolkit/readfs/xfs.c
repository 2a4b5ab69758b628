// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "readfs/driver.h"
#include "readfs/xfsformat.h"

/* XFS, versions 4 and 5: the superblock, inodes and where their bytes are; xfsdir.c has names. */

static int bad_super(struct hull_readfs *f, const char *cause, struct hull_err *e)
{
	return hull_readfs_bad(f, e, "superblock: %s", cause);
}

/* "Superblocks": sizes have to agree with their logarithms. */
static int take_geometry(struct hull_readfs *f, struct xfs *x, const uint8_t *b, struct hull_err *e)
{
	uint32_t block = hull_get_be32(b + 4);
	unsigned int inode_log = b[122], inopb_log = b[123];

	x->block_log = b[120];
	x->ag_log = b[124];
	x->dir_log = b[192];
	x->ag_blocks = hull_get_be32(b + 84);
	x->ags = hull_get_be32(b + 88);
	if (x->block_log < 9 || x->block_log > 16 || block != 1u << x->block_log)
		return bad_super(f, "the size of its blocks is out of range", e);
	if (inode_log < 8 || inode_log > 11 || hull_get_be16(b + 104) != 1u << inode_log ||
	    inopb_log != x->block_log - inode_log)
		return bad_super(f, "the size of its inodes is out of range", e);
	if (x->dir_log > 16 - x->block_log || x->ag_log > 31 || !x->ag_blocks || !x->ags ||
	    x->ag_blocks > UINT64_C(1) << x->ag_log ||
	    (uint64_t)x->ags * x->ag_blocks > UINT64_C(1) << 52)
		return bad_super(f, "its allocation groups are out of range", e);
	x->inode_log = inode_log;
	x->inopb_log = inopb_log;
	return 0;
}

static int take_features(struct hull_readfs *f, struct xfs *x, const uint8_t *b, struct hull_err *e)
{
	enum { KNOWN = 0x1 | 0x2 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 };
	unsigned int version = hull_get_be16(b + 100) & 0xf;
	uint32_t incompatible;

	if (version != 4 && version != 5)
		return hull_readfs_bad(f, e, "version %u is not known", version);
	x->v5 = version == 5;
	incompatible = x->v5 ? hull_get_be32(b + 216) : 0;
	/* 4, the uuid of metadata, is that of the checks that a reader does not do */
	if (incompatible & ~(uint32_t)(KNOWN | 0x4))
		return hull_readfs_bad(f, e, "it needs features that are not known: %#x",
				       incompatible);
	x->has_type = x->v5 ? incompatible & 1 : hull_get_be32(b + 200) & 0x200;
	x->large_counts = incompatible & 0x20;
	return 0;
}

static int open_xfs(struct hull_readfs *f, struct hull_err *e)
{
	struct xfs *x = f->state = hull_alloc(sizeof *x);
	uint8_t b[XFS_SUPER_BYTES];
	char label[13] = "";

	if (hull_readfs_at(f, 0, b, sizeof b, "superblock", e) < 0 ||
	    take_features(f, x, b, e) < 0 || take_geometry(f, x, b, e) < 0)
		return -1;
	x->block = hull_alloc((size_t)1 << (x->block_log + x->dir_log));
	memcpy(&f->uuid, b + 32, sizeof f->uuid);
	memcpy(label, b + 108, 12);
	f->label = hull_arena_strdup(&f->arena, label);
	f->root = hull_get_be64(b + 56);
	return 0;
}

static void close_xfs(struct hull_readfs *f)
{
	struct xfs *x = f->state;

	if (!x)
		return;
	free(x->block);
	free(x->last.extents);
	free(x);
}

/* Where a block of the file system is: its number has that of its group in front. */
static int block_at(struct hull_readfs *f, uint64_t block, uint64_t *out, struct hull_err *e)
{
	const struct xfs *x = f->state;
	uint64_t group = block >> x->ag_log, within = block & ((UINT64_C(1) << x->ag_log) - 1);

	*out = 0;
	if (group >= x->ags || within >= x->ag_blocks)
		return hull_readfs_bad(f, e, "block %#" PRIx64 " is in no allocation group", block);
	*out = (group * x->ag_blocks + within) << x->block_log;
	return 0;
}

/* --- inodes --- */

static int load(struct hull_readfs *f, uint64_t inode, struct xfs_inode *out, struct hull_err *e)
{
	const struct xfs *x = f->state;
	uint64_t at;

	if (block_at(f, inode >> x->inopb_log, &at, e) < 0)
		return -1;
	at += (inode & ((UINT64_C(1) << x->inopb_log) - 1)) << x->inode_log;
	out->number = inode;
	out->bytes = (size_t)1 << x->inode_log;
	if (hull_readfs_at(f, at, out->b, out->bytes, "an inode", e) < 0)
		return -1;
	if (hull_get_be16(out->b) != 0x494e)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": there is none", inode);
	out->core = out->b[4] >= 3 ? 176 : 100;
	out->size = hull_get_be64(out->b + 56);
	out->format = out->b[5];
	out->fork = out->b[82] ? (size_t)out->b[82] * 8 : out->bytes - out->core;
	if (out->core + out->fork > out->bytes)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": its forks overlap", inode);
	return 0;
}

int hull_xfs_inode(struct hull_readfs *f, uint64_t inode, struct xfs_inode *out, struct hull_err *e)
{
	return load(f, inode, out, e);
}

static int64_t mtime(const struct xfs_inode *i)
{
	const uint8_t *b = i->b;
	bool large = i->core == 176 && hull_get_be64(b + 120) & 8; /* BIGTIME */

	/* nanoseconds since 1901 */
	return large ? (int64_t)(hull_get_be64(b + 40) / 1000000000) - INT64_C(2147483648)
		     : (int32_t)hull_get_be32(b + 40);
}

static int tell_inode(struct hull_readfs *f, uint64_t inode, struct readfs_inode *out,
		      struct hull_err *e)
{
	struct xfs_inode i;
	uint32_t device;

	if (load(f, inode, &i, e) < 0)
		return -1;
	device = hull_get_be32(i.b + i.core);
	*out = (struct readfs_inode){.mode = hull_get_be16(i.b + 2),
				     .uid = hull_get_be32(i.b + 8),
				     .gid = hull_get_be32(i.b + 12),
				     .links = i.b[4] == 1 ? hull_get_be16(i.b + 6)
							  : hull_get_be32(i.b + 16),
				     .size_bytes = i.size,
				     .mtime = mtime(&i)};
	if (S_ISCHR(out->mode) || S_ISBLK(out->mode)) {
		out->major = device >> 18 & 0x3fff;
		out->minor = device & 0x3ffff;
	}
	return 0;
}

/* --- extents --- */

/* "Data Extents": packed into 128 bits. */
static void unpack_extent(const uint8_t *p, struct xfs_extent *out)
{
	uint64_t high = hull_get_be64(p), low = hull_get_be64(p + 8);

	out->unwritten = high >> 63;
	out->offset = high >> 9 & ((UINT64_C(1) << 54) - 1);
	out->block = (high & 0x1ff) << 43 | low >> 21;
	out->count = low & 0x1fffff;
}

static int add_extents(struct hull_readfs *f, const uint8_t *p, size_t n, struct xfs_extents *out,
		       struct hull_err *e)
{
	for (size_t k = 0; k < n; k++) {
		struct xfs_extent x;

		unpack_extent(p + k * XFS_EXTENT_BYTES, &x);
		if (!x.count ||
		    (out->n && x.offset < out->v[out->n - 1].offset + out->v[out->n - 1].count))
			return hull_readfs_bad(f, e, "extents of a file overlap");
		if (out->n >= XFS_MAX_EXTENTS)
			return hull_readfs_bad(f, e, "a file has more than %d extents",
					       XFS_MAX_EXTENTS);
		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		out->v[out->n++] = x;
	}
	return 0;
}

/* A block of the tree of a file's extents, and those below; leaves follow each other in order. */
static int walk_tree(struct hull_readfs *f, uint64_t block, int level, struct xfs_extents *out,
		     struct hull_err *e)
{
	const struct xfs *x = f->state;
	size_t size = (size_t)1 << x->block_log, header = x->v5 ? 72 : 24, n, most;
	hull_autofree uint8_t *b = hull_alloc(size);
	uint64_t at;

	if (block_at(f, block, &at, e) < 0 ||
	    hull_readfs_at(f, at, b, size, "a tree of extents", e) < 0)
		return -1;
	if (memcmp(b, x->v5 ? "BMA3" : "BMAP", 4) != 0 || hull_get_be16(b + 4) != level)
		return hull_readfs_bad(f, e, "a tree of extents is inconsistent");
	n = hull_get_be16(b + 6);
	most = (size - header) / 16;
	if (n > most)
		return hull_readfs_bad(f, e, "a tree of extents is inconsistent");
	if (!level)
		return add_extents(f, b + header, n, out, e);
	for (size_t k = 0; k < n; k++)
		if (walk_tree(f, hull_get_be64(b + header + most * 8 + k * 8), level - 1, out, e) <
		    0)
			return -1;
	return 0;
}

int hull_xfs_extents(struct hull_readfs *f, const struct xfs_fork *fork, struct xfs_extents *out,
		     struct hull_err *e)
{
	enum { MAX_LEVEL = 8 };
	const uint8_t *p = fork->p;
	size_t n, most;
	int level;

	if (fork->format == XFS_EXTENTS) {
		if (fork->count > fork->bytes / XFS_EXTENT_BYTES)
			return hull_readfs_bad(f, e, "an inode has no room for its extents");
		return add_extents(f, p, (size_t)fork->count, out, e);
	}
	if (fork->format != XFS_BTREE || fork->bytes < 4)
		return hull_readfs_bad(f, e, "a fork of format %u where there should be extents",
				       fork->format);
	level = hull_get_be16(p);
	n = hull_get_be16(p + 2);
	most = (fork->bytes - 4) / 16;
	if (!level || level > MAX_LEVEL || n > most)
		return hull_readfs_bad(f, e, "a tree of extents is inconsistent");
	for (size_t k = 0; k < n; k++)
		if (walk_tree(f, hull_get_be64(p + 4 + most * 8 + k * 8), level - 1, out, e) < 0)
			return -1;
	return 0;
}

struct xfs_fork hull_xfs_data_fork(const struct hull_readfs *f, const struct xfs_inode *i)
{
	const struct xfs *x = f->state;
	bool large = x->large_counts && i->core == 176 && hull_get_be64(i->b + 120) & 0x10;

	return (struct xfs_fork){.format = i->format,
				 .p = i->b + i->core,
				 .bytes = i->fork,
				 .count = large ? hull_get_be64(i->b + 24)
						: hull_get_be32(i->b + 76)};
}

/* --- content --- */

/* The extent that has a block or follows it; n if there is none. */
static size_t find_extent(const struct xfs_extents *v, uint64_t block)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v->v[mid].offset + v->v[mid].count <= block)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int hull_xfs_read(struct hull_readfs *f, const struct xfs_extents *v, uint64_t offset, void *out,
		  size_t n, struct hull_err *e)
{
	const struct xfs *x = f->state;
	uint8_t *to = out;

	while (n) {
		uint64_t block = offset >> x->block_log, run, at;
		size_t i = find_extent(v, block), part;
		bool hole = i == v->n || v->v[i].offset > block || v->v[i].unwritten;
		uint64_t end = i == v->n		? UINT64_MAX >> x->block_log
			       : v->v[i].offset > block ? v->v[i].offset
							: v->v[i].offset + v->v[i].count;

		run = (end << x->block_log) - offset;
		part = run < n ? (size_t)run : n;
		if (hole) {
			memset(to, 0, part);
		} else {
			if (block_at(f, v->v[i].block + (block - v->v[i].offset), &at, e) < 0)
				return -1;
			at += offset & ((UINT64_C(1) << x->block_log) - 1);
			if (hull_readfs_at(f, at, to, part, "content of a file", e) < 0)
				return -1;
		}
		to += part;
		offset += part;
		n -= part;
	}
	return 0;
}

/* A long target of version 5 has a header in each of its blocks ("Symbolic Links"). */
static int read_target(struct hull_readfs *f, const struct xfs_extents *v, char *out, size_t n,
		       struct hull_err *e)
{
	enum { HEADER = 56 };
	const struct xfs *x = f->state;
	size_t header = x->v5 ? HEADER : 0, room = ((size_t)1 << x->block_log) - header;

	for (uint64_t block = 0; n; block++) {
		size_t part = n < room ? n : room;

		if (hull_xfs_read(f, v, (block << x->block_log) + header, out, part, e) < 0)
			return -1;
		out += part;
		n -= part;
	}
	return 0;
}

static int read_content(struct hull_readfs *f, uint64_t inode, uint64_t offset_bytes, void *out,
			size_t n, struct hull_err *e)
{
	struct xfs *x = f->state;
	struct xfs_extents v = {0};
	struct xfs_inode i;
	struct xfs_fork fork;

	if (load(f, inode, &i, e) < 0)
		return -1;
	if (offset_bytes > i.size || n > i.size - offset_bytes)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": read beyond its end", inode);
	if (i.format == XFS_LOCAL) {
		if (i.size > i.fork)
			return hull_readfs_bad(f, e, "inode %" PRIu64 ": no room for its content",
					       inode);
		memcpy(out, i.b + i.core + offset_bytes, n);
		return 0;
	}
	if (!x->last.extents || x->last.number != inode) {
		fork = hull_xfs_data_fork(f, &i);
		if (hull_xfs_extents(f, &fork, &v, e) < 0) {
			free(v.v);
			return -1;
		}
		free(x->last.extents);
		x->last.number = inode;
		x->last.extents = v.v ? v.v : hull_alloc(1);
		x->last.n = v.n;
	}
	v = (struct xfs_extents){.v = x->last.extents, .n = x->last.n};
	if (S_ISLNK(hull_get_be16(i.b + 2)))
		return read_target(f, &v, out, n, e);
	return hull_xfs_read(f, &v, offset_bytes, out, n, e);
}

const struct readfs_driver hull_readfs_xfs = {
	.content = "XFS",
	.open = open_xfs,
	.close = close_xfs,
	.inode = tell_inode,
	.entries = hull_xfs_entries,
	.xattrs = hull_xfs_xattrs,
	.read = read_content,
};
