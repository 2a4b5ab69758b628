// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "readfs/driver.h"

/*
 * EROFS (kernel: Documentation/filesystems/erofs.rst, fs/erofs/erofs_fs.h): files and directories
 * that are stored plainly, inline, or in chunks of one device. What is compressed is named and not
 * unpacked. The number of an inode is its nid.
 */

enum {
	SUPER_AT = 1024,
	SUPER_BYTES = 128,
	MIN_BLOCK_BITS = 9,
	MAX_BLOCK_BITS = 16,
	COMPACT_BYTES = 32,
	EXTENDED_BYTES = 64,
	SLOT_BYTES = 32, /* nids count these */
	DIRENT_BYTES = 12,
	XATTR_HEADER_BYTES = 12,

	/* incompatible features */
	ZERO_PADDING = 0x1,
	CONFIGURED = 0x2, /* options of compressions, or large clusters */
	CHUNKED = 0x4,
	DEVICES = 0x8,
	TAIL_PACKING = 0x10,
	FRAGMENTS = 0x20,
	XATTR_PREFIXES = 0x40,
	COMPRESSION = ZERO_PADDING | CONFIGURED | TAIL_PACKING | FRAGMENTS,

	/* i_format */
	FLAT_PLAIN = 0,
	COMPRESSED_FULL = 1,
	FLAT_INLINE = 2,
	COMPRESSED_COMPACT = 3,
	CHUNK_BASED = 4,

	CHUNK_BITS = 0x1f,
	CHUNK_INDEXES = 0x20,
};

#define NO_BLOCK UINT32_MAX

struct erofs {
	unsigned int block_bits;
	uint64_t block_bytes, meta_at, xattr_at;
	uint8_t *block; /* of a directory */
};

struct erofs_inode {
	uint64_t at, header_bytes, xattr_bytes; /* of the inode, on disk */
	unsigned int layout;
	uint32_t u; /* first block, chunk format or device */
};

static int open_erofs(struct hull_readfs *f, struct hull_err *e)
{
	struct erofs *s = f->state = hull_alloc(sizeof *s);
	uint8_t b[SUPER_BYTES];
	uint32_t unknown;
	char label[17] = "";

	if (hull_readfs_at(f, SUPER_AT, b, sizeof b, "superblock", e) < 0)
		return -1;
	s->block_bits = b[12];
	if (s->block_bits < MIN_BLOCK_BITS || s->block_bits > MAX_BLOCK_BITS)
		return hull_readfs_bad(f, e, "superblock: blocks of 2^%u bytes", s->block_bits);
	unknown = hull_get_le32(b + 80) & ~(uint32_t)(COMPRESSION | CHUNKED | XATTR_PREFIXES);
	if (unknown & DEVICES)
		return hull_readfs_bad(f, e, "its content is on further devices");
	if (unknown)
		return hull_readfs_bad(f, e, "it needs features that are not known: %#x", unknown);
	s->block_bytes = UINT64_C(1) << s->block_bits;
	s->meta_at = (uint64_t)hull_get_le32(b + 40) << s->block_bits;
	s->xattr_at = (uint64_t)hull_get_le32(b + 44) << s->block_bits;
	s->block = hull_alloc((size_t)s->block_bytes);
	f->root = hull_get_le16(b + 14);
	memcpy(&f->uuid, b + 48, sizeof f->uuid);
	memcpy(label, b + 64, 16);
	f->label = hull_arena_strdup(&f->arena, label);
	return 0;
}

static void close_erofs(struct hull_readfs *f)
{
	struct erofs *s = f->state;

	if (s)
		free(s->block);
	free(s);
}

/* --- inodes --- */

static void take_compact(const uint8_t *b, struct readfs_inode *out)
{
	out->links = hull_get_le16(b + 6);
	out->size_bytes = hull_get_le32(b + 8);
	out->uid = hull_get_le16(b + 24);
	out->gid = hull_get_le16(b + 26);
}

static void take_extended(const uint8_t *b, struct readfs_inode *out)
{
	out->size_bytes = hull_get_le64(b + 8);
	out->uid = hull_get_le32(b + 24);
	out->gid = hull_get_le32(b + 28);
	out->mtime = (int64_t)hull_get_le64(b + 32);
	out->links = hull_get_le32(b + 44);
}

static int read_inode(struct hull_readfs *f, uint64_t nid, struct erofs_inode *own,
		      struct readfs_inode *out, struct hull_err *e)
{
	const struct erofs *s = f->state;
	uint8_t b[EXTENDED_BYTES] = {0};
	unsigned int format, xattrs;

	*own = (struct erofs_inode){0};
	*out = (struct readfs_inode){0};
	if (nid > f->length_bytes / SLOT_BYTES)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": beyond its end", nid);
	own->at = s->meta_at + nid * SLOT_BYTES;
	if (hull_readfs_at(f, own->at, b, COMPACT_BYTES, "an inode", e) < 0)
		return -1;
	format = hull_get_le16(b);
	own->header_bytes = format & 1 ? EXTENDED_BYTES : COMPACT_BYTES;
	own->layout = format >> 1 & 7;
	if (format & 1 && hull_readfs_at(f, own->at, b, EXTENDED_BYTES, "an inode", e) < 0)
		return -1;
	if (own->layout > CHUNK_BASED)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": layout %u is not known", nid,
				       own->layout);
	xattrs = hull_get_le16(b + 2);
	own->xattr_bytes = xattrs ? XATTR_HEADER_BYTES + ((uint64_t)xattrs - 1) * 4 : 0;
	own->u = hull_get_le32(b + 16);
	out->mode = hull_get_le16(b + 4);
	if (format & 1)
		take_extended(b, out);
	else
		take_compact(b, out);
	/* the kernel's new_decode_dev */
	out->major = (own->u & 0xfff00) >> 8;
	out->minor = (own->u & 0xff) | ((own->u >> 12) & 0xfff00);
	return 0;
}

static int tell_inode(struct hull_readfs *f, uint64_t nid, struct readfs_inode *out,
		      struct hull_err *e)
{
	struct erofs_inode own;

	return read_inode(f, nid, &own, out, e);
}

/* --- content --- */

/* Where a byte of a file of chunks is; *out_n: how many follow there. */
static int find_chunk(struct hull_readfs *f, const struct erofs_inode *own, uint64_t offset,
		      uint64_t *out_at, uint64_t *out_n, bool *out_hole, struct hull_err *e)
{
	const struct erofs *s = f->state;
	unsigned int bits = s->block_bits + (own->u & CHUNK_BITS);
	size_t entry = own->u & CHUNK_INDEXES ? 8 : 4;
	uint64_t table = own->at + own->header_bytes + own->xattr_bytes, within;
	uint32_t block;
	uint8_t b[8];

	table = (table + entry - 1) / entry * entry;
	if (bits > 62)
		return hull_readfs_bad(f, e, "chunks of 2^%u bytes", bits);
	if (offset >> bits > f->length_bytes / entry)
		return hull_readfs_bad(f, e, "a file has more chunks than there is room for");
	if (hull_readfs_at(f, table + (offset >> bits) * entry, b, entry, "a table of chunks", e) <
	    0)
		return -1;
	block = hull_get_le32(entry == 8 ? b + 4 : b);
	if (entry == 8 && hull_get_le16(b + 2) && block != NO_BLOCK)
		return hull_readfs_bad(f, e, "a chunk is on another device");
	within = offset & ((UINT64_C(1) << bits) - 1);
	*out_hole = block == NO_BLOCK;
	*out_at = ((uint64_t)block << s->block_bits) + within;
	*out_n = (UINT64_C(1) << bits) - within;
	return 0;
}

/* The same of a file that is stored plainly, its last block perhaps behind its inode. */
static void find_flat(const struct erofs *s, const struct erofs_inode *own, uint64_t size,
		      uint64_t offset, uint64_t *out_at, uint64_t *out_n)
{
	uint64_t plain = own->layout == FLAT_INLINE ? size / s->block_bytes * s->block_bytes : size;

	*out_at = ((uint64_t)own->u << s->block_bits) + offset;
	*out_n = plain - offset;
	if (offset >= plain) {
		*out_at = own->at + own->header_bytes + own->xattr_bytes + (offset - plain);
		*out_n = size - offset;
	}
}

static int read_bytes(struct hull_readfs *f, uint64_t nid, const struct erofs_inode *own,
		      uint64_t size, uint64_t offset, void *out, size_t n, struct hull_err *e)
{
	uint8_t *to = out;

	if (own->layout == COMPRESSED_FULL || own->layout == COMPRESSED_COMPACT)
		return hull_readfs_bad(
			f, e, "inode %" PRIu64 " is compressed, which is not supported in EROFS",
			nid);
	while (n) {
		uint64_t at = 0, run = 0;
		bool hole = false;
		size_t part;

		if (own->layout == CHUNK_BASED) {
			if (find_chunk(f, own, offset, &at, &run, &hole, e) < 0)
				return -1;
		} else {
			find_flat(f->state, own, size, offset, &at, &run);
		}
		part = run < n ? (size_t)run : n;
		if (hole)
			memset(to, 0, part);
		else if (hull_readfs_at(f, at, to, part, "content of a file", e) < 0)
			return -1;
		to += part;
		offset += part;
		n -= part;
	}
	return 0;
}

static int read_content(struct hull_readfs *f, uint64_t nid, uint64_t offset_bytes, void *out,
			size_t n, struct hull_err *e)
{
	struct erofs_inode own;
	struct readfs_inode i;

	if (read_inode(f, nid, &own, &i, e) < 0)
		return -1;
	if (offset_bytes > i.size_bytes || n > i.size_bytes - offset_bytes)
		return hull_readfs_bad(f, e, "inode %" PRIu64 ": read beyond its end", nid);
	return read_bytes(f, nid, &own, i.size_bytes, offset_bytes, out, n, e);
}

/* --- directories --- */

static bool is_dot(const uint8_t *name, size_t n)
{
	return n && n <= 2 && !memcmp(name, "..", n);
}

/* A block of a directory: entries, then their names; "Directories" of erofs.rst. */
static int tell_block(struct hull_readfs *f, const uint8_t *b, size_t n, readfs_take_entry take,
		      void *context, struct hull_err *e)
{
	size_t first = n >= DIRENT_BYTES ? hull_get_le16(b + 8) : 0, count = first / DIRENT_BYTES;

	if (!count || first % DIRENT_BYTES || first > n)
		return hull_readfs_bad(f, e, "a directory is inconsistent");
	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = b + i * DIRENT_BYTES;
		size_t at = hull_get_le16(entry + 8);
		size_t end = i + 1 < count ? hull_get_le16(entry + DIRENT_BYTES + 8) : n;

		if (at < first || end > n || at >= end)
			return hull_readfs_bad(f, e, "a directory is inconsistent");
		if (i + 1 == count)
			end = at + strnlen((const char *)b + at, end - at);
		if (!is_dot(b + at, end - at) &&
		    take(context, hull_get_le64(entry), (const char *)b + at, end - at, e) < 0)
			return -1;
	}
	return 0;
}

static int tell_entries(struct hull_readfs *f, uint64_t nid, readfs_take_entry take, void *context,
			struct hull_err *e)
{
	struct erofs *s = f->state;
	struct erofs_inode own;
	struct readfs_inode i;

	if (read_inode(f, nid, &own, &i, e) < 0)
		return -1;
	for (uint64_t at = 0; at < i.size_bytes; at += s->block_bytes) {
		uint64_t left = i.size_bytes - at;
		size_t n = (size_t)(left < s->block_bytes ? left : s->block_bytes);

		if (read_bytes(f, nid, &own, i.size_bytes, at, s->block, n, e) < 0 ||
		    tell_block(f, s->block, n, take, context, e) < 0)
			return -1;
	}
	return 0;
}

/* --- extended attributes --- */

/* One at p, of n bytes at the most; how many it has, or -1. */
static int64_t tell_xattr(struct hull_readfs *f, const uint8_t *p, size_t n, readfs_take_xattr take,
			  void *context, struct hull_err *e)
{
	static const char *const prefixes[] = {[1] = "user.",
					       [2] = "system.posix_acl_access",
					       [3] = "system.posix_acl_default",
					       [4] = "trusted.",
					       [6] = "security."};
	size_t name_bytes = n >= 4 ? p[0] : 0, value_bytes = n >= 4 ? hull_get_le16(p + 2) : 0;
	size_t all = 4 + name_bytes + value_bytes, index = n >= 4 ? p[1] : 0;
	hull_autofree char *name = NULL;

	if (n < 4 || all > n)
		return hull_readfs_bad(f, e, "an extended attribute is inconsistent");
	if (index >= sizeof prefixes / sizeof *prefixes || !prefixes[index]) {
		f->note = "extended attributes with prefixes of the file system's own are not seen";
		return (int64_t)((all + 3) / 4 * 4);
	}
	name = hull_asprintf("%s%.*s", prefixes[index], (int)name_bytes, (const char *)p + 4);
	if (take(context, name, p + 4 + name_bytes, value_bytes, e) < 0)
		return -1;
	return (int64_t)((all + 3) / 4 * 4);
}

/* One that several inodes have. */
static int tell_shared(struct hull_readfs *f, uint32_t number, readfs_take_xattr take,
		       void *context, struct hull_err *e)
{
	const struct erofs *s = f->state;
	uint64_t at = s->xattr_at + (uint64_t)number * 4;
	hull_autofree uint8_t *b = NULL;
	uint8_t head[4];
	size_t n;

	if (hull_readfs_at(f, at, head, sizeof head, "an extended attribute", e) < 0)
		return -1;
	n = sizeof head + head[0] + hull_get_le16(head + 2);
	b = hull_alloc(n);
	if (hull_readfs_at(f, at, b, n, "an extended attribute", e) < 0)
		return -1;
	return tell_xattr(f, b, n, take, context, e) < 0 ? -1 : 0;
}

static int tell_xattrs(struct hull_readfs *f, uint64_t nid, readfs_take_xattr take, void *context,
		       struct hull_err *e)
{
	hull_autofree uint8_t *b = NULL;
	struct erofs_inode own;
	struct readfs_inode i;
	size_t n, at;

	if (read_inode(f, nid, &own, &i, e) < 0)
		return -1;
	if (!own.xattr_bytes)
		return 0;
	n = (size_t)own.xattr_bytes; /* of a count of 16 bits */
	b = hull_alloc(n);
	if (hull_readfs_at(f, own.at + own.header_bytes, b, n, "extended attributes", e) < 0)
		return -1;
	at = XATTR_HEADER_BYTES + (size_t)b[4] * 4;
	if (at > n)
		return hull_readfs_bad(f, e, "extended attributes are inconsistent");
	for (size_t k = 0; k < b[4]; k++)
		if (tell_shared(f, hull_get_le32(b + XATTR_HEADER_BYTES + k * 4), take, context,
				e) < 0)
			return -1;
	while (n - at >= 4 && !hull_all_zero(b + at, 4)) {
		int64_t used = tell_xattr(f, b + at, n - at, take, context, e);

		if (used < 0)
			return -1;
		at = (size_t)used > n - at ? n : at + (size_t)used;
	}
	return 0;
}

const struct readfs_driver hull_readfs_erofs = {
	.content = "EROFS",
	.open = open_erofs,
	.close = close_erofs,
	.inode = tell_inode,
	.entries = tell_entries,
	.xattrs = tell_xattrs,
	.read = read_content,
};
