// SPDX-License-Identifier: MIT
#pragma once

#include <rpm/rpmtypes.h>
#include <stdbool.h>

#include "rpm/package.h"

/* The header of a package as it is kept once the package is installed. */

/*
 * Makes one of the main header of an RPM file: with the tags of its signature header, the time, and
 * the state of every file. Files for which `installed` says no are left out, %ghost files are not.
 */
HULL_CHECKED int hull_installed_header(Header h, Header signature, const char *path, uint32_t time,
				       uint32_t color,
				       bool (*installed)(void *context, const char *path),
				       void *context, struct hull_err *e);

/* Everything that such a header says; files that were left out are not listed. */
HULL_CHECKED int hull_installed_describe(Header h, const char *path, struct hull_arena *a,
					 struct hull_package *out, struct hull_err *e);
