// SPDX-License-Identifier: MIT
#include "ext4/ext4_xattr.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "ext4/ext4_io.h"

enum {
	INODE_REST = 96,
	MAGIC_BYTES = 4,
	END_BYTES = 4, /* zeros behind the last entry */
};

struct attribute {
	uint8_t index; /* of the prefix */
	uint8_t name_length;
	const char *name; /* without the prefix */
	const void *value;
	size_t size;
	void *owned; /* value, if it was converted */
};

struct attributes {
	struct attribute *v;
	size_t n, cap;
};

static void attributes_fini(struct attributes *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i].owned);
	free(a->v);
}

static size_t pad(size_t n)
{
	return EXT2_EXT_ATTR_SIZE(n);
}

static size_t entry_size(const struct attribute *a)
{
	return pad(sizeof(struct ext2_ext_attr_entry) + a->name_length);
}

static bool find_prefix(const char *name, struct attribute *out)
{
	static const struct {
		const char *prefix;
		uint8_t index;
		bool whole;
	} prefixes[] = {
		{"system.posix_acl_access", 2, true},
		{"system.posix_acl_default", 3, true},
		{"user.", 1, false},
		{"trusted.", 4, false},
		{"security.", 6, false},
		{"system.", 7, false},
	};

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		size_t n = strlen(prefixes[i].prefix);

		if (!hull_starts(name, prefixes[i].prefix) || prefixes[i].whole != !name[n] ||
		    strlen(name + n) > UINT8_MAX)
			continue;
		out->index = prefixes[i].index;
		out->name = name + n;
		out->name_length = hull_u8(strlen(name + n));
		return true;
	}
	return false;
}

/* Entries of 8 bytes (tag, permissions, id) become 4 bytes unless they name a user or group. */
static int convert_acl(struct attribute *a, struct hull_err *e)
{
	enum { VERSION = 2, DISK_VERSION = 1, USER = 2, GROUP = 8 };
	const uint8_t *in = a->value;
	uint8_t *out;
	size_t n = 4;

	if (a->size < 4 || (a->size - 4) % 8 || hull_get_le32(in) != VERSION)
		return hull_fail(e, HULL_FAILED, "malformed");
	out = hull_alloc(a->size);
	hull_put_le32(out, DISK_VERSION);
	for (const uint8_t *p = in + 4; p < in + a->size; p += 8) {
		unsigned tag = hull_get_le16(p);
		size_t length = tag == USER || tag == GROUP ? 8 : 4;

		memcpy(out + n, p, length);
		n += length;
	}
	a->value = a->owned = out;
	a->size = n;
	return 0;
}

/* In the order that an xattr block must have. */
static int by_place(const void *x, const void *y)
{
	const struct attribute *a = x, *b = y;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	if (a->name_length != b->name_length)
		return a->name_length < b->name_length ? -1 : 1;
	return memcmp(a->name, b->name, a->name_length);
}

static int collect(const struct hull_xattr *list, struct attributes *out, struct hull_err *e)
{
	for (const struct hull_xattr *x = list; x; x = x->next) {
		struct attribute *a;

		out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
		a = &out->v[out->n++];
		*a = (struct attribute){.value = x->value, .size = x->size};
		if (!find_prefix(x->name, a))
			return hull_fail(e, HULL_FAILED, "xattr %s: ext4 cannot store such a name",
					 x->name);
		if ((a->index == 2 || a->index == 3) && convert_acl(a, e) < 0)
			return hull_wrap(e, "xattr %s: ", x->name);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_place);
	return 0;
}

/* Room for entries growing up and values growing down. */
struct xattr_area {
	uint8_t *base; /* what offsets count from; NULL to measure */
	size_t entries_end, values_start;
};

static uint32_t entry_hash(const struct attribute *a)
{
	uint32_t hash = 0;
	const uint8_t *value = a->value;

	for (size_t i = 0; i < a->name_length; i++)
		hash = (hash << 5) ^ (hash >> 27) ^ (uint8_t)a->name[i];
	for (size_t i = 0; i < a->size; i += 4) {
		uint8_t word[4] = {0};

		memcpy(word, value + i, a->size - i < 4 ? a->size - i : 4);
		hash = (hash << 16) ^ (hash >> 16) ^ hull_get_le32(word);
	}
	return hash;
}

static bool put(struct xattr_area *area, const struct attribute *a, uint32_t hash)
{
	struct ext2_ext_attr_entry *entry;
	size_t need = entry_size(a) + END_BYTES + pad(a->size);

	if (a->size > HULL_EXT4_BLOCK || area->entries_end + need > area->values_start)
		return false;
	if (a->size)
		area->values_start -= pad(a->size);
	if (area->base) {
		entry = (struct ext2_ext_attr_entry *)(area->base + area->entries_end);
		entry->e_name_len = a->name_length;
		entry->e_name_index = a->index;
		hull_put_le16(&entry->e_value_offs, a->size ? hull_u16(area->values_start) : 0);
		hull_put_le32(&entry->e_value_size, hull_u32(a->size));
		hull_put_le32(&entry->e_hash, hash);
		memcpy(EXT2_EXT_ATTR_NAME(entry), a->name, a->name_length);
		if (a->size)
			memcpy(area->base + area->values_start, a->value, a->size);
	}
	area->entries_end += entry_size(a);
	return true;
}

/* Puts every attribute into the inode or else into the block; false if the block is too small. */
static bool place(const struct attributes *list, struct xattr_area *inode, struct xattr_area *block,
		  uint32_t *out_block_hash)
{
	uint32_t all = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct attribute *a = &list->v[i];
		uint32_t hash;

		if (put(inode, a, 0))
			continue;
		hash = entry_hash(a);
		if (!put(block, a, hash))
			return false;
		all = (all << 16) ^ (all >> 16) ^ hash;
	}
	*out_block_hash = all;
	return true;
}

static struct xattr_area inode_area(uint8_t *rest)
{
	return (struct xattr_area){rest ? rest + MAGIC_BYTES : NULL, 0, INODE_REST - MAGIC_BYTES};
}

static struct xattr_area block_area(uint8_t *block)
{
	return (struct xattr_area){block, sizeof(struct ext2_ext_attr_header), HULL_EXT4_BLOCK};
}

int hull_ext4_xattr_measure(const struct hull_xattr *list, bool *out_block, struct hull_err *e)
{
	struct xattr_area inode = inode_area(NULL), block = block_area(NULL);
	struct attributes a = {0};
	uint32_t hash;
	size_t bytes = 0;
	int rc;

	*out_block = false;
	if (!list)
		return 0;
	rc = collect(list, &a, e);
	if (rc == 0 && !place(&a, &inode, &block, &hash)) {
		for (size_t i = 0; i < a.n; i++)
			bytes += entry_size(&a.v[i]) + pad(a.v[i].size);
		rc = hull_fail(e, HULL_FAILED,
			       "xattrs of %zu bytes do not fit into the inode and one block",
			       bytes);
	}
	*out_block = block.entries_end > sizeof(struct ext2_ext_attr_header);
	attributes_fini(&a);
	return rc;
}

static void write_header(uint8_t *block, uint64_t number, uint32_t hash, uint32_t seed)
{
	struct ext2_ext_attr_header *h = (struct ext2_ext_attr_header *)block;
	uint8_t le_number[8];
	uint32_t crc;

	hull_put_le32(&h->h_magic, EXT2_EXT_ATTR_MAGIC);
	hull_put_le32(&h->h_refcount, 1);
	hull_put_le32(&h->h_blocks, 1);
	hull_put_le32(&h->h_hash, hash);
	hull_put_le64(le_number, number);
	crc = ext2fs_crc32c_le(seed, le_number, sizeof le_number);
	hull_put_le32(&h->h_checksum, ext2fs_crc32c_le(crc, block, HULL_EXT4_BLOCK));
}

void hull_ext4_xattr_write(const struct hull_xattr *list, uint8_t inode_rest[96], uint8_t *block,
			   uint64_t block_number, uint32_t checksum_seed)
{
	struct xattr_area in_inode = inode_area(inode_rest), in_block = block_area(block);
	struct attributes a = {0};
	struct hull_err e;
	uint32_t hash;

	if (!list)
		return;
	hull_assert(collect(list, &a, &e) == 0 && place(&a, &in_inode, &in_block, &hash));
	if (in_inode.entries_end)
		hull_put_le32(inode_rest, EXT2_EXT_ATTR_MAGIC);
	if (block)
		write_header(block, block_number, hash, checksum_seed);
	attributes_fini(&a);
}
