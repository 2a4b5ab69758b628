// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/* Small helpers around jansson. */

/* Parses a file; errors name path, line and column. NULL with e set; the caller decrefs. */
HULL_CHECKED json_t *hull_json_read(int dirfd, const char *path, struct hull_err *e);

/* Writes with sorted keys and a newline, by rename. */
HULL_CHECKED int hull_json_write(int dirfd, const char *path, const json_t *j, struct hull_err *e);

/* Appends the compact (pretty = false) or indented text, sorted keys. */
void hull_json_text(const json_t *j, bool pretty, struct hull_buf *out);

/* A member of the given kind; NULL / -1 with e set ("<what>: no string \"name\"") if it is missing.
 */
HULL_CHECKED const char *hull_json_string(const json_t *obj, const char *key, const char *what,
					  struct hull_err *e);

/* A string member, or NULL when there is none. */
const char *hull_json_optional(const json_t *obj, const char *key);

/* Sets obj[key] = s unless s is NULL. */
void hull_json_set(json_t *obj, const char *key, const char *s);

/* A JSON string; a byte that is not UTF-8 becomes the four characters \xNN, so that a hostile image
 * cannot prevent it. */
json_t *hull_json_clean(const char *s);
void hull_json_set_clean(json_t *object, const char *key,
			 const char *s); /* unless s is NULL or "" */

void hull_json_decrefp(json_t **j);
#define hull_autojson __attribute__((cleanup(hull_json_decrefp)))
