// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* Archives as images: for imagefile.c. */

/* Whether a file is a tar archive, compressed or not; -1 if it cannot be read. */
HULL_CHECKED int hull_archive_is(const char *path, struct hull_err *e);

/* Reads one, or the layers of an OCI image in one, into s->tree, contents into a file without a
 * name in a directory. */
HULL_CHECKED int hull_archive_read(struct hull_system *s, int temp_dirfd, struct hull_err *e);
