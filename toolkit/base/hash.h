// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* SHA-256 through libcrypto; digests travel as 64 lower-case hex digits. */

enum { HULL_HEX = 65 }; /* size of a hex digest with its NUL */

/* Whether a text is a SHA-256 as it travels: 64 lower-case hex digits and nothing else. NULL is not. */
bool hull_is_sha256(const char *s);

/* Whether a text begins with one: what follows the 64 digits is no hex digit of that kind. */
bool hull_starts_sha256(const char *s);

/* Bytes as 2 * n lower-case hex digits and a NUL. */
void hull_hex(const void *bytes, size_t n, char *out);

/* What others may use instead of SHA-256, the weakest first. */
enum hull_digest { HULL_SHA1, HULL_SHA256, HULL_SHA384, HULL_SHA512, HULL_DIGESTS };

enum { HULL_HEX_MAX = 129 }; /* size of the longest hex digest with its NUL */

struct hull_checksum {
	enum hull_digest kind;
	char hex[HULL_HEX_MAX];
};

/* "sha512" and so on. */
const char *hull_digest_name(enum hull_digest kind);

/* Takes a kind by its name ("sha" is SHA-1) and hex digits in any case, as many as it has; false if it is
 * none. */
bool hull_checksum_parse(const char *name, const char *hex, struct hull_checksum *out);

void hull_checksum_bytes(const void *p, size_t n, enum hull_digest kind, struct hull_checksum *out);

/* The checksum of a file with SHA-256 and size, in one go; errors name the path. */
HULL_CHECKED int hull_checksum_file(int dirfd, const char *path, enum hull_digest kind,
				    struct hull_checksum *out, char out_sha256[HULL_HEX],
				    uint64_t *out_bytes, struct hull_err *e);

struct hull_hash; /* a running digest */

struct hull_hash *hull_hash_new(void);
void hull_hash_free(struct hull_hash *h);
void hull_hash_add(struct hull_hash *h, const void *p, size_t n);

/*
 * Adds a labelled field: label, length and bytes, so that two different sequences of fields never
 * feed the same stream. All build keys are made of these. NULL counts as the empty string.
 */
void hull_hash_field(struct hull_hash *h, const char *label, const char *value);

void hull_hash_hex(struct hull_hash *h,
		   char out[HULL_HEX]); /* finishes; h can only be freed then */

void hull_hash_bytes(const void *p, size_t n, char out[HULL_HEX]);

/* Digest and size of the rest of an open file. */
HULL_CHECKED int hull_hash_fd(int fd, char out[HULL_HEX], uint64_t *out_bytes, struct hull_err *e);

/* The same of a file by name; errors name the path. */
HULL_CHECKED int hull_hash_file(int dirfd, const char *path, char out[HULL_HEX],
				uint64_t *out_bytes, struct hull_err *e);

void hull_hashp(struct hull_hash **h);
#define hull_autohash __attribute__((cleanup(hull_hashp)))
