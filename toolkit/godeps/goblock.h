// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * The part of a Go package's spec that `hull source go-deps` writes:
 *
 *     # go-deps begin packages=./cmd/x,. tags=seccomp cgo=0 tests=./lib/... first=100
 *     Source100: debian:pool/...
 *     # go-deps end
 *
 * The words of the first line say what the spec builds; all may be missing. The import path is that
 * of "%global goipath". roots=golang-x-dev,... or source=NAME say where the search for libraries
 * starts, if not at the Debian source package that Source0 is of.
 */
struct hull_go_block {
	char *import, *source; /* source may be NULL */
	struct hull_strv packages, tests, tags, roots;
	bool cgo;
	unsigned int first; /* number of the first Source line */
	size_t start, end;  /* byte range of the lines between the markers */
};

/* Finds and parses the block in the text of the spec at `path`. */
HULL_CHECKED int hull_go_block_parse(struct hull_go_block *b, const char *text, const char *path,
				     struct hull_err *e);
void hull_go_block_fini(struct hull_go_block *b);

/* Base names of the files whose Source lines stand in the block now. */
void hull_go_block_files(const struct hull_go_block *b, const char *text, struct hull_strv *out);

/* The text with Source lines for these URLs in the block. */
void hull_go_block_replace(const struct hull_go_block *b, const char *text,
			   const struct hull_strv *urls, struct hull_buf *out);
