// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* Which import paths a Debian package has: the directories below /usr/share/gocode/src. */

struct hull_go_deb {
	struct hull_strv dirs;	/* that hold a Go file, sorted */
	struct hull_strv links; /* symlinks, sorted */
};

void hull_go_deb_fini(struct hull_go_deb *d);

/* Reads a package; zero-initialise *d. `name` is for messages. The caller calls _fini in any case. */
HULL_CHECKED int hull_go_deb_read(struct hull_go_deb *d, int fd, const char *name,
				  struct hull_err *e);

/* Whether it has a directory with this import path. What lies behind a symlink counts: the Go tool
 * looks whether it is there. */
bool hull_go_deb_has(const struct hull_go_deb *d, const char *import);
