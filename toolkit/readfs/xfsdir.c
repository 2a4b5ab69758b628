// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "readfs/xfsformat.h"

/* --- directories --- */

static bool is_dot(const uint8_t *name, size_t n)
{
	return n && n <= 2 && !memcmp(name, "..", n);
}

static int bad_directory(struct hull_readfs *f, uint64_t inode, struct hull_err *e)
{
	return hull_readfs_bad(f, e, "inode %" PRIu64 ": its directory is inconsistent", inode);
}

/* "Short Form Directories", in the inode. */
static int tell_short(struct hull_readfs *f, const struct xfs_inode *i, readfs_take_entry take,
		      void *context, struct hull_err *e)
{
	const struct xfs *x = f->state;
	const uint8_t *p = i->b + i->core, *end = p + (i->size < i->fork ? i->size : i->fork);
	size_t count, wide;

	if (end - p < 6)
		return bad_directory(f, i->number, e);
	wide = p[1] ? 8 : 4;
	count = p[0];
	p += 2 + wide;
	for (size_t k = 0; k < count; k++) {
		size_t n = end - p > 3 ? p[0] : 0, at = 3 + n + x->has_type;
		uint64_t inode;

		if (!n || (size_t)(end - p) < at + wide)
			return bad_directory(f, i->number, e);
		inode = wide == 8 ? hull_get_be64(p + at) : hull_get_be32(p + at);
		if (take(context, inode, (const char *)p + 3, n, e) < 0)
			return -1;
		p += at + wide;
	}
	return 0;
}

/* One block of names: "Block Directories" and "Leaf Directories". */
static int tell_block(struct hull_readfs *f, uint64_t number, const uint8_t *b, size_t size,
		      readfs_take_entry take, void *context, struct hull_err *e)
{
	const struct xfs *x = f->state;
	bool alone = !memcmp(b, x->v5 ? "XDB3" : "XD2B", 4);
	size_t at = x->v5 ? 64 : 16, end = size;

	if (!alone && memcmp(b, x->v5 ? "XDD3" : "XD2D", 4) != 0)
		return bad_directory(f, number, e);
	if (alone) { /* behind the names are their hashes, of 8 bytes each, and their number */
		uint64_t leaf = (uint64_t)hull_get_be32(b + size - 8) * 8 + 8;

		if (leaf > size - at)
			return bad_directory(f, number, e);
		end -= (size_t)leaf;
	}
	while (at + 16 <= end) {
		const uint8_t *p = b + at;
		size_t n, used;

		if (hull_get_be16(p) == 0xffff) { /* free */
			used = hull_get_be16(p + 2);
			if (used < 8 || used % 8)
				return bad_directory(f, number, e);
			at += used;
			continue;
		}
		n = p[8];
		used = (8 + 1 + n + x->has_type + 2 + 7) / 8 * 8;
		if (!n || used > end - at)
			return bad_directory(f, number, e);
		if (!is_dot(p + 9, n) &&
		    take(context, hull_get_be64(p), (const char *)p + 9, n, e) < 0)
			return -1;
		at += used;
	}
	return 0;
}

/* Names are in blocks of the directory before this byte; behind it are indexes. */
#define NAMES_END (UINT64_C(32) << 30)

static int tell_extents(struct hull_readfs *f, uint64_t number, const struct xfs_extents *v,
			readfs_take_entry take, void *context, struct hull_err *e)
{
	struct xfs *x = f->state;
	size_t size = (size_t)1 << (x->block_log + x->dir_log);
	uint64_t next = 0; /* block of a directory */

	for (size_t i = 0; i < v->n; i++) {
		uint64_t first = v->v[i].offset >> x->dir_log;
		uint64_t last = (v->v[i].offset + v->v[i].count - 1) >> x->dir_log;

		for (next = first > next ? first : next; next <= last; next++) {
			uint64_t at = next << (x->block_log + x->dir_log);

			if (at >= NAMES_END)
				return 0;
			if (hull_xfs_read(f, v, at, x->block, size, e) < 0 ||
			    tell_block(f, number, x->block, size, take, context, e) < 0)
				return -1;
		}
	}
	return 0;
}

int hull_xfs_entries(struct hull_readfs *f, uint64_t inode, readfs_take_entry take, void *context,
		     struct hull_err *e)
{
	struct xfs_extents v = {0};
	struct xfs_inode i;
	struct xfs_fork fork;
	int r;

	if (hull_xfs_inode(f, inode, &i, e) < 0)
		return -1;
	if (i.format == XFS_LOCAL)
		return tell_short(f, &i, take, context, e);
	fork = hull_xfs_data_fork(f, &i);
	r = hull_xfs_extents(f, &fork, &v, e);
	if (r == 0)
		r = tell_extents(f, inode, &v, take, context, e);
	free(v.v);
	return r;
}

/* --- extended attributes --- */

enum {
	ATTR_LOCAL = 1,
	ATTR_ROOT = 2,
	ATTR_SECURE = 4,
	ATTR_PARENT = 8, /* not an attribute, but where the file is */
	ATTR_INCOMPLETE = 0x80,
	MAX_VALUE = 64 << 10,
};

static int bad_xattrs(struct hull_readfs *f, uint64_t inode, struct hull_err *e)
{
	return hull_readfs_bad(f, e, "inode %" PRIu64 ": its extended attributes are inconsistent",
			       inode);
}

static int tell_one(unsigned int flags, const uint8_t *name, size_t n, const void *value,
		    size_t value_bytes, readfs_take_xattr take, void *context, struct hull_err *e)
{
	hull_autofree char *full = hull_asprintf("%s%.*s",
						 flags & ATTR_SECURE ? "security."
						 : flags & ATTR_ROOT ? "trusted."
								     : "user.",
						 (int)n, (const char *)name);

	return flags & (ATTR_INCOMPLETE | ATTR_PARENT) ? 0
						       : take(context, full, value, value_bytes, e);
}

/* "Short Form Attributes", in the inode. */
static int tell_short_xattrs(struct hull_readfs *f, const struct xfs_inode *i, const uint8_t *p,
			     size_t bytes, readfs_take_xattr take, void *context,
			     struct hull_err *e)
{
	size_t size = bytes >= 4 ? hull_get_be16(p) : 0, count = bytes >= 4 ? p[2] : 0, at = 4;

	if (size > bytes)
		return bad_xattrs(f, i->number, e);
	for (size_t k = 0; k < count; k++) {
		size_t name, value;

		if (size < at + 3)
			return bad_xattrs(f, i->number, e);
		name = p[at];
		value = p[at + 1];
		if (size - at - 3 < name + value)
			return bad_xattrs(f, i->number, e);
		if (tell_one(p[at + 2], p + at + 3, name, p + at + 3 + name, value, take, context,
			     e) < 0)
			return -1;
		at += 3 + name + value;
	}
	return 0;
}

/* A value in blocks of its own, which have headers in version 5 ("Remote Attribute Values"). */
static int read_remote(struct hull_readfs *f, const struct xfs_extents *v, uint64_t block,
		       uint8_t *out, size_t n, struct hull_err *e)
{
	const struct xfs *x = f->state;
	size_t header = x->v5 ? 56 : 0, room = ((size_t)1 << x->block_log) - header;

	for (; n; block++) {
		size_t part = n < room ? n : room;

		if (hull_xfs_read(f, v, (block << x->block_log) + header, out, part, e) < 0)
			return -1;
		out += part;
		n -= part;
	}
	return 0;
}

static int tell_leaf_entry(struct hull_readfs *f, uint64_t inode, const struct xfs_extents *v,
			   const uint8_t *b, const uint8_t *entry, readfs_take_xattr take,
			   void *context, struct hull_err *e)
{
	const struct xfs *x = f->state;
	size_t size = (size_t)1 << x->block_log, at = hull_get_be16(entry + 4), n, bytes;
	hull_autofree uint8_t *value = NULL;
	const uint8_t *p = b + at;

	if (at > size - (entry[6] & ATTR_LOCAL ? 4 : 12))
		return bad_xattrs(f, inode, e);
	if (entry[6] & ATTR_LOCAL) {
		bytes = hull_get_be16(p);
		n = p[2];
		if (size - at - 3 < n + bytes)
			return bad_xattrs(f, inode, e);
		return tell_one(entry[6], p + 3, n, p + 3 + n, bytes, take, context, e);
	}
	bytes = hull_get_be32(p + 4);
	n = p[8];
	if (size - at - 9 < n || bytes > MAX_VALUE)
		return bad_xattrs(f, inode, e);
	value = hull_alloc(bytes + 1);
	if (read_remote(f, v, hull_get_be32(p), value, bytes, e) < 0)
		return -1;
	return tell_one(entry[6], p + 9, n, value, bytes, take, context, e);
}

/* "Leaf Attributes": every block of them, whatever nodes there are above. */
static int tell_leaves(struct hull_readfs *f, uint64_t inode, const struct xfs_extents *v,
		       readfs_take_xattr take, void *context, struct hull_err *e)
{
	const struct xfs *x = f->state;
	size_t size = (size_t)1 << x->block_log, header = x->v5 ? 80 : 32;
	hull_autofree uint8_t *b = hull_alloc(size);

	for (uint32_t next = 0, seen = 0; seen <= MAX_VALUE; seen++) {
		unsigned int magic;
		size_t count;

		if (hull_xfs_read(f, v, (uint64_t)next << x->block_log, b, size, e) < 0)
			return -1;
		magic = hull_get_be16(b + 8);
		if (magic == 0xfebe || magic == 0x3ebe) { /* a node: down to the first leaf */
			next = hull_get_be32(b + (x->v5 ? 64 : 16) + 4);
			continue;
		}
		count = hull_get_be16(b + (x->v5 ? 56 : 12));
		if (magic != (x->v5 ? 0x3beeu : 0xfbeeu) || count > (size - header) / 8)
			return bad_xattrs(f, inode, e);
		for (size_t k = 0; k < count; k++)
			if (tell_leaf_entry(f, inode, v, b, b + header + k * 8, take, context, e) <
			    0)
				return -1;
		next = hull_get_be32(b);
		if (!next)
			return 0;
	}
	return bad_xattrs(f, inode, e);
}

int hull_xfs_xattrs(struct hull_readfs *f, uint64_t inode, readfs_take_xattr take, void *context,
		    struct hull_err *e)
{
	const struct xfs *x = f->state;
	struct xfs_extents v = {0};
	struct xfs_inode i;
	struct xfs_fork fork;
	bool large;
	int r;

	if (hull_xfs_inode(f, inode, &i, e) < 0)
		return -1;
	if (!i.b[82])
		return 0;
	large = x->large_counts && i.core == 176 && hull_get_be64(i.b + 120) & 0x10;
	fork = (struct xfs_fork){.format = i.b[83],
				 .p = i.b + i.core + i.fork,
				 .bytes = i.bytes - i.core - i.fork,
				 .count =
					 large ? hull_get_be32(i.b + 76) : hull_get_be16(i.b + 80)};
	if (fork.format == XFS_LOCAL)
		return tell_short_xattrs(f, &i, fork.p, fork.bytes, take, context, e);
	r = hull_xfs_extents(f, &fork, &v, e);
	if (r == 0 && v.n)
		r = tell_leaves(f, inode, &v, take, context, e);
	free(v.v);
	return r;
}
