// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/json.h"

/*
 * A JSON text whose values know where they stand, so that a message about one can say line and
 * column. jansson parses; a scan over the text that it accepted finds the places.
 */
struct hull_jsonpos_node; /* one a value, in order of the text; the first is the root */

struct hull_jsonpos {
	char *path; /* as messages name the file */
	struct hull_buf text;
	json_t *root;
	struct hull_jsonpos_node *nodes;
	size_t n, cap;
	struct hull_jsonpos_mark *marks; /* places at equal distances: none takes long to find */
};

/* A value of the text. Valid as long as its document. */
struct hull_jsonpos_value {
	const struct hull_jsonpos *doc;
	json_t *json;
	const char *key;  /* of a member; NULL for an element or the root */
	const char *name; /* the key, or that of the closest member around it; "" for the root */
	json_t *parent;
	void *iter; /* of the parent, if that is an object */
	size_t index, node;
};

/* Reads a file of at most 64 MiB. Errors name path, line and column; a key that comes twice is one. */
HULL_CHECKED int hull_jsonpos_read(int dirfd, const char *path, const char *shown,
				   struct hull_jsonpos *out, struct hull_err *e);
/* The same of a text, which is taken; `shown` is what errors call it. */
HULL_CHECKED int hull_jsonpos_parse(struct hull_buf *text, const char *shown,
				    struct hull_jsonpos *out, struct hull_err *e);
void hull_jsonpos_fini(struct hull_jsonpos *d);

struct hull_jsonpos_value hull_jsonpos_root(const struct hull_jsonpos *d);

/* The members or elements of a value, in the order of the text; false if there is none (more). */
bool hull_jsonpos_first(const struct hull_jsonpos_value *parent, struct hull_jsonpos_value *out);
bool hull_jsonpos_next(struct hull_jsonpos_value *v);
bool hull_jsonpos_member(const struct hull_jsonpos_value *object, const char *key,
			 struct hull_jsonpos_value *out);

/* Line and column (in characters) of the value, or of the key of a member; both count from 1. */
void hull_jsonpos_place(const struct hull_jsonpos_value *v, bool of_key, unsigned *out_line,
			unsigned *out_column);

/* hull_fail with "path:line:column: " of the value, or of its key, in front; returns -1. */
int hull_jsonpos_fail(struct hull_err *e, const struct hull_jsonpos_value *v, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int hull_jsonpos_fail_key(struct hull_err *e, const struct hull_jsonpos_value *v, const char *fmt,
			  ...) __attribute__((format(printf, 3, 4)));
