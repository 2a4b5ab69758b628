// SPDX-License-Identifier: MIT
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "base/err.h"

/*
 * What is in a Debian package (deb(5)): an ar archive whose member data.tar.* has the files.
 *
 * `member` is called for each of them as it is archived, with the archive that its bytes can be read
 * from; what it returns below 0 ends the reading. -1 with e for what is no such package, and for one
 * that is unpacked to more than hull_unpacked_most() of its size.
 */
typedef int hull_deb_member(struct archive *a, struct archive_entry *entry, void *ctx,
			    struct hull_err *e);

HULL_CHECKED int hull_deb_read(int fd, hull_deb_member *member, void *ctx, struct hull_err *e);
