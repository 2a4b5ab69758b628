// SPDX-License-Identifier: MIT
#include "ext4/ext4_format.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "ext4/ext4_io.h"

enum {
	INODE_BYTES = 256,
	EXTRA_INODE_BYTES = 32,
	BYTES_PER_INODE = 16384,
	LOG_GROUPS_PER_FLEX = 4,
	MIN_JOURNAL_BLOCKS = 1024,
};

int hull_ext4_fail(struct hull_err *e, errcode_t rc, const char *what)
{
	return hull_fail(e, HULL_FAILED, "ext4: %s: %s", what, error_message(rc));
}

uint64_t hull_ext4_journal_blocks(const struct hull_ext4_options *o, uint64_t size_bytes)
{
	int n;

	if (o->read_only)
		return 0;
	if (o->journal_bytes)
		return (o->journal_bytes + HULL_EXT4_BLOCK - 1) / HULL_EXT4_BLOCK;
	n = ext2fs_default_journal_size(size_bytes / HULL_EXT4_BLOCK);
	return n > 0 ? (uint64_t)n : 0;
}

/* As many as the bitmaps of the groups can count. */
static uint64_t inode_limit(const struct hull_ext4_format *f)
{
	const uint64_t per_group = 8 * HULL_EXT4_BLOCK;
	uint64_t group_bytes = per_group * HULL_EXT4_BLOCK;

	return (f->size_bytes + group_bytes - 1) / group_bytes * per_group;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* One for every 16 KiB of the size, so that there are enough after it has grown, and at least one
 * for every 16 KiB that is free. */
static uint64_t inode_count(const struct hull_ext4_format *f)
{
	uint64_t free_bytes = f->size_bytes > f->data_bytes ? f->size_bytes - f->data_bytes : 0;
	uint64_t spare = f->o->spare_inodes, wish;

	if (f->o->read_only)
		return f->used_inodes + spare;
	wish = larger(f->size_bytes / BYTES_PER_INODE,
		      f->used_inodes + free_bytes / BYTES_PER_INODE);
	wish = wish < inode_limit(f) ? wish : inode_limit(f);
	return larger(wish, f->used_inodes + spare);
}

static void set_features(struct ext2_super_block *s, const struct hull_ext4_options *o)
{
	ext2fs_set_feature_xattr(s);
	ext2fs_set_feature_dir_index(s);
	if (!o->read_only)
		ext2fs_set_feature_resize_inode(s);
	ext2fs_set_feature_filetype(s);
	ext2fs_set_feature_extents(s);
	ext2fs_set_feature_64bit(s);
	ext2fs_set_feature_flex_bg(s);
	ext2fs_set_feature_sparse_super(s);
	ext2fs_set_feature_large_file(s);
	ext2fs_set_feature_huge_file(s);
	ext2fs_set_feature_dir_nlink(s);
	ext2fs_set_feature_extra_isize(s);
	ext2fs_set_feature_metadata_csum(s);
}

static uint32_t clock_seconds(int64_t time)
{
	/* 0 would make libext2fs ask the clock */
	if (time < 1)
		return 1;
	return time > UINT32_MAX ? UINT32_MAX : (uint32_t)time;
}

static void set_identity(ext2_filsys fs, const struct hull_ext4_options *o)
{
	struct ext2_super_block *s = fs->super;

	fs->now = clock_seconds(o->time);
	s->s_mkfs_time = s->s_lastcheck = s->s_wtime = clock_seconds(o->time);
	s->s_max_mnt_count = -1; /* never check because of the number of mounts */
	s->s_checkinterval = 0;
	s->s_checksum_type = EXT2_CRC32C_CHKSUM;
	s->s_errors = EXT2_ERRORS_RO;
	s->s_default_mount_opts = EXT2_DEFM_XATTR_USER | EXT2_DEFM_ACL;
	s->s_min_extra_isize = s->s_want_extra_isize = EXTRA_INODE_BYTES;
	s->s_def_hash_version = EXT2_HASH_HALF_MD4;
	s->s_flags |= EXT2_FLAGS_SIGNED_HASH;
	memcpy(s->s_hash_seed, o->hash_seed.b, sizeof o->hash_seed.b);
	memcpy(s->s_uuid, o->uuid.b, sizeof o->uuid.b);
	if (o->label)
		memcpy(s->s_volume_name, o->label, strlen(o->label));
	if (o->mount)
		memcpy(s->s_last_mounted, o->mount, strlen(o->mount));
	ext2fs_init_csum_seed(fs);
}

/* Memory for the used part of the inode tables, so that inodes are written in place. */
static void map_inode_tables(ext2_filsys fs, uint32_t used)
{
	uint32_t per_block = HULL_EXT4_BLOCK / INODE_BYTES;

	for (dgrp_t g = 0; g < fs->group_desc_count && used; g++) {
		uint32_t n =
			used < fs->super->s_inodes_per_group ? used : fs->super->s_inodes_per_group;

		hull_ext4_io_map(fs->io, ext2fs_inode_table_loc(fs, g),
				 (n + per_block - 1) / per_block);
		used -= n;
	}
}

uint8_t *hull_ext4_inode_at(ext2_filsys fs, uint32_t ino)
{
	uint32_t per_group = fs->super->s_inodes_per_group;
	uint64_t at = (uint64_t)((ino - 1) % per_group) * INODE_BYTES;
	uint64_t block = ext2fs_inode_table_loc(fs, (ino - 1) / per_group) + at / HULL_EXT4_BLOCK;

	return hull_ext4_io_block(fs->io, block) + at % HULL_EXT4_BLOCK;
}

static int check_options(const struct hull_ext4_format *f, struct hull_err *e)
{
	const struct hull_ext4_options *o = f->o;
	uint64_t journal = hull_ext4_journal_blocks(o, f->size_bytes);

	if (f->size_bytes % HULL_EXT4_BLOCK)
		return hull_fail(e, HULL_FAILED,
				 "ext4: a size of %" PRIu64 " bytes is no multiple of %d",
				 f->size_bytes, HULL_EXT4_BLOCK);
	if (o->label && strlen(o->label) > EXT2_LABEL_LEN)
		return hull_fail(e, HULL_FAILED, "ext4: label %s: longer than %d bytes", o->label,
				 EXT2_LABEL_LEN);
	if (o->mount && strlen(o->mount) > sizeof((struct ext2_super_block *)0)->s_last_mounted)
		return hull_fail(e, HULL_FAILED, "ext4: mount point %s: longer than 64 bytes",
				 o->mount);
	if (journal && (journal < MIN_JOURNAL_BLOCKS || journal > UINT32_MAX / 2))
		return hull_fail(e, HULL_FAILED,
				 "ext4: a journal of %" PRIu64 " bytes; 4 MiB is the least",
				 o->journal_bytes);
	return 0;
}

static int allocate(const struct hull_ext4_format *f, ext2_filsys fs, struct hull_err *e)
{
	errcode_t rc;

	hull_ext4_io_init(fs->io, ext2fs_blocks_count(fs->super), f->arena);
	set_identity(fs, f->o);
	rc = ext2fs_allocate_tables(fs);
	if (rc)
		return hull_ext4_fail(e, rc, "allocate group tables");
	map_inode_tables(fs, f->used_inodes);
	for (uint32_t ino = 1; ino <= f->used_inodes; ino++)
		ext2fs_inode_alloc_stats2(fs, ino, +1, 0);
	if (ext2fs_has_feature_resize_inode(fs->super)) {
		rc = ext2fs_create_resize_inode(fs);
		if (rc)
			return hull_ext4_fail(e, rc, "make the resize inode");
	}
	return 0;
}

int hull_ext4_format(const struct hull_ext4_format *f, ext2_filsys *out_fs, struct hull_err *e)
{
	struct ext2_super_block s = {
		.s_rev_level = EXT2_DYNAMIC_REV,
		.s_log_block_size = 2,
		.s_log_cluster_size = 2,
		.s_inode_size = INODE_BYTES,
		.s_log_groups_per_flex = LOG_GROUPS_PER_FLEX,
	};
	uint64_t inodes = inode_count(f);
	ext2_filsys fs;
	errcode_t rc;

	*out_fs = NULL;
	if (check_options(f, e) < 0)
		return -1;
	if (inodes > UINT32_MAX)
		return hull_fail(e, HULL_FAILED, "ext4: %" PRIu64 " inodes are too many", inodes);
	if (inodes > inode_limit(f))
		return 0;
	s.s_inodes_count = hull_u32(inodes);
	ext2fs_blocks_count_set(&s, f->size_bytes / HULL_EXT4_BLOCK);
	set_features(&s, f->o);
	rc = ext2fs_initialize("memory", EXT2_FLAG_64BITS, &s, hull_ext4_io(), &fs);
	if (rc == EXT2_ET_TOOSMALL || rc == EXT2_ET_TOO_MANY_INODES)
		return 0;
	if (rc)
		return hull_ext4_fail(e, rc, "initialise");
	if (allocate(f, fs, e) < 0) {
		ext2fs_free(fs);
		return -1;
	}
	*out_fs = fs;
	return 0;
}

int hull_ext4_finish(ext2_filsys fs, struct hull_err *e)
{
	errcode_t rc;

	for (dgrp_t g = 0; g < fs->group_desc_count; g++) {
		ext2fs_bg_flags_zap(fs, g);
		ext2fs_bg_flags_set(fs, g, EXT2_BG_INODE_ZEROED);
		ext2fs_group_desc_csum_set(fs, g);
	}
	fs->super->s_state = EXT2_VALID_FS;
	ext2fs_mark_super_dirty(fs);
	ext2fs_mark_ib_dirty(fs);
	ext2fs_mark_bb_dirty(fs);
	rc = ext2fs_flush(fs);
	return rc ? hull_ext4_fail(e, rc, "write the metadata") : 0;
}
