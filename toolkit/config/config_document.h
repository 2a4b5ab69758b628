// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"

/*
 * Reads a configuration with its package lists. An error names file, line and column and, for a
 * field or value that is not supported, what is; near names are offered for unknown fields.
 * Everything that can be seen without packages is checked (--validate does just this). Files that it
 * names lie in its directory, or below, unless allow_outside.
 */
HULL_CHECKED int hull_config_read(const char *path, const char *arch, bool allow_outside,
				  struct hull_image_config *out, struct hull_err *e);
