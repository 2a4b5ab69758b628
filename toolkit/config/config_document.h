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

/* The same, with all errors, as they are found, instead of the first: what only follows from another one is not
 * among them. Of more than HULL_CONFIG_ERRORS the last says how many are left out. */
HULL_CHECKED int hull_config_read_all(const char *path, const char *arch, bool allow_outside,
				      struct hull_image_config *out, struct hull_strv *errors);

enum { HULL_CONFIG_ERRORS = 1000 };

/* Where scripts of the configuration do not run: each is put on the list, if there is a list; the error is the
 * first. */
HULL_CHECKED int hull_config_refuse_scripts(const struct hull_image_config *c,
					    struct hull_strv *errors, struct hull_err *e);
