// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/package.h"

/*
 * JSON pieces that packages and specs share. `what` names the document in messages; strings of
 * results live in the arena. Readers believe nothing: a value of the wrong kind is an error.
 */

/* A dependency is ["name"] or ["name", ">=", "evr"], followed by its line if that is known. */
json_t *hull_deps_to_json(const struct hull_deps *d);
HULL_CHECKED int hull_deps_from_json(const json_t *j, const char *what, struct hull_arena *a,
				     struct hull_deps *out, struct hull_err *e);

/* Members that may be absent: *out is then NULL, or left as it is. */
HULL_CHECKED int hull_json_take_string(const json_t *obj, const char *key, const char *what,
				       struct hull_arena *a, const char **out, struct hull_err *e);
HULL_CHECKED int hull_json_take_int(const json_t *obj, const char *key, const char *what,
				    int64_t min, int64_t max, int64_t *out, struct hull_err *e);

/* Sets obj[key] = n unless n is 0. */
void hull_json_set_int(json_t *obj, const char *key, int64_t n);
