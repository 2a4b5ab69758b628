// SPDX-License-Identifier: MIT
#pragma once

#include "image/make.h"
#include "text/json.h"

/*
 * The record beside the artifacts of an image, "<name>.image.json": what it is made of, what came
 * out, and the figures of the image before it. It also tells whether there is anything to do.
 */

/* Digest of everything that decides the bytes of the artifacts; `program` identifies this build of
 * hull. */
void hull_image_stamp(const struct hull_image_config *c, const struct hull_lock *l,
		      const char *arch, int64_t time, const char *program, char out[HULL_HEX]);

/* The record in a directory if it is of this stamp and all its artifacts are there with their sizes
 * and times; NULL otherwise. The caller decrefs. */
json_t *hull_image_current(const char *directory, const char *name, const char *stamp);

/* Writes the record of what was just made and returns it; the caller decrefs. */
HULL_CHECKED json_t *hull_image_record(const char *directory, const struct hull_image_config *c,
				       const struct hull_made *m, const char *stamp,
				       int64_t wall_ms, struct hull_err *e);
