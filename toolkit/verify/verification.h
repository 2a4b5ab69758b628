// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "text/json.h"

/*
 * The chain from the bytes of a disk to sources: files -> packages -> RPMs -> build records ->
 * sources and build roots, each of which was built in turn, down to the seed. Each link either
 * holds, is broken, or cannot be checked because what it leads to is not at hand.
 */
enum hull_verify_kind {
	HULL_VERIFY_FILES,
	HULL_VERIFY_PACKAGES, /* database, lock file and RPM agree */
	HULL_VERIFY_RECORDS,
	HULL_VERIFY_SOURCES,
	HULL_VERIFY_BOOT, /* the unified kernel image on the ESP */
	HULL_VERIFY_VERITY,
	HULL_VERIFY_REBUILDS,
	HULL_VERIFY_KINDS
};

struct hull_broken_link {
	enum hull_verify_kind kind;
	bool unchecked;
	const char *object; /* "/usr/bin/x", "zlib-1.3-1.x86_64", the path of a stored file */
	const char *reason;
};

struct hull_verification {
	struct hull_arena arena;
	struct hull_broken_link *v;
	size_t n, cap;
	size_t held[HULL_VERIFY_KINDS]; /* links that were checked and hold */
	size_t made; /* files that the image writer makes or changes, and nothing answers for */
};

void hull_verification_fini(struct hull_verification *v);

/* Appends a link that does not hold; strings are copied. */
void hull_verification_add(struct hull_verification *v, enum hull_verify_kind kind, bool unchecked,
			   const char *object, const char *reason_fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* By kind, object, reason; what is the same twice is there once. */
void hull_verification_sort(struct hull_verification *v);
size_t hull_verification_count(const struct hull_verification *v, bool unchecked);

void hull_verification_text(const struct hull_verification *v, struct hull_buf *out);
json_t *hull_verification_to_json(const struct hull_verification *v, const char *image);
