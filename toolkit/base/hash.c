// SPDX-License-Identifier: MIT
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static const char digits[] = "0123456789abcdef";

bool hull_starts_sha256(const char *s)
{
	return strspn(s, digits) == HULL_HEX - 1;
}

bool hull_is_sha256(const char *s)
{
	return s && hull_starts_sha256(s) && !s[HULL_HEX - 1];
}

void hull_hex(const void *bytes, size_t n, char *out)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

struct hull_hash {
	EVP_MD_CTX *ctx;
};

struct hull_hash *hull_hash_new(void)
{
	struct hull_hash *h = hull_alloc(sizeof *h);

	h->ctx = EVP_MD_CTX_new();
	hull_assert(h->ctx && EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) == 1);
	return h;
}

void hull_hash_free(struct hull_hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void hull_hashp(struct hull_hash **h)
{
	hull_hash_free(*h);
}

void hull_hash_add(struct hull_hash *h, const void *p, size_t n)
{
	hull_assert(EVP_DigestUpdate(h->ctx, p, n) == 1);
}

void hull_hash_field(struct hull_hash *h, const char *label, const char *value)
{
	size_t n = value ? strlen(value) : 0;
	char head[128];
	int m = snprintf(head, sizeof head, "%s %zu\n", label, n);

	hull_assert(m > 0 && (size_t)m < sizeof head);
	hull_hash_add(h, head, (size_t)m);
	if (n)
		hull_hash_add(h, value, n);
}

void hull_hash_hex(struct hull_hash *h, char out[HULL_HEX])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n;

	hull_assert(EVP_DigestFinal_ex(h->ctx, md, &n) == 1 && n == 32);
	hull_hex(md, n, out);
}

void hull_hash_bytes(const void *p, size_t n, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	hull_hash_add(h, p, n);
	hull_hash_hex(h, out);
}

int hull_hash_fd(int fd, char out[HULL_HEX], uint64_t *out_bytes, struct hull_err *e)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char buf[64 *
		 1024]; /* most files are small: memory for each would cost more than they do */
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hull_fail_errno(e, "read");
		hull_hash_add(h, buf, (size_t)n);
		total += (uint64_t)n;
	}
	hull_hash_hex(h, out);
	if (out_bytes)
		*out_bytes = total;
	return 0;
}

int hull_hash_file(int dirfd, const char *path, char out[HULL_HEX], uint64_t *out_bytes,
		   struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);

	if (fd < 0)
		return -1;
	return hull_hash_fd(fd, out, out_bytes, e) < 0 ? hull_wrap(e, "%s: ", path) : 0;
}
