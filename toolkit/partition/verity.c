// SPDX-License-Identifier: MIT
#include "partition/verity.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
	BLOCK = 4096,
	DIGEST = 32,
	FAN_OUT = BLOCK / DIGEST,
	MAX_LEVELS = 10, /* 7 bits each: more than 64 bits */
	SUPERBLOCK_BYTES = 512,
	SALT_BYTES = 32,
	MAX_THREADS = 64,
	READ_BYTES = 64 * BLOCK
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

/* What one thread hashes: blocks [first, end) of the data. */
struct part {
	const struct hull_layout *layout;
	const struct hull_verity_options *o;
	uint64_t first, end;
	uint8_t *digests; /* of all blocks */
	int result;
	struct hull_err e;
};

static int hash_part(struct part *p, struct hasher *h, uint8_t *buf, struct hull_err *e)
{
	static const uint8_t zeros[BLOCK];
	struct hull_layout_reader r;
	uint8_t zero_digest[DIGEST];
	int result = 0;

	hash_block(h, zeros, zero_digest);
	hull_layout_reader_init(&r, p->layout);
	for (uint64_t at = p->first; at < p->end && result == 0;) {
		uint64_t n = p->end - at < READ_BYTES / BLOCK ? p->end - at : READ_BYTES / BLOCK;
		uint64_t offset = p->o->data_offset_bytes + at * BLOCK;
		bool hole = hull_layout_is_hole(p->layout, offset, n * BLOCK);

		if (!hole)
			result = hull_layout_read(&r, offset, buf, (size_t)n * BLOCK, e);
		for (uint64_t i = 0; i < n && result == 0; i++)
			if (hole)
				memcpy(p->digests + (at + i) * DIGEST, zero_digest, DIGEST);
			else
				hash_block(h, buf + i * BLOCK, p->digests + (at + i) * DIGEST);
		at += n;
	}
	hull_layout_reader_fini(&r);
	return result;
}

static void *run_part(void *arg)
{
	hull_autofree uint8_t *buf = hull_alloc(READ_BYTES);
	struct part *p = arg;
	struct hasher h;

	hasher_init(&h, p->o->salt);
	p->result = hash_part(p, &h, buf, &p->e);
	hasher_fini(&h);
	return NULL;
}

/* The digests of all data blocks; the first error in order of the data is the one that is told. */
static int hash_data(const struct hull_layout *l, const struct hull_verity_options *o,
		     uint8_t *digests, struct hull_err *e)
{
	uint64_t blocks = o->data_bytes / BLOCK, each;
	int threads = o->threads < MAX_THREADS ? o->threads : MAX_THREADS, result = 0;
	hull_autofree struct part *parts = NULL;
	pthread_t ids[MAX_THREADS];
	bool started[MAX_THREADS] = {0};

	hull_assert(threads >= 1);
	parts = hull_alloc((size_t)threads * sizeof *parts);
	each = blocks / (uint64_t)threads + 1;
	for (int i = 0; i < threads; i++) {
		uint64_t first = each * (uint64_t)i, end = first + each;

		parts[i] = (struct part){
			.layout = l,
			.o = o,
			.first = first < blocks ? first : blocks,
			.end = end < blocks ? end : blocks,
			.digests = digests,
		};
		if (i > 0)
			started[i] = !pthread_create(&ids[i], NULL, run_part, &parts[i]);
	}
	for (int i = 0; i < threads; i++) {
		if (started[i])
			pthread_join(ids[i], NULL);
		else
			run_part(&parts[i]);
		if (parts[i].result < 0 && result == 0) {
			*e = parts[i].e;
			result = -1;
		}
	}
	return result;
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
	for (int i = 0; i < DIGEST; i++)
		snprintf(out_root + 2 * i, 3, "%02x", root[i]);
	return hull_layout_seal(l, e);
}
