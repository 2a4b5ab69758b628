// SPDX-License-Identifier: MIT
#include "sbom/filedigest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNK = 256 << 10, MAX_THREADS = 64 };

struct work {
	const struct hull_tree *tree;
	struct hull_sbom_file *files;
	size_t n;
	atomic_size_t next;
	atomic_bool stop;
	pthread_mutex_t lock;
	size_t failed; /* the file that e is about: the first one */
	struct hull_err e;
};

static void hex(const unsigned char *md, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[md[i] >> 4];
		*out++ = digits[md[i] & 15];
	}
	*out = '\0';
}

static void finish_sha1(EVP_MD_CTX *ctx, char out[41])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n;

	hull_assert(EVP_DigestFinal_ex(ctx, md, &n) == 1 && n == 20);
	hex(md, n, out);
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

static void *work(void *context)
{
	struct work *w = context;
	EVP_MD_CTX *sha1 = EVP_MD_CTX_new();
	char *chunk = hull_alloc(CHUNK);
	size_t i;

	hull_assert(sha1);
	while (!atomic_load(&w->stop) && (i = atomic_fetch_add(&w->next, 1)) < w->n) {
		const struct hull_node *v = w->tree->v;
		struct hull_err e;

		if (digest_file(&v[v[w->files[i].node].inode], &w->files[i], sha1, chunk, &e) == 0)
			continue;
		pthread_mutex_lock(&w->lock);
		if (i < w->failed) {
			w->failed = i;
			w->e = e;
		}
		atomic_store(&w->stop, true);
		pthread_mutex_unlock(&w->lock);
	}
	free(chunk);
	EVP_MD_CTX_free(sha1);
	return NULL;
}

int hull_file_digests(const struct hull_tree *t, struct hull_sbom_file *files, size_t n,
		      int threads, struct hull_err *e)
{
	struct work w = {
		.tree = t, .files = files, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER, .failed = n};
	pthread_t others[MAX_THREADS];
	int started = 0;

	while (started < threads - 1 && started < MAX_THREADS &&
	       pthread_create(&others[started], NULL, work, &w) == 0)
		started++;
	work(&w);
	while (started--)
		pthread_join(others[started], NULL);
	pthread_mutex_destroy(&w.lock);
	if (w.failed == n)
		return 0;
	*e = w.e;
	return -1;
}

void hull_sha1(const void *p, size_t n, char out[41])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int length;

	hull_assert(EVP_Digest(p, n, md, &length, EVP_sha1(), NULL) == 1 && length == 20);
	hex(md, length, out);
}
