// SPDX-License-Identifier: MIT
#include "ext4/ext4read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ext4/ext4fs.h"

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
	struct hull_err ignored;

	if (code != EXT2_ET_UNSUPP_FEATURE && code != EXT2_ET_RO_UNSUPP_FEATURE)
		return hull_ext4_bad(f, code, e, "superblock or group descriptors");
	(void)hull_disk_read(f->device.disk, f->device.offset_bytes + SUPERBLOCK_OFFSET, &s,
			     sizeof s, &ignored);
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
	f->source = (struct hull_content_source){hull_ext4_read_file, f};
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
