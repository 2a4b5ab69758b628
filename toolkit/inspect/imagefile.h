// SPDX-License-Identifier: MIT
#pragma once

#include "inspect/system.h"

/* An image file, opened as a system. */

/* What has to be there. */
enum hull_system_required { HULL_SYSTEM_TREE, HULL_SYSTEM_PACKAGES };

/* Opens an image; memory does not depend on the size of its files. Errors name the image, what is
 * wrong and where (offset, table, file). */
HULL_CHECKED int hull_system_open(const struct hull_store *s, const char *path,
				  enum hull_system_required required, struct hull_system *out,
				  struct hull_err *e);

/* Reads the packages if that was not asked for when it was opened. */
HULL_CHECKED int hull_system_read_packages(struct hull_system *s, struct hull_err *e);
