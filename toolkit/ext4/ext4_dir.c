// SPDX-License-Identifier: MIT
#include "ext4/ext4_dir.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "ext4/ext4_io.h"

enum {
	TAIL_BYTES = 12,
	DOT_BYTES = 12, /* the entry "." or ".." */
	LEAF_BYTES = HULL_EXT4_BLOCK - TAIL_BYTES,
	ROOT_OFFSET = 2 * DOT_BYTES + 8, /* of the index in the root block */
	NODE_OFFSET = 8,
	INDEX_ENTRY = 8,
	INDEX_TAIL = 8,
	ROOT_LIMIT = (HULL_EXT4_BLOCK - ROOT_OFFSET - INDEX_TAIL) / INDEX_ENTRY,
	NODE_LIMIT = (HULL_EXT4_BLOCK - NODE_OFFSET - INDEX_TAIL) / INDEX_ENTRY,
};

struct dir_entry {
	const char *name;
	uint32_t ino;
	uint32_t hash, minor;
	uint8_t length, type;
};

struct dir_entries {
	struct dir_entry *v;
	size_t n, cap;
	size_t *leaves; /* index of the first entry of each, and n at the end */
	size_t n_leaves, leaves_cap;
};

static void directory_fini(struct dir_entries *f)
{
	free(f->v);
	free(f->leaves);
}

static uint16_t record_bytes(const struct dir_entry *d)
{
	return (uint16_t)((offsetof(struct ext2_dir_entry_2, name) + d->length + 3) & ~3u);
}

static uint8_t file_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return EXT2_FT_REG_FILE;
	case S_IFDIR:
		return EXT2_FT_DIR;
	case S_IFCHR:
		return EXT2_FT_CHRDEV;
	case S_IFBLK:
		return EXT2_FT_BLKDEV;
	case S_IFIFO:
		return EXT2_FT_FIFO;
	case S_IFSOCK:
		return EXT2_FT_SOCK;
	case S_IFLNK:
		return EXT2_FT_SYMLINK;
	default:
		return EXT2_FT_UNKNOWN;
	}
}

static void add(struct dir_entries *f, const char *name, uint32_t ino, mode_t mode)
{
	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	f->v[f->n++] = (struct dir_entry){
		.name = name,
		.ino = ino,
		.length = hull_u8(strlen(name)),
		.type = file_type(mode),
	};
}

static uint32_t ino_of(const struct hull_ext4_plan *p, int node)
{
	uint32_t item = p->item_of[hull_ext4_plan_inode(p, node)];

	return item ? hull_ext4_plan_ino(item - 1) : 0;
}

static void collect(const struct hull_ext4_plan *p, int node, struct dir_entries *out)
{
	const struct hull_node *v = p->tree->v;

	if (node == HULL_NO_NODE || hull_ext4_plan_is_mount(p, node))
		return;
	if (node == p->top && p->own_lost_found)
		add(out, "lost+found", hull_ext4_plan_ino(1), S_IFDIR);
	for (int i = v[node].first_child; i != HULL_NO_NODE; i = v[i].next_sibling)
		add(out, v[i].name, ino_of(p, i), v[hull_ext4_plan_inode(p, i)].mode);
}

/* Whether everything fits into one block. */
static bool is_single(const struct dir_entries *f)
{
	size_t bytes = 2 * (size_t)DOT_BYTES;

	for (size_t i = 0; i < f->n && bytes <= LEAF_BYTES; i++)
		bytes += record_bytes(&f->v[i]);
	return bytes <= LEAF_BYTES;
}

static int by_hash(const void *x, const void *y)
{
	const struct dir_entry *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->minor != b->minor)
		return a->minor < b->minor ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void sort_by_hash(struct dir_entries *f, const struct hull_guid *hash_seed)
{
	uint32_t seed[4];

	for (size_t i = 0; i < 4; i++)
		seed[i] = hull_get_le32(hash_seed->b + 4 * i);
	for (size_t i = 0; i < f->n; i++) {
		errcode_t rc = ext2fs_dirhash2(EXT2_HASH_HALF_MD4, f->v[i].name, f->v[i].length,
					       NULL, 0, seed, &f->v[i].hash, &f->v[i].minor);

		hull_assert(rc == 0);
	}
	qsort(f->v, f->n, sizeof *f->v, by_hash);
}

static void add_leaf(struct dir_entries *f, size_t first)
{
	f->leaves = hull_grow(f->leaves, &f->leaves_cap, f->n_leaves, sizeof *f->leaves);
	f->leaves[f->n_leaves++] = first;
}

static void fill_leaves(struct dir_entries *f)
{
	size_t room = 0;

	for (size_t i = 0; i < f->n; i++) {
		size_t bytes = record_bytes(&f->v[i]);

		if (bytes > room) {
			add_leaf(f, i);
			room = LEAF_BYTES;
		}
		room -= bytes;
	}
	add_leaf(f, f->n);
	f->n_leaves--;
}

/* Blocks of the index between the root and the leaves. */
static size_t node_count(const struct dir_entries *f)
{
	return f->n_leaves <= ROOT_LIMIT ? 0 : (f->n_leaves + NODE_LIMIT - 1) / NODE_LIMIT;
}

int hull_ext4_dir_blocks(const struct hull_ext4_plan *p, int node, uint64_t *out_blocks,
			 struct hull_err *e)
{
	struct dir_entries f = {0};
	int rc = 0;

	collect(p, node, &f);
	*out_blocks = 1;
	if (!is_single(&f)) {
		sort_by_hash(&f, &p->o->hash_seed);
		fill_leaves(&f);
		*out_blocks = 1 + node_count(&f) + f.n_leaves;
		if (node_count(&f) > ROOT_LIMIT)
			rc = hull_fail(e, HULL_FAILED, "%zu names in one directory are too many",
				       f.n);
	}
	directory_fini(&f);
	return rc;
}

static void put_record(uint8_t *to, const struct dir_entry *d, size_t bytes)
{
	struct ext2_dir_entry_2 *r = (struct ext2_dir_entry_2 *)to;

	hull_put_le32(&r->inode, d->ino);
	hull_put_le16(&r->rec_len, hull_u16(bytes));
	r->name_len = d->length;
	r->file_type = d->type;
	memcpy(r->name, d->name, d->length);
}

/* The records of [first, end) from an offset on, the last one stretched to the tail. */
static void put_records(uint8_t *block, size_t at, const struct dir_entry *first,
			const struct dir_entry *end)
{
	for (const struct dir_entry *d = first; d < end; d++) {
		size_t bytes = d + 1 < end ? record_bytes(d) : LEAF_BYTES - at;

		put_record(block + at, d, bytes);
		at += bytes;
	}
}

static void put_tail(uint8_t *block, uint32_t seed)
{
	struct ext2_dir_entry_tail *t = (struct ext2_dir_entry_tail *)(block + LEAF_BYTES);

	hull_put_le16(&t->det_rec_len, TAIL_BYTES);
	hull_put_le16(&t->det_reserved_name_len, EXT2_DIR_NAME_LEN_CSUM);
	hull_put_le32(&t->det_checksum, ext2fs_crc32c_le(seed, block, LEAF_BYTES));
}

/* An index of n entries that has its limit at `offset`; checksummed when it is complete. */
static void put_index_entry(uint8_t *block, size_t offset, size_t i, uint32_t hash, uint32_t lblk)
{
	struct ext2_dx_entry *x = (struct ext2_dx_entry *)(block + offset) + i;

	if (i) /* the first entry's hash is 0, its place taken by limit and count */
		hull_put_le32(&x->hash, hash);
	hull_put_le32(&x->block, lblk);
}

static void finish_index(uint8_t *block, size_t offset, size_t limit, size_t n, uint32_t seed)
{
	struct ext2_dx_countlimit *c = (struct ext2_dx_countlimit *)(block + offset);
	uint8_t *tail = block + offset + limit * INDEX_ENTRY;
	uint32_t crc;

	hull_put_le16(&c->limit, hull_u16(limit));
	hull_put_le16(&c->count, hull_u16(n));
	crc = ext2fs_crc32c_le(seed, block, offset + n * INDEX_ENTRY);
	hull_put_le32(tail + 4, ext2fs_crc32c_le(crc, tail, INDEX_TAIL));
}

/* The hash a leaf begins with; odd if the leaf before it ends with the same one. */
static uint32_t leaf_hash(const struct dir_entries *f, size_t leaf)
{
	size_t first = f->leaves[leaf];

	return f->v[first].hash | (first && f->v[first - 1].hash == f->v[first].hash);
}

static void put_root(uint8_t *block, const struct dir_entry *dots, bool two_levels)
{
	struct ext2_dx_root_info *info = (struct ext2_dx_root_info *)(block + 2 * DOT_BYTES);

	put_record(block, &dots[0], DOT_BYTES);
	put_record(block + DOT_BYTES, &dots[1], HULL_EXT4_BLOCK - DOT_BYTES);
	info->hash_version = EXT2_HASH_HALF_MD4;
	info->info_length = sizeof *info;
	info->indirect_levels = two_levels;
}

static void write_hashed(const struct dir_entries *f, const struct dir_entry *dots,
			 uint8_t *const *blocks, uint32_t seed)
{
	size_t nodes = node_count(f), first_leaf = 1 + nodes;

	put_root(blocks[0], dots, nodes > 0);
	for (size_t i = 0; i < f->n_leaves; i++) {
		uint32_t hash = leaf_hash(f, i), lblk = hull_u32(first_leaf + i);
		size_t node = i / NODE_LIMIT;

		put_records(blocks[lblk], 0, f->v + f->leaves[i], f->v + f->leaves[i + 1]);
		put_tail(blocks[lblk], seed);
		if (!nodes) {
			put_index_entry(blocks[0], ROOT_OFFSET, i, hash, lblk);
			continue;
		}
		put_index_entry(blocks[1 + node], NODE_OFFSET, i % NODE_LIMIT, hash, lblk);
		if (i % NODE_LIMIT == 0)
			put_index_entry(blocks[0], ROOT_OFFSET, node, hash, hull_u32(1 + node));
	}
	for (size_t i = 0; i < nodes; i++) {
		size_t left = f->n_leaves - i * NODE_LIMIT;

		hull_put_le16(blocks[1 + i] + offsetof(struct ext2_dir_entry_2, rec_len),
			      HULL_EXT4_BLOCK);
		finish_index(blocks[1 + i], NODE_OFFSET, NODE_LIMIT,
			     left < NODE_LIMIT ? left : NODE_LIMIT, seed);
	}
	finish_index(blocks[0], ROOT_OFFSET, ROOT_LIMIT, nodes ? nodes : f->n_leaves, seed);
}

void hull_ext4_dir_write(const struct hull_ext4_plan *p, size_t item, uint8_t *const *blocks,
			 size_t n_blocks, uint32_t checksum_seed)
{
	int node = p->v[item].node;
	bool is_top = node == p->top || node == HULL_NO_NODE;
	struct dir_entry dots[2] = {
		{.name = ".", .length = 1, .type = EXT2_FT_DIR, .ino = hull_ext4_plan_ino(item)},
		{.name = "..", .length = 2, .type = EXT2_FT_DIR},
	};
	struct dir_entries f = {0};

	dots[1].ino = is_top ? hull_ext4_plan_ino(0) : ino_of(p, p->tree->v[node].parent);
	collect(p, node, &f);
	if (n_blocks > 1) {
		sort_by_hash(&f, &p->o->hash_seed);
		fill_leaves(&f);
		hull_assert(1 + node_count(&f) + f.n_leaves == n_blocks);
		write_hashed(&f, dots, blocks, checksum_seed);
	} else {
		put_record(blocks[0], &dots[0], DOT_BYTES);
		put_record(blocks[0] + DOT_BYTES, &dots[1],
			   f.n ? DOT_BYTES : LEAF_BYTES - DOT_BYTES);
		put_records(blocks[0], 2 * DOT_BYTES, f.v, f.v + f.n);
		put_tail(blocks[0], checksum_seed);
	}
	directory_fini(&f);
}
