// SPDX-License-Identifier: MIT
#include "ext4/ext4.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "ext4/ext4_dir.h"
#include "ext4/ext4_format.h"
#include "ext4/ext4_inode.h"
#include "ext4/ext4_io.h"
#include "ext4/ext4_plan.h"
#include "ext4/ext4_space.h"

enum { MAX_DIRECTORY_LINKS = 65000, MIB = 1 << 20 };

/* One attempt to lay a plan out in a file system of a certain size. */
struct attempt {
	struct hull_ext4_plan *plan;
	const struct hull_ext4_options *o;
	uint64_t size_bytes, journal_blocks;
	ext2_filsys fs;
	struct hull_ext4_space space;
	struct hull_ext4_extents data, tree; /* of the item at hand */
	struct hull_layout *layout;	     /* NULL to only see whether everything fits */
	uint64_t offset_bytes;
	struct hull_arena arena; /* for metadata if there is no layout */
};

static void attempt_fini(struct attempt *a)
{
	if (a->fs)
		ext2fs_free(a->fs);
	hull_ext4_space_fini(&a->space);
	free(a->data.v);
	free(a->tree.v);
	hull_arena_fini(&a->arena);
}

/* Formats; a->fs stays NULL if the size is far too small. */
static int attempt_init(struct attempt *a, struct hull_ext4_plan *plan, uint64_t size_bytes,
			struct hull_layout *l, struct hull_err *e)
{
	struct hull_ext4_format f = {
		.size_bytes = size_bytes,
		.data_bytes = plan->blocks * HULL_EXT4_BLOCK,
		.used_inodes = hull_ext4_plan_ino(plan->n - 1),
		.o = plan->o,
		.arena = l ? &l->arena : &a->arena,
	};

	*a = (struct attempt){
		.plan = plan,
		.o = plan->o,
		.size_bytes = size_bytes,
		.journal_blocks = hull_ext4_journal_blocks(plan->o, size_bytes),
		.layout = l,
	};
	if (hull_ext4_format(&f, &a->fs, e) < 0)
		return -1;
	return a->fs ? hull_ext4_space_init(&a->space, a->fs, e) : 0;
}

/* --- blocks of an item --- */

static bool take_data(struct attempt *a, const struct hull_ext4_item *item)
{
	const struct hull_ext4_segment *s = a->plan->segments + item->first_segment;

	a->data.n = a->tree.n = 0;
	for (size_t i = 0; i < item->n_segments; i++) {
		if (!hull_ext4_space_take(&a->space, s[i].lblk, s[i].n, &a->data))
			return false;
	}
	return hull_ext4_space_take(&a->space, 0, hull_ext4_extent_tree_blocks(a->data.n),
				    &a->tree);
}

static uint64_t count_blocks(const struct hull_ext4_extents *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->v[i].n;
	return n;
}

static void add_content(struct attempt *a, const struct hull_content *from, uint64_t size_bytes)
{
	for (size_t i = 0; i < a->data.n; i++) {
		const struct hull_ext4_extent *x = &a->data.v[i];
		uint64_t skip = (uint64_t)x->lblk * HULL_EXT4_BLOCK;
		uint64_t n = (uint64_t)x->n * HULL_EXT4_BLOCK;
		struct hull_content content = *from;

		content.offset_bytes += skip;
		hull_layout_add(a->layout, a->offset_bytes + x->pblk * HULL_EXT4_BLOCK,
				n < size_bytes - skip ? n : size_bytes - skip, &content);
	}
}

static void write_directory(struct attempt *a, size_t item)
{
	uint32_t ino = hull_ext4_plan_ino(item), group;
	size_t n = (size_t)count_blocks(&a->data), at = 0;
	hull_autofree uint8_t **blocks = hull_alloc_array(n, sizeof *blocks);

	for (size_t i = 0; i < a->data.n; i++) {
		const struct hull_ext4_extent *x = &a->data.v[i];

		hull_ext4_io_map(a->fs->io, x->pblk, x->n);
		for (uint32_t k = 0; k < x->n; k++)
			blocks[at++] = hull_ext4_io_block(a->fs->io, x->pblk + k);
	}
	hull_ext4_dir_write(a->plan, item, blocks, n, hull_ext4_inode_seed(a->fs, ino));
	group = (ino - 1) / a->fs->super->s_inodes_per_group;
	ext2fs_bg_used_dirs_count_set(a->fs, group, ext2fs_bg_used_dirs_count(a->fs, group) + 1);
}

static void put_symlink(struct attempt *a, const char *target, struct hull_ext4_inode *i)
{
	i->size_bytes = strlen(target);
	if (!a->data.n) {
		memcpy(i->i_block, target, i->size_bytes);
		return;
	}
	i->flags = EXT4_EXTENTS_FL;
	memcpy(hull_ext4_io_block(a->fs->io, a->data.v[0].pblk), target, i->size_bytes);
}

static void put_device(const struct hull_node *f, struct hull_ext4_inode *i)
{
	if (f->major < 256 && f->minor < 256)
		hull_put_le32(i->i_block, f->major << 8 | f->minor);
	else
		hull_put_le32(i->i_block + 4,
			      (f->minor & 0xff) | f->major << 8 | (f->minor & ~0xffu) << 12);
}

/* Content, and the fields of the inode that depend on the type. */
static void write_content(struct attempt *a, size_t item, const struct hull_node *f,
			  struct hull_ext4_inode *i)
{
	if (a->data.n || S_ISREG(f->mode) || S_ISDIR(f->mode))
		hull_ext4_extent_tree_write(a->fs, i->ino, &a->data, &a->tree, i->i_block);
	switch (f->mode & S_IFMT) {
	case S_IFREG:
		i->flags = EXT4_EXTENTS_FL;
		i->size_bytes = f->size_bytes;
		add_content(a, &f->content, f->size_bytes);
		break;
	case S_IFDIR:
		i->size_bytes = count_blocks(&a->data) * HULL_EXT4_BLOCK;
		i->flags = EXT4_EXTENTS_FL | (i->size_bytes > HULL_EXT4_BLOCK ? EXT2_INDEX_FL : 0);
		if (i->links > MAX_DIRECTORY_LINKS)
			i->links = 1;
		write_directory(a, item);
		break;
	case S_IFLNK:
		put_symlink(a, f->target, i);
		break;
	case S_IFCHR:
	case S_IFBLK:
		put_device(f, i);
		break;
	default:
		break;
	}
}

static void write_item(struct attempt *a, size_t item, uint64_t xattr_block)
{
	static const struct hull_node lost_found = {.mode = S_IFDIR | 0700, .mtime = INT64_MAX};
	const struct hull_ext4_item *it = &a->plan->v[item];
	const struct hull_node *f =
		it->node == HULL_NO_NODE ? &lost_found : &a->plan->tree->v[it->node];
	struct hull_ext4_inode i = {
		.ino = hull_ext4_plan_ino(item),
		.mode = f->mode,
		.links = it->links,
		.uid = f->uid,
		.gid = f->gid,
		.mtime = f->mtime < a->o->time ? f->mtime : a->o->time,
		.time = a->o->time,
		.blocks = count_blocks(&a->data) + count_blocks(&a->tree) + it->xattr_block,
		.xattr_block = xattr_block,
		.xattrs = f->xattrs,
	};

	write_content(a, item, f, &i);
	hull_ext4_inode_write(a->fs, &i);
}

/* False if there is no room. */
static bool place_item(struct attempt *a, size_t item)
{
	const struct hull_ext4_item *it = &a->plan->v[item];
	struct hull_ext4_extents xattr = {0};
	uint64_t xattr_block = 0;

	if (!take_data(a, it))
		return false;
	if (it->xattr_block) {
		if (!hull_ext4_space_take(&a->space, 0, 1, &xattr))
			return false;
		xattr_block = xattr.v[0].pblk;
		free(xattr.v);
	}
	if (a->layout)
		write_item(a, item, xattr_block);
	return true;
}

/* --- journal --- */

static int write_journal_superblock(struct attempt *a, struct hull_err *e)
{
	struct ext2fs_journal_params params = {
		.num_journal_blocks = hull_u32(a->journal_blocks),
	};
	char *block;
	errcode_t rc = ext2fs_create_journal_superblock2(a->fs, &params, 0, &block);

	if (rc)
		return hull_ext4_fail(e, rc, "make the journal");
	memcpy(hull_ext4_io_block(a->fs->io, a->data.v[0].pblk), block, HULL_EXT4_BLOCK);
	ext2fs_free_mem(&block);
	return 0;
}

static int write_journal(struct attempt *a, struct hull_err *e)
{
	struct ext2_super_block *s = a->fs->super;
	struct hull_ext4_inode i = {
		.ino = EXT2_JOURNAL_INO,
		.mode = S_IFREG | 0600,
		.links = 1,
		.flags = EXT4_EXTENTS_FL,
		.mtime = a->o->time,
		.time = a->o->time,
		.size_bytes = a->journal_blocks * HULL_EXT4_BLOCK,
		.blocks = a->journal_blocks + count_blocks(&a->tree),
	};

	hull_ext4_extent_tree_write(a->fs, i.ino, &a->data, &a->tree, i.i_block);
	hull_ext4_inode_write(a->fs, &i);
	ext2fs_set_feature_journal(s);
	s->s_journal_inum = EXT2_JOURNAL_INO;
	s->s_jnl_backup_type = EXT3_JNL_BACKUP_BLOCKS;
	for (size_t k = 0; k < EXT2_N_BLOCKS; k++)
		s->s_jnl_blocks[k] = hull_get_le32(i.i_block + 4 * k);
	s->s_jnl_blocks[15] = (uint32_t)(i.size_bytes >> 32);
	s->s_jnl_blocks[16] = (uint32_t)i.size_bytes;
	return write_journal_superblock(a, e);
}

/* --- the whole --- */

static bool is_directory(const struct hull_ext4_plan *p, size_t item)
{
	int node = p->v[item].node;

	return node == HULL_NO_NODE || S_ISDIR(p->tree->v[node].mode);
}

/* Directories, journal, then everything else in order of the tree. 1 if it fits, 0 if not. */
static int place(struct attempt *a, struct hull_err *e)
{
	const struct hull_ext4_item journal = {.n_segments = 0};

	for (size_t i = 0; i < a->plan->n; i++) {
		if (is_directory(a->plan, i) && !place_item(a, i))
			return 0;
	}
	if (a->journal_blocks) {
		if (!take_data(a, &journal) ||
		    !hull_ext4_space_take(&a->space, 0, a->journal_blocks, &a->data) ||
		    !hull_ext4_space_take(&a->space, 0, hull_ext4_extent_tree_blocks(a->data.n),
					  &a->tree))
			return 0;
		if (a->layout && write_journal(a, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < a->plan->n; i++) {
		if (!is_directory(a->plan, i) && !place_item(a, i))
			return 0;
	}
	return 1;
}

/* Whether the plan and so many blocks more fit into a size; else *out_missing is at least 1. */
static int fits(struct hull_ext4_plan *p, uint64_t size_bytes, uint64_t spare_blocks,
		uint64_t *out_missing, struct hull_err *e)
{
	struct attempt a;
	uint64_t need;
	int rc = attempt_init(&a, p, size_bytes, NULL, e);

	*out_missing = 1;
	if (rc == 0 && a.fs) {
		need = p->blocks + a.journal_blocks + spare_blocks;
		if (need > a.space.free) {
			*out_missing = need - a.space.free;
		} else {
			rc = place(&a, e);
			if (rc == 1 && a.space.free < spare_blocks)
				rc = 0;
		}
	}
	attempt_fini(&a);
	return rc;
}

/* Every size below what was tried is too small: what is missing only grows towards smaller sizes.
 */
static int smallest(struct hull_ext4_plan *p, uint64_t head_room_bytes, uint64_t *out_bytes,
		    struct hull_err *e)
{
	uint64_t spare = (head_room_bytes + HULL_EXT4_BLOCK - 1) / HULL_EXT4_BLOCK, missing;
	uint64_t size = (p->blocks + spare) * HULL_EXT4_BLOCK + p->n * 256;

	for (;;) {
		int rc;

		size = (size + MIB - 1) / MIB * MIB;
		rc = fits(p, size, spare, &missing, e);
		if (rc < 0)
			return -1;
		if (rc == 1)
			break;
		size += missing * HULL_EXT4_BLOCK;
	}
	*out_bytes = size;
	return 0;
}

int hull_ext4_min_bytes(const struct hull_tree *t, int top, const int *mounts, size_t n,
			uint64_t head_room_bytes, const struct hull_ext4_options *o,
			uint64_t *out_bytes, struct hull_err *e)
{
	struct hull_ext4_plan p;
	int rc = hull_ext4_plan_init(&p, t, top, mounts, n, o, e);

	if (rc == 0)
		rc = smallest(&p, head_room_bytes, out_bytes, e);
	hull_ext4_plan_fini(&p);
	return rc;
}

static int fail_full(struct attempt *a, struct hull_err *e)
{
	uint64_t least;

	if (smallest(a->plan, 0, &least, e) < 0)
		return -1;
	return hull_fail(e, HULL_FAILED,
			 "ext4: %zu inodes with %" PRIu64 " KiB of data do not fit into %" PRIu64
			 " KiB; at least %" PRIu64 " MiB are needed",
			 a->plan->n, a->plan->blocks * (HULL_EXT4_BLOCK / 1024),
			 a->size_bytes / 1024, least / MIB);
}

static int complete(struct attempt *a, struct hull_err *e)
{
	hull_assert(a->fs);
	hull_ext4_space_mark(&a->space, a->fs);
	if (hull_ext4_finish(a->fs, e) < 0)
		return -1;
	hull_ext4_io_emit(a->fs->io, a->layout, a->offset_bytes);
	return 0;
}

int hull_ext4_add(struct hull_layout *l, uint64_t offset_bytes, const struct hull_tree *t, int top,
		  const int *mounts, size_t n, const struct hull_ext4_options *o,
		  struct hull_err *e)
{
	struct attempt a = {0};
	struct hull_ext4_plan p;
	int rc = hull_ext4_plan_init(&p, t, top, mounts, n, o, e);

	if (rc == 0)
		rc = attempt_init(&a, &p, o->size_bytes, l, e);
	a.offset_bytes = offset_bytes;
	if (rc == 0 && a.fs)
		rc = place(&a, e);
	if (rc == 0)
		rc = fail_full(&a, e);
	else if (rc > 0)
		rc = complete(&a, e);
	attempt_fini(&a);
	hull_ext4_plan_fini(&p);
	return rc;
}
