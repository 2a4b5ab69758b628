// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"

/*
 * A word to look for in files: some bytes, of which each '?' stands for any digit. It is found where no
 * letter or digit comes before it. It begins with something else than '?', and is at most
 * HULL_SEARCH_BYTES long.
 */
enum { HULL_SEARCH_BYTES = 64 };

/* What comes next of a file: up to n bytes, 0 at its end, -1 with e set. */
typedef ssize_t hull_search_read(void *ctx, void *to, size_t n, struct hull_err *e);

/* Which of the words is there: its number, n if none is, -1. */
HULL_CHECKED int hull_search(hull_search_read *next, void *ctx, const char *const *words, size_t n,
			     struct hull_err *e);

/* The same of the files in an RPM: 1 with the first that has one, in the arena, and the word's number,
 * or 0. Not looked into is what is compressed in there. */
HULL_CHECKED int hull_rpm_search(int dirfd, const char *path, const char *const *words, size_t n,
				 struct hull_arena *a, const char **out_file, size_t *out_word,
				 struct hull_err *e);
