// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "base/progress.h"
#include "base/str.h"

/*
 * The room debian/: the Debian archive. suites.h says which suites there are and where, aptindex.h
 * gets their signed indexes, control.h reads them, debianversion.h compares versions; outdated.h
 * says what of all that is pinned has something newer. Here: what all that run apt have in common.
 */

/*
 * The keys that the archive's signatures are checked against: HULL_DEBIAN_KEYRING, else those of
 * the package debian-archive-keyring. NULL with e if there are none.
 */
HULL_CHECKED const char *hull_apt_keyring(struct hull_err *e);

/* How the host's apt reaches the network (proxies, retries), as lines of apt.conf: all that is
 * taken of its configuration. */
HULL_CHECKED int hull_apt_network(struct hull_strv *out, struct hull_err *e);

/* A base of the archive as apt takes it: it reads files of its own accord only if they are to be
 * copied. The caller frees. */
char *hull_apt_uri(const char *base);

/* Waits for the end of a process group while the progress is redrawn, and kills it when hull is
 * interrupted: 0, 1 if it failed, -1 with e. */
HULL_CHECKED int hull_apt_wait(pid_t pid, struct hull_progress *progress, struct hull_err *e);

/*
 * Whether dists/<suite>/InRelease is there below a base: 1, 0 if the server or the directory says
 * that it is not, -1 with e if nobody can tell. `tmp` is a directory for the file, which nobody has
 * checked.
 */
HULL_CHECKED int hull_apt_has_suite(const char *base, const char *suite, const char *tmp,
				    struct hull_err *e);
