// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

/* A name from an image as text for people or JSON: as "%s" of hull_vshow() (base/utf8.h) brings it.
 * The string itself if nothing of it is shown otherwise, else one in the arena. */
const char *hull_printable(const char *s, struct hull_arena *a);

/*
 * Output of a program that is not trusted, as it comes, for a log that a person reads on a terminal.
 * Lines and tabs stay; a carriage return ends a line, once with the newline after it. All else is as
 * hull_utf8_show() makes it.
 */
struct hull_printable_flow {
	char rest[4]; /* the beginning of a character */
	size_t n;
	bool returned; /* the last was a carriage return */
};

/* Appends what can be said of n more bytes, at most 4 bytes for each, and 16. Zero-initialise. */
void hull_printable_add(struct hull_printable_flow *f, const char *p, size_t n,
			struct hull_buf *out);

/* No more will come. */
void hull_printable_end(struct hull_printable_flow *f, struct hull_buf *out);
