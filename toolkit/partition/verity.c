// SPDX-License-Identifier: MIT
#include "partition/verity.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/workers.h"

enum {
	BLOCK = 4096,
	DIGEST = 32,
	FAN_OUT = BLOCK / DIGEST,
	MAX_LEVELS = 10, /* 7 bits each: more than 64 bits */
	SUPERBLOCK_BYTES = 512,
	SALT_BYTES = 32,
	READ_BLOCKS = 64,
	JOB_BLOCKS = 4 * READ_BLOCKS,
};

/* Blocks of each level, the one above the data first; returns how many levels there are. */
static int plan_levels(uint64_t data_blocks, uint64_t blocks[MAX_LEVELS])
{
	int n = 0;

	for (uint64_t below = data_blocks; below > 1; n++) {
		below = below / FAN_OUT + (below % FAN_OUT != 0);
		blocks[n] = below;
	}
	return n;
}

uint64_t hull_verity_bytes(uint64_t data_bytes)
{
	uint64_t blocks[MAX_LEVELS], all = 1;
	int n = plan_levels(data_bytes / BLOCK, blocks);

	for (int i = 0; i < n; i++)
		all += blocks[i];
	return all * BLOCK;
}

/* Hashes blocks of a fixed salt. */
struct hasher {
	EVP_MD_CTX *salted; /* the salt is in it */
	EVP_MD_CTX *work;
};

static void hasher_init(struct hasher *h, const uint8_t salt[SALT_BYTES])
{
	h->salted = EVP_MD_CTX_new();
	h->work = EVP_MD_CTX_new();
	hull_assert(h->salted && h->work);
	hull_assert(EVP_DigestInit_ex(h->salted, EVP_sha256(), NULL) &&
		    EVP_DigestUpdate(h->salted, salt, SALT_BYTES));
}

static void hasher_fini(struct hasher *h)
{
	EVP_MD_CTX_free(h->salted);
	EVP_MD_CTX_free(h->work);
}

static void hash_block(struct hasher *h, const uint8_t *block, uint8_t out[DIGEST])
{
	hull_assert(EVP_MD_CTX_copy_ex(h->work, h->salted) &&
		    EVP_DigestUpdate(h->work, block, BLOCK) &&
		    EVP_DigestFinal_ex(h->work, out, NULL));
}

/* What a thread hashes with. */
struct hashing_thread {
	uint8_t *buf; /* NULL: nothing of this was made yet */
	struct hasher hasher;
	struct hull_layout_reader reader;
};

struct hashing {
	const struct hull_layout *layout;
	const struct hull_verity_options *o;
	uint64_t blocks;  /* of data */
	uint8_t *digests; /* of all of them */
	uint8_t zero_digest[DIGEST];
	struct hashing_thread of_thread[HULL_WORKERS_MAX];
};

static struct hashing_thread *thread_init(struct hashing *h, int thread)
{
	struct hashing_thread *t = &h->of_thread[thread];

	if (!t->buf) {
		t->buf = hull_alloc(READ_BLOCKS * BLOCK);
		hasher_init(&t->hasher, h->o->salt);
		hull_layout_reader_init(&t->reader, h->layout);
	}
	return t;
}

static void thread_fini(struct hashing_thread *t)
{
	if (!t->buf)
		return;
	hull_layout_reader_fini(&t->reader);
	hasher_fini(&t->hasher);
	free(t->buf);
}

static int hash_job(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct hashing *h = ctx;
	struct hashing_thread *t = thread_init(h, thread);
	uint64_t at = (uint64_t)i * JOB_BLOCKS;
	uint64_t end = h->blocks - at < JOB_BLOCKS ? h->blocks : at + JOB_BLOCKS;

	for (; at < end; at += READ_BLOCKS) {
		uint64_t n = end - at < READ_BLOCKS ? end - at : READ_BLOCKS;
		uint64_t offset = h->o->data_offset_bytes + at * BLOCK;
		bool hole = hull_layout_is_hole(h->layout, offset, n * BLOCK);

		if (!hole && hull_layout_read(&t->reader, offset, t->buf, (size_t)n * BLOCK, e) < 0)
			return -1;
		for (uint64_t k = 0; k < n; k++)
			if (hole)
				memcpy(h->digests + (at + k) * DIGEST, h->zero_digest, DIGEST);
			else
				hash_block(&t->hasher, t->buf + k * BLOCK,
					   h->digests + (at + k) * DIGEST);
	}
	return 0;
}

/* The digests of all data blocks. */
static int hash_data(const struct hull_layout *l, const struct hull_verity_options *o,
		     uint8_t *digests, struct hull_err *e)
{
	static const uint8_t zeros[BLOCK];
	struct hashing h = {
		.layout = l, .o = o, .blocks = o->data_bytes / BLOCK, .digests = digests};
	int r;

	hash_block(&thread_init(&h, 0)->hasher, zeros, h.zero_digest);
	r = hull_workers_run(o->threads, (size_t)((h.blocks + JOB_BLOCKS - 1) / JOB_BLOCKS),
			     hash_job, &h, e);
	for (int i = 0; i < HULL_WORKERS_MAX; i++)
		thread_fini(&h.of_thread[i]);
	return r;
}

/* What follows its signature, as veritysetup writes it. */
static void fill_superblock(uint8_t b[SUPERBLOCK_BYTES], const struct hull_verity_options *o)
{
	hull_put_le32(b + 8, 1);  /* version of the superblock */
	hull_put_le32(b + 12, 1); /* format: salt in front */
	memcpy(b + 16, o->uuid.b, sizeof o->uuid.b);
	memcpy(b + 32, "sha256", sizeof "sha256");
	hull_put_le32(b + 64, BLOCK);
	hull_put_le32(b + 68, BLOCK);
	hull_put_le64(b + 72, o->data_bytes / BLOCK);
	hull_put_le16(b + 80, SALT_BYTES);
	memcpy(b + 88, o->salt, SALT_BYTES);
}

static int check(const struct hull_layout *l, const struct hull_verity_options *o,
		 struct hull_err *e)
{
	uint64_t need = hull_verity_bytes(o->data_bytes);

	if (!o->data_bytes || o->data_bytes % BLOCK)
		return hull_fail(e, HULL_FAILED,
				 "dm-verity: %" PRIu64 " bytes of data are not whole blocks of %d",
				 o->data_bytes, BLOCK);
	if (o->data_offset_bytes > l->size_bytes ||
	    o->data_bytes > l->size_bytes - o->data_offset_bytes)
		return hull_fail(e, HULL_FAILED,
				 "dm-verity: %" PRIu64 " bytes of data at %" PRIu64
				 " reach beyond the end of the disk at %" PRIu64,
				 o->data_bytes, o->data_offset_bytes, l->size_bytes);
	if (o->hash_bytes < need)
		return hull_fail(e, HULL_FAILED,
				 "dm-verity: the hash tree of %" PRIu64 " bytes needs %" PRIu64
				 " bytes; there is room for %" PRIu64,
				 o->data_bytes, need, o->hash_bytes);
	return 0;
}

/* Fills the levels above the data; on disk the highest comes first. Gives the root digest. */
static void hash_levels(uint8_t *tree, const uint64_t *blocks, int levels,
			const struct hull_verity_options *o, uint8_t root[DIGEST])
{
	uint64_t offset = hull_verity_bytes(o->data_bytes) - BLOCK;
	struct hasher h;

	hasher_init(&h, o->salt);
	for (int i = 0; i < levels; i++) {
		uint64_t above;

		offset -= blocks[i] * BLOCK;
		above = i + 1 < levels ? offset - blocks[i + 1] * BLOCK : 0;
		for (uint64_t b = 0; b < blocks[i]; b++)
			hash_block(&h, tree + offset + b * BLOCK,
				   i + 1 < levels ? tree + above + b * DIGEST : root);
	}
	hasher_fini(&h);
}

int hull_verity_add(struct hull_layout *l, const struct hull_verity_options *o,
		    char out_root[HULL_HEX], struct hull_err *e)
{
	uint64_t blocks[MAX_LEVELS], tree_bytes = hull_verity_bytes(o->data_bytes) - BLOCK;
	uint8_t superblock[SUPERBLOCK_BYTES] = "verity", root[DIGEST] = {0};
	int levels = plan_levels(o->data_bytes / BLOCK, blocks);
	struct hull_content content = {.dirfd = -1};
	uint8_t *tree;

	if (check(l, o, e) < 0)
		return -1;
	tree = hull_arena_alloc(&l->arena, tree_bytes + 1);
	content.memory = tree;
	/* A single block has no tree: its digest is the root. */
	if (hash_data(l, o, levels ? tree + tree_bytes - blocks[0] * BLOCK : root, e) < 0)
		return hull_wrap(e, "dm-verity: ");
	hash_levels(tree, blocks, levels, o, root);
	fill_superblock(superblock, o);
	hull_layout_add_bytes(l, o->hash_offset_bytes, superblock, sizeof superblock);
	hull_layout_add(l, o->hash_offset_bytes + BLOCK, tree_bytes, &content);
	hull_hex(root, DIGEST, out_root);
	return hull_layout_seal(l, e);
}
