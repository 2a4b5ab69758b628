// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "rpm/front.h"

/*
 * Unpacks the payload that follows `front` in fd, its digest checked before, below an existing empty
 * directory: modes, times, links. Owners are not restored, setuid and setgid dropped, device nodes
 * left out; the owner can always read a file and change a directory: what an image needs is in
 * hull_package. An error is a path that leaves the directory ("..", through a symlink), and whatever
 * is not as the header says: a file more or less, another mode, target or SHA-256.
 */
HULL_CHECKED int hull_payload_unpack(int fd, const char *path, const struct hull_front *front,
				     int to_dirfd, struct hull_err *e);

/*
 * The files of a source package, its header and payload checked against their digests, below an existing
 * empty directory; *out_spec is the name of its spec without ".spec", which the caller frees. An error is
 * a binary package, a name that is more than a plain file's, and none or several specs.
 */
HULL_CHECKED int hull_source_rpm_unpack(int dirfd, const char *path, int to_dirfd, char **out_spec,
					struct hull_err *e);

/* The mode that a file has in the store: never setuid or setgid; the owner can always read, and enter and
 * change directories. */
mode_t hull_unpack_mode(mode_t mode);
