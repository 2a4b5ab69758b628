// SPDX-License-Identifier: MIT
#include "ext4/ext4_inode.h"

#include <string.h>

#include "base/bytes.h"
#include "ext4/ext4_format.h"
#include "ext4/ext4_io.h"
#include "ext4/ext4_xattr.h"

enum {
	NODE_BYTES = 12, /* a header, an extent and an index entry have the same size */
	ROOT_ENTRIES = 4,
	TREE_ENTRIES = (HULL_EXT4_BLOCK - NODE_BYTES) / NODE_BYTES,
	SECTORS = HULL_EXT4_BLOCK / 512,
	INODE_FIELDS = 160,
};

_Static_assert(sizeof(struct ext2_inode_large) == INODE_FIELDS, "fields of an inode");
_Static_assert(sizeof(struct ext3_extent_header) == NODE_BYTES, "header of an extent node");
_Static_assert(sizeof(struct ext3_extent) == NODE_BYTES, "extent");
_Static_assert(sizeof(struct ext3_extent_idx) == NODE_BYTES, "entry of an extent index");

uint32_t hull_ext4_inode_seed(ext2_filsys fs, uint32_t ino)
{
	uint8_t le[8] = {0}; /* number and generation, which is 0 */

	hull_put_le32(le, ino);
	return ext2fs_crc32c_le(fs->csum_seed, le, sizeof le);
}

uint64_t hull_ext4_extent_tree_blocks(size_t n_extents)
{
	uint64_t blocks = 0;

	for (size_t n = n_extents; n > ROOT_ENTRIES; blocks += n)
		n = (n + TREE_ENTRIES - 1) / TREE_ENTRIES;
	return blocks;
}

static void put_header(uint8_t *node, size_t n, size_t max, unsigned depth)
{
	struct ext3_extent_header *h = (struct ext3_extent_header *)node;

	hull_put_le16(&h->eh_magic, EXT3_EXT_MAGIC);
	hull_put_le16(&h->eh_entries, hull_u16(n));
	hull_put_le16(&h->eh_max, hull_u16(max));
	hull_put_le16(&h->eh_depth, hull_u16(depth));
}

static void put_entry(uint8_t *node, size_t i, const struct hull_ext4_extent *x, unsigned depth)
{
	uint8_t *to = node + (i + 1) * NODE_BYTES;

	if (depth) {
		struct ext3_extent_idx *idx = (struct ext3_extent_idx *)to;

		hull_put_le32(&idx->ei_block, x->lblk);
		hull_put_le32(&idx->ei_leaf, (uint32_t)x->pblk);
		hull_put_le16(&idx->ei_leaf_hi, hull_u16(x->pblk >> 32));
	} else {
		struct ext3_extent *leaf = (struct ext3_extent *)to;

		hull_put_le32(&leaf->ee_block, x->lblk);
		hull_put_le16(&leaf->ee_len, hull_u16(x->n));
		hull_put_le32(&leaf->ee_start, (uint32_t)x->pblk);
		hull_put_le16(&leaf->ee_start_hi, hull_u16(x->pblk >> 32));
	}
}

/* The number of the i-th block of a list of extents. */
static uint64_t nth_block(const struct hull_ext4_extents *x, uint64_t i)
{
	for (size_t k = 0;; k++) {
		hull_assert(k < x->n);
		if (i < x->v[k].n)
			return x->v[k].pblk + i;
		i -= x->v[k].n;
	}
}

void hull_ext4_extent_tree_write(ext2_filsys fs, uint32_t ino, const struct hull_ext4_extents *x,
				 const struct hull_ext4_extents *tree_blocks,
				 uint8_t i_block[EXT2_N_BLOCKS * 4])
{
	uint32_t seed = hull_ext4_inode_seed(fs, ino);
	hull_autofree struct hull_ext4_extent *level = hull_alloc_array(x->n + 1, sizeof *level);
	size_t n = x->n;
	uint64_t next = 0;
	unsigned depth = 0;

	if (n)
		memcpy(level, x->v, n * sizeof *level);
	for (; n > ROOT_ENTRIES; depth++) {
		size_t nodes = (n + TREE_ENTRIES - 1) / TREE_ENTRIES;

		for (size_t k = 0; k < nodes; k++) {
			size_t first = k * TREE_ENTRIES;
			size_t count = n - first < TREE_ENTRIES ? n - first : TREE_ENTRIES;
			uint64_t pblk = nth_block(tree_blocks, next++);
			uint8_t *node = hull_ext4_io_block(fs->io, pblk);
			size_t tail = NODE_BYTES * (1 + TREE_ENTRIES);

			put_header(node, count, TREE_ENTRIES, depth);
			for (size_t i = 0; i < count; i++)
				put_entry(node, i, &level[first + i], depth);
			hull_put_le32(node + tail, ext2fs_crc32c_le(seed, node, tail));
			level[k] = (struct hull_ext4_extent){pblk, level[first].lblk, 1};
		}
		n = nodes;
	}
	memset(i_block, 0, EXT2_N_BLOCKS * 4);
	put_header(i_block, n, ROOT_ENTRIES, depth);
	for (size_t i = 0; i < n; i++)
		put_entry(i_block, i, &level[i], depth);
}

/* Seconds, and the two bits above them; nanoseconds are 0. */
static void put_time(void *seconds, void *extra, int64_t time)
{
	const int64_t least = INT32_MIN, most = INT32_MAX + (INT64_C(3) << 32);
	int32_t low;

	time = time < least ? least : time > most ? most : time;
	low = (int32_t)(uint32_t)(time & UINT32_MAX);
	hull_put_le32(seconds, (uint32_t)low);
	hull_put_le32(extra, (uint32_t)((time - low) >> 32) & 3);
}

static void put_xattrs(ext2_filsys fs, const struct hull_ext4_inode *i, uint8_t *raw)
{
	uint8_t *block = i->xattr_block ? hull_ext4_io_block(fs->io, i->xattr_block) : NULL;

	hull_ext4_xattr_write(i->xattrs, raw + INODE_FIELDS, block, i->xattr_block, fs->csum_seed);
}

void hull_ext4_inode_write(ext2_filsys fs, const struct hull_ext4_inode *i)
{
	uint8_t *raw = hull_ext4_inode_at(fs, i->ino);
	struct ext2_inode_large *p = (struct ext2_inode_large *)raw;
	uint64_t sectors = i->blocks * SECTORS;
	uint32_t flags = i->flags;

	if (sectors >> 48) {
		flags |= EXT4_HUGE_FILE_FL;
		sectors = i->blocks;
	}
	hull_put_le16(&p->i_mode, hull_u16(i->mode));
	hull_put_le16(&p->i_uid, (uint16_t)i->uid);
	hull_put_le16(&p->i_uid_high, hull_u16(i->uid >> 16));
	hull_put_le16(&p->i_gid, (uint16_t)i->gid);
	hull_put_le16(&p->i_gid_high, hull_u16(i->gid >> 16));
	hull_put_le16(&p->i_links_count, hull_u16(i->links));
	hull_put_le32(&p->i_size, (uint32_t)i->size_bytes);
	hull_put_le32(&p->i_size_high, hull_u32(i->size_bytes >> 32));
	hull_put_le32(&p->i_blocks, (uint32_t)sectors);
	hull_put_le16(&p->osd2.linux2.l_i_blocks_hi, hull_u16(sectors >> 32));
	hull_put_le32(&p->i_flags, flags);
	hull_put_le32(&p->i_file_acl, (uint32_t)i->xattr_block);
	hull_put_le16(&p->osd2.linux2.l_i_file_acl_high, hull_u16(i->xattr_block >> 32));
	memcpy(p->i_block, i->i_block, sizeof i->i_block);
	hull_put_le16(&p->i_extra_isize, sizeof *p - EXT2_GOOD_OLD_INODE_SIZE);
	put_time(&p->i_mtime, &p->i_mtime_extra, i->mtime);
	put_time(&p->i_atime, &p->i_atime_extra, i->time);
	put_time(&p->i_ctime, &p->i_ctime_extra, i->time);
	put_time(&p->i_crtime, &p->i_crtime_extra, i->time);
	put_xattrs(fs, i, raw);
	hull_assert(ext2fs_inode_csum_set(fs, i->ino, p) == 0);
}
