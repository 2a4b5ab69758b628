// SPDX-License-Identifier: MIT
#include "ext4/ext4read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "ext4/ext4fs.h"

int hull_ext4_bad(const struct hull_ext4 *f, errcode_t code, struct hull_err *e, const char *fmt,
		  ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	return hull_fail(e, HULL_FAILED, "%s: ext4 at byte %" PRIu64 ": %s%s%s",
			 hull_disk_path(f->device.disk), f->device.offset_bytes, what,
			 code ? ": " : "",
			 code == HULL_EXT4_NOT_READ ? f->device.failure.msg
			 : code			    ? error_message(code)
						    : "");
}

/* --- files --- */

/* Bytes of a file that follow each other on the disk, or are zero. */
struct file_run {
	bool hole;
	uint64_t at, n; /* byte of the file system */
};

static int open_file(struct hull_ext4 *f, ext2_ino_t ino, struct hull_err *e)
{
	errcode_t code;

	if (f->ino == ino)
		return 0;
	f->ino = 0;
	if (f->extents)
		ext2fs_extent_free(f->extents);
	f->extents = NULL;
	code = ext2fs_read_inode(f->fs, ino, &f->inode);
	if (code)
		return hull_ext4_bad(f, code, e, "inode %u", ino);
	if (f->inode.i_flags & EXT4_EXTENTS_FL) {
		code = ext2fs_extent_open2(f->fs, ino, &f->inode, &f->extents);
		if (code) {
			f->extents = NULL;
			return hull_ext4_bad(f, code, e, "inode %u: its extents", ino);
		}
	}
	f->ino = ino;
	return 0;
}

/* What a block of a file is, and how many follow it. */
struct blocks {
	bool hole;
	blk64_t first;
	uint64_t n;
};

static bool is_end(errcode_t code)
{
	return code == EXT2_ET_EXTENT_NO_NEXT || code == EXT2_ET_NO_CURRENT_NODE;
}

static errcode_t find_extent(struct hull_ext4 *f, blk64_t block, struct blocks *out)
{
	struct ext2fs_extent x;
	errcode_t code = ext2fs_extent_goto(f->extents, block);
	bool found = !code;

	*out = (struct blocks){.hole = true, .n = UINT32_MAX};
	if (code && code != EXT2_ET_EXTENT_NOT_FOUND)
		return code;
	code = ext2fs_extent_get(f->extents, EXT2_EXTENT_CURRENT, &x);
	if (found && !code) {
		if (x.e_lblk > block || block - x.e_lblk >= x.e_len)
			return EXT2_ET_EXTENT_LEAF_BAD;
		out->hole = x.e_flags & EXT2_EXTENT_FLAGS_UNINIT;
		out->first = x.e_pblk + (block - x.e_lblk);
		out->n = x.e_len - (block - x.e_lblk);
		return 0;
	}
	/* a hole: up to the extent that follows */
	while (!code && x.e_lblk <= block)
		code = ext2fs_extent_get(f->extents, EXT2_EXTENT_NEXT_LEAF, &x);
	if (code)
		return is_end(code) ? 0 : code;
	out->n = x.e_lblk - block;
	return 0;
}

/* The same through a block map; `n` blocks are enough. */
static errcode_t find_mapped(struct hull_ext4 *f, blk64_t block, uint64_t n, struct blocks *out)
{
	for (uint64_t i = 0; i < n; i++) {
		blk64_t at = 0;
		errcode_t code =
			ext2fs_bmap2(f->fs, f->ino, &f->inode, NULL, 0, block + i, NULL, &at);

		if (code)
			return code;
		if (i && at != (out->hole ? 0 : out->first + i))
			break;
		if (!i)
			*out = (struct blocks){.hole = !at, .first = at};
		out->n = i + 1;
	}
	return 0;
}

static int find_run(struct hull_ext4 *f, ext2_ino_t ino, uint64_t offset_bytes, size_t n,
		    struct file_run *out, struct hull_err *e)
{
	uint64_t block_bytes = f->fs->blocksize, block = offset_bytes / block_bytes,
		 skip = offset_bytes % block_bytes;
	struct blocks b = {0};
	errcode_t code;

	if (open_file(f, ino, e) < 0)
		return -1;
	if (offset_bytes > EXT2_I_SIZE(&f->inode) || n > EXT2_I_SIZE(&f->inode) - offset_bytes)
		return hull_ext4_bad(f, 0, e, "inode %u: %zu bytes at %" PRIu64 " of %" PRIu64, ino,
				     n, offset_bytes, (uint64_t)EXT2_I_SIZE(&f->inode));
	code = f->extents ? find_extent(f, block, &b)
			  : find_mapped(f, block, (skip + n + block_bytes - 1) / block_bytes, &b);
	if (code)
		return hull_ext4_bad(f, code, e, "inode %u: block %" PRIu64, ino, block);
	if (!b.hole && (b.first < f->fs->super->s_first_data_block ||
			b.first >= ext2fs_blocks_count(f->fs->super) ||
			b.n > ext2fs_blocks_count(f->fs->super) - b.first))
		return hull_ext4_bad(f, 0, e,
				     "inode %u: its block %" PRIu64 " is said to be at block %llu, "
				     "which is not in the file system",
				     ino, block, (unsigned long long)b.first);
	*out = (struct file_run){b.hole, b.first * block_bytes + skip, b.n * block_bytes - skip};
	return 0;
}

static int read_inline(struct hull_ext4 *f, uint64_t offset_bytes, void *out, size_t n,
		       struct hull_err *e)
{
	hull_autofree char *all = NULL;
	size_t size = 0;
	errcode_t code = ext2fs_inline_data_size(f->fs, f->ino, &size);

	if (!code) {
		all = hull_alloc(size + 1);
		code = ext2fs_inline_data_get(f->fs, f->ino, NULL, all, &size);
	}
	if (code)
		return hull_ext4_bad(f, code, e, "inode %u: its inline data", f->ino);
	if (offset_bytes > size || n > size - offset_bytes)
		return hull_ext4_bad(f, 0, e, "inode %u: %zu bytes of inline data, not %" PRIu64,
				     f->ino, size, offset_bytes + n);
	memcpy(out, all + offset_bytes, n);
	return 0;
}

/* The next piece; with the mutex held. Nothing is left to read if the result is 1. */
static int locate(struct hull_ext4 *f, ext2_ino_t ino, uint64_t offset_bytes, void *out, size_t n,
		  struct file_run *run, struct hull_err *e)
{
	f->device.patience = HULL_EXT4_READ_PATIENCE;
	if (open_file(f, ino, e) < 0)
		return -1;
	if (f->inode.i_flags & EXT4_INLINE_DATA_FL)
		return read_inline(f, offset_bytes, out, n, e) < 0 ? -1 : 1;
	return find_run(f, ino, offset_bytes, n, run, e);
}

static int read_run(struct hull_ext4 *f, const struct file_run *run, void *out, size_t n,
		    struct hull_err *e)
{
	if (run->hole) {
		memset(out, 0, n);
		return 0;
	}
	return hull_disk_read(f->device.disk, f->device.offset_bytes + run->at, out, n, e);
}

/* Reads; the mutex is taken for what needs it unless it is held. */
static int read_content(struct hull_ext4 *f, ext2_ino_t ino, uint64_t offset_bytes, uint8_t *out,
			size_t n, bool held, struct hull_err *e)
{
	while (n) {
		struct file_run run = {0};
		size_t part;
		int r;

		if (!held)
			pthread_mutex_lock(&f->mutex);
		r = locate(f, ino, offset_bytes, out, n, &run, e);
		if (!held)
			pthread_mutex_unlock(&f->mutex);
		if (r)
			return r < 0 ? -1 : 0;
		part = run.n < n ? (size_t)run.n : n;
		if (read_run(f, &run, out, part, e) < 0)
			return hull_wrap(e, "inode %u: ", ino);
		out += part;
		offset_bytes += part;
		n -= part;
	}
	return 0;
}

int hull_ext4_read_inode(struct hull_ext4 *f, ext2_ino_t ino, uint64_t offset_bytes, void *out,
			 size_t n, struct hull_err *e)
{
	return read_content(f, ino, offset_bytes, out, n, true, e);
}

static int read_file(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
		     struct hull_err *e)
{
	struct hull_ext4 *f = context;

	return read_content(f, (ext2_ino_t)id, offset_bytes, out, n, false, e);
}

/* --- opening --- */

/* What libext2fs takes on trust, and what it says less clearly. */
static int check_superblock(const struct hull_ext4 *f, struct hull_err *e)
{
	struct ext2_super_block s;
	uint64_t blocks, block_bytes;

	if (f->device.length_bytes < SUPERBLOCK_OFFSET + sizeof s)
		return hull_ext4_bad(f, 0, e, "%" PRIu64 " bytes are too few",
				     f->device.length_bytes);
	if (hull_disk_read(f->device.disk, f->device.offset_bytes + SUPERBLOCK_OFFSET, &s, sizeof s,
			   e) < 0)
		return hull_wrap(e, "superblock of ext4: ");
	if (ext2fs_le16_to_cpu(s.s_magic) != EXT2_SUPER_MAGIC)
		return hull_ext4_bad(f, 0, e, "there is no superblock");
	if (ext2fs_le32_to_cpu(s.s_log_block_size) > 6)
		return hull_ext4_bad(f, 0, e, "superblock: its block size is out of range");
	block_bytes = UINT64_C(1024) << ext2fs_le32_to_cpu(s.s_log_block_size);
	blocks = ext2fs_le32_to_cpu(s.s_blocks_count);
	if (ext2fs_le32_to_cpu(s.s_feature_incompat) & EXT4_FEATURE_INCOMPAT_64BIT)
		blocks |= (uint64_t)ext2fs_le32_to_cpu(s.s_blocks_count_hi) << 32;
	if (blocks > f->device.length_bytes / block_bytes)
		return hull_ext4_bad(f, 0, e,
				     "superblock: truncated: %" PRIu64 " blocks of %" PRIu64
				     " bytes do not fit into %" PRIu64 " bytes",
				     blocks, block_bytes, f->device.length_bytes);
	return 0;
}

static int not_opened(const struct hull_ext4 *f, errcode_t code, struct hull_err *e)
{
	struct ext2_super_block s = {0};

	if (code != EXT2_ET_UNSUPP_FEATURE && code != EXT2_ET_RO_UNSUPP_FEATURE)
		return hull_ext4_bad(f, code, e, "superblock or group descriptors");
	hull_ignore(hull_disk_read(f->device.disk, f->device.offset_bytes + SUPERBLOCK_OFFSET, &s,
				   sizeof s, NULL));
	return hull_ext4_bad(f, 0, e,
			     "superblock: features that are not known (incompatible 0x%x, "
			     "read-only compatible 0x%x)",
			     ext2fs_le32_to_cpu(s.s_feature_incompat) &
				     ~(unsigned)EXT2_LIB_FEATURE_INCOMPAT_SUPP,
			     ext2fs_le32_to_cpu(s.s_feature_ro_compat) &
				     ~(unsigned)EXT2_LIB_FEATURE_RO_COMPAT_SUPP);
}

struct hull_ext4 *hull_ext4_open(struct hull_disk *d, uint64_t offset_bytes, uint64_t length_bytes,
				 struct hull_err *e)
{
	struct hull_ext4 *f = hull_alloc(sizeof *f);
	errcode_t code;

	f->device = (struct hull_ext4_device){.disk = d,
					      .offset_bytes = offset_bytes,
					      .length_bytes = length_bytes,
					      .patience = HULL_EXT4_OPEN_PATIENCE};
	f->source = (struct hull_content_source){read_file, f};
	pthread_mutex_init(&f->mutex, NULL);
	initialize_ext2_error_table();
	if (check_superblock(f, e) == 0) {
		code = hull_ext4_device_open(&f->device, &f->fs);
		if (!code) {
			memcpy(f->label, f->fs->super->s_volume_name, sizeof f->label - 1);
			return f;
		}
		f->fs = NULL;
		not_opened(f, code, e);
	}
	hull_ext4_free(f);
	return NULL;
}

void hull_ext4_free(struct hull_ext4 *f)
{
	if (!f)
		return;
	if (f->extents)
		ext2fs_extent_free(f->extents);
	if (f->fs)
		ext2fs_free(f->fs);
	hull_ext4_device_fini(&f->device);
	pthread_mutex_destroy(&f->mutex);
	hull_arena_fini(&f->arena);
	free(f);
}

bool hull_ext4_needs_replay(const struct hull_ext4 *f)
{
	return f->fs->super->s_feature_incompat & EXT3_FEATURE_INCOMPAT_RECOVER;
}

const char *hull_ext4_label(const struct hull_ext4 *f)
{
	return f->label;
}

struct hull_guid hull_ext4_uuid(const struct hull_ext4 *f)
{
	struct hull_guid id;

	memcpy(id.b, f->fs->super->s_uuid, sizeof id.b);
	return id;
}

const char *hull_ext4_note(const struct hull_ext4 *f)
{
	return f->note;
}
