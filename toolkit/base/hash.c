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

/* --- kinds --- */

static const struct {
	const char *name, *other;
	const EVP_MD *(*md)(void);
	size_t bytes;
} kinds[HULL_DIGESTS] = {
	[HULL_SHA1] = {"sha1", "sha", EVP_sha1, 20},
	[HULL_SHA256] = {"sha256", "sha-256", EVP_sha256, 32},
	[HULL_SHA384] = {"sha384", "sha-384", EVP_sha384, 48},
	[HULL_SHA512] = {"sha512", "sha-512", EVP_sha512, 64},
};

const char *hull_digest_name(enum hull_digest kind)
{
	return kinds[kind].name;
}

bool hull_checksum_parse(const char *name, const char *hex, struct hull_checksum *out)
{
	for (int k = 0; k < HULL_DIGESTS; k++) {
		size_t n = 2 * kinds[k].bytes;

		if (strcmp(name, kinds[k].name) != 0 && strcmp(name, kinds[k].other) != 0)
			continue;
		if (strlen(hex) != n || strspn(hex, "0123456789abcdefABCDEF") != n)
			return false;
		out->kind = (enum hull_digest)k;
		for (size_t i = 0; i <= n; i++)
			out->hex[i] = (char)(hex[i] >= 'A' && hex[i] <= 'F' ? hex[i] + 'a' - 'A'
									    : hex[i]);
		return true;
	}
	return false;
}

/* --- running digests --- */

struct hull_hash {
	EVP_MD_CTX *ctx;
};

static struct hull_hash *new_of(enum hull_digest kind)
{
	struct hull_hash *h = hull_alloc(sizeof *h);

	h->ctx = EVP_MD_CTX_new();
	hull_assert(h->ctx && EVP_DigestInit_ex(h->ctx, kinds[kind].md(), NULL) == 1);
	return h;
}

struct hull_hash *hull_hash_new(void)
{
	return new_of(HULL_SHA256);
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

static void end(struct hull_hash *h, enum hull_digest kind, char *out)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int n;

	hull_assert(EVP_DigestFinal_ex(h->ctx, md, &n) == 1 && n == kinds[kind].bytes);
	hull_hex(md, n, out);
}

void hull_hash_hex(struct hull_hash *h, char out[HULL_HEX])
{
	end(h, HULL_SHA256, out);
}

void hull_hash_bytes(const void *p, size_t n, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	hull_hash_add(h, p, n);
	hull_hash_hex(h, out);
}

/* All that is left of a file, into as many digests. */
static int add_fd(struct hull_hash *const *h, size_t n_hashes, int fd, uint64_t *out_bytes,
		  struct hull_err *e)
{
	char buf[64 *
		 1024]; /* most files are small: memory for each would cost more than they do */
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return hull_fail_errno(e, "read");
		for (size_t i = 0; i < n_hashes; i++)
			hull_hash_add(h[i], buf, (size_t)n);
		total += (uint64_t)n;
	}
	if (out_bytes)
		*out_bytes = total;
	return 0;
}

void hull_checksum_bytes(const void *p, size_t n, enum hull_digest kind, struct hull_checksum *out)
{
	hull_autohash struct hull_hash *h = new_of(kind);

	hull_hash_add(h, p, n);
	out->kind = kind;
	end(h, kind, out->hex);
}

int hull_hash_fd(int fd, char out[HULL_HEX], uint64_t *out_bytes, struct hull_err *e)
{
	hull_autohash struct hull_hash *h = hull_hash_new();

	if (add_fd(&h, 1, fd, out_bytes, e) < 0)
		return -1;
	hull_hash_hex(h, out);
	return 0;
}

int hull_checksum_file(int dirfd, const char *path, enum hull_digest kind,
		       struct hull_checksum *out, char out_sha256[HULL_HEX], uint64_t *out_bytes,
		       struct hull_err *e)
{
	hull_autofd int fd = hull_open(dirfd, path, e);
	hull_autohash struct hull_hash *plain = hull_hash_new(), *other = new_of(kind);

	if (fd < 0)
		return -1;
	if (add_fd((struct hull_hash *[]){plain, other}, 2, fd, out_bytes, e) < 0)
		return hull_wrap(e, "%s: ", path);
	hull_hash_hex(plain, out_sha256);
	out->kind = kind;
	end(other, kind, out->hex);
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
