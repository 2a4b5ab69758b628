// SPDX-License-Identifier: MIT
#include "sbom/filedigest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/workers.h"

enum { CHUNK = 256 << 10 };

struct digesting {
	const struct hull_tree *tree;
	struct hull_sbom_file *files;
	struct {
		EVP_MD_CTX *sha1;
		char *chunk;
	} of_thread[HULL_WORKERS_MAX];
};

static void finish_sha1(EVP_MD_CTX *ctx, char out[41])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n;

	hull_assert(EVP_DigestFinal_ex(ctx, md, &n) == 1 && n == 20);
	hull_hex(md, n, out);
}

static int digest_file(const struct hull_node *node, struct hull_sbom_file *f, EVP_MD_CTX *sha1,
		       char *chunk, struct hull_err *e)
{
	hull_autohash struct hull_hash *sha256 = hull_hash_new();

	hull_assert(EVP_DigestInit_ex(sha1, EVP_sha1(), NULL) == 1);
	for (uint64_t done = 0; done < node->size_bytes;) {
		uint64_t left = node->size_bytes - done;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;

		if (hull_content_read(&node->content, done, chunk, n, e) < 0)
			return hull_wrap(e, "%s: ", f->path);
		hull_assert(EVP_DigestUpdate(sha1, chunk, n) == 1);
		hull_hash_add(sha256, chunk, n);
		done += n;
	}
	finish_sha1(sha1, f->sha1);
	hull_hash_hex(sha256, f->sha256);
	return 0;
}

static int digest_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct digesting *d = ctx;
	const struct hull_node *v = d->tree->v;

	if (!d->of_thread[thread].chunk) {
		d->of_thread[thread].chunk = hull_alloc(CHUNK);
		d->of_thread[thread].sha1 = EVP_MD_CTX_new();
		hull_assert(d->of_thread[thread].sha1);
	}
	return digest_file(&v[v[d->files[i].node].inode], &d->files[i], d->of_thread[thread].sha1,
			   d->of_thread[thread].chunk, e);
}

int hull_file_digests(const struct hull_tree *t, struct hull_sbom_file *files, size_t n,
		      int threads, struct hull_err *e)
{
	struct digesting d = {.tree = t, .files = files};
	int r = hull_workers_run(threads, n, digest_next, &d, e);

	for (int i = 0; i < HULL_WORKERS_MAX; i++) {
		EVP_MD_CTX_free(d.of_thread[i].sha1);
		free(d.of_thread[i].chunk);
	}
	return r;
}

void hull_sha1(const void *p, size_t n, char out[41])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int length;

	hull_assert(EVP_Digest(p, n, md, &length, EVP_sha1(), NULL) == 1 && length == 20);
	hull_hex(md, length, out);
}
