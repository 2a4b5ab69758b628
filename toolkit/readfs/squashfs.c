// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <sqfs/compressor.h>
#include <sqfs/data_reader.h>
#include <sqfs/error.h>
#include <sqfs/id_table.h>
#include <sqfs/inode.h>
#include <sqfs/io.h>
#include <sqfs/meta_reader.h>
#include <sqfs/super.h>
#include <sqfs/xattr.h>
#include <sqfs/xattr_reader.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "readfs/driver.h"

/*
 * squashfs 4.0, its blocks and tables by libsquashfs. What says how much there is of something is
 * read here first, since the library allocates what it says. The number of an inode is its place, as
 * directories have it.
 */

enum {
	BASE_BYTES = 16,
	NO_XATTRS = -1,
	MAX_XATTRS = 1000,
	MAX_XATTR_BYTES = 1 << 20,
	DIR_HEADER_BYTES = 12,
	DIR_ENTRY_BYTES = 8,
	DIR_SIZE_EXTRA = 3, /* a directory says so many bytes more than it has */
	MAX_DIR_COUNT = 256,
};

/* The disk as the library reads files. */
struct squash_file {
	sqfs_file_t base;
	struct hull_readfs *f;
};

struct squash {
	struct squash_file file;
	sqfs_super_t super;
	sqfs_compressor_t *packer;
	sqfs_meta_reader_t *inodes, *directories;
	sqfs_data_reader_t *data;
	sqfs_id_table_t *ids;
	sqfs_xattr_reader_t *xattrs; /* NULL: there are none */
	sqfs_inode_generic_t *last;  /* the file that was read last */
	uint64_t last_number;
};

/* What an inode says beyond what a tree knows. */
struct squash_inode {
	unsigned int type;
	uint32_t dir_block, dir_offset, dir_bytes;
	int64_t xattrs;	  /* index, or NO_XATTRS */
	size_t target_at; /* in the inode */
};

static int fail(struct hull_readfs *f, int code, const char *what, struct hull_err *e)
{
	static const char *const causes[] = {
		[-SQFS_ERROR_ALLOC] = "it asks for too much memory",
		[-SQFS_ERROR_IO] = "it cannot be read",
		[-SQFS_ERROR_COMPRESSOR] = "malformed compressed data",
		[-SQFS_ERROR_INTERNAL] = "libsquashfs failed",
		[-SQFS_ERROR_CORRUPTED] = "it is inconsistent",
		[-SQFS_ERROR_UNSUPPORTED] = "it is of a kind that is not known",
		[-SQFS_ERROR_OVERFLOW] = "a number in it is too large",
		[-SQFS_ERROR_OUT_OF_BOUNDS] = "it reaches beyond its table",
		[-SFQS_ERROR_SUPER_MAGIC] = "there is none",
		[-SFQS_ERROR_SUPER_VERSION] = "its version is not known",
		[-SQFS_ERROR_SUPER_BLOCK_SIZE] = "the size of its blocks is out of range",
	};
	size_t i = code < 0 ? (size_t)-code : 0;

	return hull_readfs_bad(f, e, "%s: %s", what,
			       i < sizeof causes / sizeof *causes && causes[i] ? causes[i]
									       : "it is wrong");
}

static void keep(sqfs_object_t *o)
{
	(void)o; /* it is part of struct squash */
}

static int read_at(sqfs_file_t *file, sqfs_u64 offset, void *buffer, size_t size)
{
	struct squash_file *s = (struct squash_file *)file;

	return hull_readfs_at(s->f, offset, buffer, size, "a block", NULL) < 0 ? SQFS_ERROR_IO : 0;
}

static sqfs_u64 get_size(const sqfs_file_t *file)
{
	const struct squash_file *s = (const struct squash_file *)file;

	return s->f->length_bytes;
}

static int start_packer(struct hull_readfs *f, struct squash *s, struct hull_err *e)
{
	const char *name = sqfs_compressor_name_from_id((SQFS_COMPRESSOR)s->super.compression_id);
	sqfs_compressor_config_t config;
	int r = sqfs_compressor_config_init(&config, (SQFS_COMPRESSOR)s->super.compression_id,
					    s->super.block_size, SQFS_COMP_FLAG_UNCOMPRESS);

	if (r == 0)
		r = sqfs_compressor_create(&config, &s->packer);
	if (r != 0)
		return hull_readfs_bad(f, e, "its compression %u (%s) is not supported",
				       s->super.compression_id, name ? name : "unknown");
	if (s->super.flags & SQFS_FLAG_COMPRESSOR_OPTIONS &&
	    s->packer->read_options(s->packer, &s->file.base) != 0)
		return fail(f, SQFS_ERROR_CORRUPTED, "options of its compression", e);
	return 0;
}

static int start_tables(struct hull_readfs *f, struct squash *s, struct hull_err *e)
{
	const sqfs_super_t *p = &s->super;
	sqfs_file_t *file = &s->file.base;
	sqfs_u64 end = p->id_table_start;
	int r;

	if (p->fragment_table_start < end)
		end = p->fragment_table_start;
	if (p->export_table_start < end)
		end = p->export_table_start;
	s->inodes = sqfs_meta_reader_create(file, s->packer, p->inode_table_start,
					    p->directory_table_start);
	s->directories = sqfs_meta_reader_create(file, s->packer, p->directory_table_start, end);
	s->data = sqfs_data_reader_create(file, p->block_size, s->packer, 0);
	s->ids = sqfs_id_table_create(0);
	if (!s->inodes || !s->directories || !s->data || !s->ids)
		return fail(f, SQFS_ERROR_ALLOC, "its tables", e);
	/* a fragment is an entry of 16 bytes in metadata, which is unpacked at once */
	if (p->fragment_entry_count > p->inode_count)
		return fail(f, SQFS_ERROR_CORRUPTED, "fragment table", e);
	r = sqfs_data_reader_load_fragment_table(s->data, p);
	if (r != 0)
		return fail(f, r, "fragment table", e);
	r = sqfs_id_table_read(s->ids, file, p, s->packer);
	if (r != 0)
		return fail(f, r, "table of owners", e);
	if (p->flags & SQFS_FLAG_NO_XATTRS || p->xattr_id_table_start == UINT64_MAX)
		return 0;
	s->xattrs = sqfs_xattr_reader_create(0);
	r = s->xattrs ? sqfs_xattr_reader_load(s->xattrs, p, file, s->packer) : SQFS_ERROR_ALLOC;
	return r != 0 ? fail(f, r, "table of extended attributes", e) : 0;
}

static int open_squashfs(struct hull_readfs *f, struct hull_err *e)
{
	struct squash *s = f->state = hull_alloc(sizeof *s);
	int r;

	s->file = (struct squash_file){
		.base = {.base = {.destroy = keep}, .read_at = read_at, .get_size = get_size},
		.f = f};
	r = sqfs_super_read(&s->super, &s->file.base);
	if (r != 0)
		return fail(f, r, "superblock", e);
	if (s->super.bytes_used > f->length_bytes)
		return hull_readfs_bad(
			f, e, "truncated: it says that it has %" PRIu64 " bytes of %" PRIu64,
			s->super.bytes_used, f->length_bytes);
	/* a packed inode has no less than a thousandth of its bytes */
	if (s->super.inode_count > f->length_bytes * 64 ||
	    s->super.inode_table_start >= s->super.directory_table_start)
		return fail(f, SQFS_ERROR_CORRUPTED, "superblock", e);
	f->root = s->super.root_inode_ref;
	if (start_packer(f, s, e) < 0)
		return -1;
	return start_tables(f, s, e);
}

static void close_squashfs(struct hull_readfs *f)
{
	struct squash *s = f->state;

	if (!s)
		return;
	sqfs_free(s->last);
	sqfs_destroy(s->xattrs);
	sqfs_destroy(s->ids);
	sqfs_destroy(s->data);
	sqfs_destroy(s->directories);
	sqfs_destroy(s->inodes);
	sqfs_destroy(s->packer);
	free(s);
}

/* --- inodes --- */

static int seek(struct squash *s, uint64_t inode)
{
	return sqfs_meta_reader_seek(s->inodes, s->super.inode_table_start + (inode >> 16),
				     inode & 0xffff);
}

/* What is behind the first 16 bytes, by type. */
static size_t rest_bytes(unsigned int type)
{
	static const uint8_t bytes[] = {
		[SQFS_INODE_DIR] = 16,	    [SQFS_INODE_FILE] = 16,	 [SQFS_INODE_SLINK] = 8,
		[SQFS_INODE_BDEV] = 8,	    [SQFS_INODE_CDEV] = 8,	 [SQFS_INODE_FIFO] = 4,
		[SQFS_INODE_SOCKET] = 4,    [SQFS_INODE_EXT_DIR] = 24,	 [SQFS_INODE_EXT_FILE] = 40,
		[SQFS_INODE_EXT_SLINK] = 8, [SQFS_INODE_EXT_BDEV] = 12,	 [SQFS_INODE_EXT_CDEV] = 12,
		[SQFS_INODE_EXT_FIFO] = 8,  [SQFS_INODE_EXT_SOCKET] = 8,
	};

	return type < sizeof bytes ? bytes[type] : 0;
}

static int64_t xattr_index(const uint8_t *p)
{
	uint32_t i = hull_get_le32(p);

	return i == UINT32_MAX ? NO_XATTRS : (int64_t)i;
}

static void take_device(const uint8_t *p, struct readfs_inode *out)
{
	uint32_t device = hull_get_le32(p);

	out->major = (device & 0xfff00) >> 8;
	out->minor = (device & 0xff) | ((device >> 12) & 0xfff00);
}

/* By type: what is in b, which is behind the first 16 bytes. */
static void take_rest(const uint8_t *b, struct squash_inode *own, struct readfs_inode *out)
{
	static const mode_t types[] = {0,	S_IFDIR, S_IFREG, S_IFLNK,
				       S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK};

	out->mode |= types[own->type > 7 ? own->type - 7 : own->type];
	out->links = hull_get_le32(b);
	switch (own->type) {
	case SQFS_INODE_DIR:
		own->dir_block = hull_get_le32(b);
		own->dir_bytes = hull_get_le16(b + 8);
		own->dir_offset = hull_get_le16(b + 10);
		break;
	case SQFS_INODE_EXT_DIR:
		own->dir_bytes = hull_get_le32(b + 4);
		own->dir_block = hull_get_le32(b + 8);
		own->dir_offset = hull_get_le16(b + 18);
		own->xattrs = xattr_index(b + 20);
		break;
	case SQFS_INODE_FILE:
		out->links = 1;
		out->size_bytes = hull_get_le32(b + 12);
		break;
	case SQFS_INODE_EXT_FILE:
		out->size_bytes = hull_get_le64(b + 8);
		out->links = hull_get_le32(b + 24);
		own->xattrs = xattr_index(b + 36);
		break;
	case SQFS_INODE_SLINK:
	case SQFS_INODE_EXT_SLINK:
		out->size_bytes = hull_get_le32(b + 4);
		break;
	case SQFS_INODE_EXT_BDEV:
	case SQFS_INODE_EXT_CDEV:
		own->xattrs = xattr_index(b + 8);
		take_device(b + 4, out);
		break;
	case SQFS_INODE_BDEV:
	case SQFS_INODE_CDEV:
		take_device(b + 4, out);
		break;
	case SQFS_INODE_EXT_FIFO:
	case SQFS_INODE_EXT_SOCKET:
		own->xattrs = xattr_index(b + 4);
		break;
	default:
		break;
	}
}

static int read_inode(struct hull_readfs *f, uint64_t inode, struct squash_inode *own,
		      struct readfs_inode *out, struct hull_err *e)
{
	struct squash *s = f->state;
	uint8_t b[BASE_BYTES + 40] = {0};
	sqfs_u32 uid = 0, gid = 0;
	size_t rest;
	int r = seek(s, inode);

	*own = (struct squash_inode){.xattrs = NO_XATTRS};
	*out = (struct readfs_inode){0};
	if (r == 0)
		r = sqfs_meta_reader_read(s->inodes, b, BASE_BYTES);
	own->type = hull_get_le16(b);
	rest = rest_bytes(own->type);
	if (r == 0 && !rest)
		r = SQFS_ERROR_UNSUPPORTED;
	if (r == 0)
		r = sqfs_meta_reader_read(s->inodes, b + BASE_BYTES, rest);
	if (r == 0)
		r = sqfs_id_table_index_to_id(s->ids, hull_get_le16(b + 4), &uid);
	if (r == 0)
		r = sqfs_id_table_index_to_id(s->ids, hull_get_le16(b + 6), &gid);
	if (r != 0)
		return fail(f, r, "an inode", e);
	*out = (struct readfs_inode){.mode = hull_get_le16(b + 2) & 07777,
				     .uid = uid,
				     .gid = gid,
				     .mtime = (int64_t)hull_get_le32(b + 8)};
	own->target_at = BASE_BYTES + rest;
	take_rest(b + BASE_BYTES, own, out);
	return 0;
}

static int tell_inode(struct hull_readfs *f, uint64_t inode, struct readfs_inode *out,
		      struct hull_err *e)
{
	struct squash_inode own;

	return read_inode(f, inode, &own, out, e);
}

/* --- directories --- */

static int read_run(struct hull_readfs *f, struct squash *s, uint32_t *left, readfs_take_entry take,
		    void *context, struct hull_err *e)
{
	uint8_t header[DIR_HEADER_BYTES], b[DIR_ENTRY_BYTES], name[UINT8_MAX + 1];
	uint32_t count, block;

	if (sqfs_meta_reader_read(s->directories, header, sizeof header) != 0)
		return fail(f, SQFS_ERROR_CORRUPTED, "a directory", e);
	*left -= DIR_HEADER_BYTES;
	count = hull_get_le32(header) + 1;
	block = hull_get_le32(header + 4);
	if (!count || count > MAX_DIR_COUNT)
		return fail(f, SQFS_ERROR_CORRUPTED, "a directory", e);
	for (uint32_t i = 0; i < count; i++) {
		size_t n;

		if (*left < DIR_ENTRY_BYTES ||
		    sqfs_meta_reader_read(s->directories, b, sizeof b) != 0)
			return fail(f, SQFS_ERROR_CORRUPTED, "a directory", e);
		n = (size_t)hull_get_le16(b + 6) + 1;
		*left -= DIR_ENTRY_BYTES;
		if (n > *left || n > sizeof name ||
		    sqfs_meta_reader_read(s->directories, name, n) != 0)
			return fail(f, SQFS_ERROR_CORRUPTED, "a directory", e);
		*left -= (uint32_t)n;
		if (take(context, (uint64_t)block << 16 | hull_get_le16(b), (const char *)name, n,
			 e) < 0)
			return -1;
	}
	return 0;
}

static int tell_entries(struct hull_readfs *f, uint64_t inode, readfs_take_entry take,
			void *context, struct hull_err *e)
{
	struct squash *s = f->state;
	struct squash_inode own;
	struct readfs_inode i;
	uint32_t left;
	int r;

	if (read_inode(f, inode, &own, &i, e) < 0)
		return -1;
	left = own.dir_bytes > DIR_SIZE_EXTRA ? own.dir_bytes - DIR_SIZE_EXTRA : 0;
	if (!left)
		return 0;
	r = sqfs_meta_reader_seek(s->directories, s->super.directory_table_start + own.dir_block,
				  own.dir_offset);
	if (r != 0)
		return fail(f, r, "a directory", e);
	while (left > DIR_HEADER_BYTES)
		if (read_run(f, s, &left, take, context, e) < 0)
			return -1;
	return 0;
}

/* --- extended attributes --- */

static int tell_xattr(struct hull_readfs *f, struct squash *s, readfs_take_xattr take,
		      void *context, struct hull_err *e)
{
	sqfs_xattr_entry_t *key = NULL;
	sqfs_xattr_value_t *value = NULL;
	int r = sqfs_xattr_reader_read_key(s->xattrs, &key);

	if (r == 0)
		r = sqfs_xattr_reader_read_value(s->xattrs, key, &value);
	if (r == 0)
		r = take(context, (const char *)key->key, value->value, value->size, e);
	else
		r = fail(f, r, "an extended attribute", e);
	sqfs_free(key);
	sqfs_free(value);
	return r;
}

static int tell_xattrs(struct hull_readfs *f, uint64_t inode, readfs_take_xattr take, void *context,
		       struct hull_err *e)
{
	struct squash *s = f->state;
	struct squash_inode own;
	struct readfs_inode i;
	sqfs_xattr_id_t all;
	int r;

	if (read_inode(f, inode, &own, &i, e) < 0)
		return -1;
	if (own.xattrs == NO_XATTRS || !s->xattrs)
		return 0;
	r = sqfs_xattr_reader_get_desc(s->xattrs, (sqfs_u32)own.xattrs, &all);
	if (r == 0 && (all.count > MAX_XATTRS || all.size > MAX_XATTR_BYTES))
		r = SQFS_ERROR_OVERFLOW;
	if (r == 0)
		r = sqfs_xattr_reader_seek_kv(s->xattrs, &all);
	if (r != 0)
		return fail(f, r, "extended attributes", e);
	for (uint32_t k = 0; k < all.count; k++)
		if (tell_xattr(f, s, take, context, e) < 0)
			return -1;
	return 0;
}

/* --- content --- */

static int read_target(struct hull_readfs *f, struct squash *s, uint64_t inode,
		       const struct squash_inode *own, void *out, size_t n, struct hull_err *e)
{
	uint8_t b[BASE_BYTES + 40];
	int r = seek(s, inode);

	if (r == 0)
		r = sqfs_meta_reader_read(s->inodes, b, own->target_at);
	if (r == 0)
		r = sqfs_meta_reader_read(s->inodes, out, n);
	return r != 0 ? fail(f, r, "the target of a symlink", e) : 0;
}

static int read_content(struct hull_readfs *f, uint64_t inode, uint64_t offset_bytes, void *out,
			size_t n, struct hull_err *e)
{
	struct squash *s = f->state;
	struct squash_inode own;
	struct readfs_inode i;
	char *to = out;
	int r = 0;

	if (!s->last || s->last_number != inode) {
		if (read_inode(f, inode, &own, &i, e) < 0)
			return -1;
		if (S_ISLNK(i.mode))
			return read_target(f, s, inode, &own, out, n, e);
		sqfs_free(s->last);
		s->last = NULL;
		r = sqfs_meta_reader_read_inode(s->inodes, &s->super, inode >> 16, inode & 0xffff,
						&s->last);
		s->last_number = inode;
	}
	while (r == 0 && n) {
		sqfs_s32 got = sqfs_data_reader_read(s->data, s->last, offset_bytes, to,
						     n < INT32_MAX ? (sqfs_u32)n : INT32_MAX);

		r = got < 0 ? got : got == 0 ? SQFS_ERROR_OUT_OF_BOUNDS : 0;
		if (r == 0) {
			to += got;
			offset_bytes += (uint64_t)got;
			n -= (size_t)got;
		}
	}
	return r != 0 ? fail(f, r, "content of a file", e) : 0;
}

const struct readfs_driver hull_readfs_squashfs = {
	.content = "squashfs",
	.open = open_squashfs,
	.close = close_squashfs,
	.inode = tell_inode,
	.entries = tell_entries,
	.xattrs = tell_xattrs,
	.read = read_content,
};
