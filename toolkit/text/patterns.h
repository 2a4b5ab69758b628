// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Patterns as fnmatch(3) has them without flags, for lists of a hundred thousand that are compared
 * with as many texts: those without a wildcard are found at once, however many there are, only the
 * others are tried one by one. Who reads a list refuses more of these than HULL_PATTERNS_WILD.
 * Texts are not copied. Zeroed: empty.
 */
enum { HULL_PATTERNS_WILD = 4096 };

struct hull_patterns {
	struct hull_index literals, texts; /* texts: of those with wildcards */
	struct hull_pattern_wild {
		const char *text;
		size_t prefix, place; /* prefix: bytes before the first wildcard */
	} * wild;
	const char **v; /* different ones, by place */
	size_t n, cap, nwild, cap_wild;
};

void hull_patterns_fini(struct hull_patterns *p);
#define hull_autopatterns __attribute__((cleanup(hull_patterns_fini)))

/* Its place in `v`; the same text has the same. */
size_t hull_patterns_add(struct hull_patterns *p, const char *pattern);

/* The places of those that match, one a call, in no order: *at is 0 at first. False: no more. */
bool hull_patterns_next(const struct hull_patterns *p, const char *text, size_t *at,
			size_t *out_place);

/* The one of those that match that was added first, or NULL. */
const char *hull_patterns_first(const struct hull_patterns *p, const char *text);
