// SPDX-License-Identifier: MIT
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/process.h"

/* A made-up Debian archive (tests/data/debian/archive) in a directory. */

/* Commands of that script, "A" for short, in the directory; the key is there, too. */
static inline void debian_archive(const char *dir, const char *commands)
{
	hull_autofree char *here = getcwd(NULL, 0);
	hull_autofree char *text = hull_asprintf(
		"export GNUPGHOME=%s/gpg; A() { %s/tests/data/debian/archive \"$@\"; }; cd %s; %s",
		dir, here, dir, commands);
	char *argv[] = {(char *)"sh", (char *)"-ec", text, NULL};
	hull_autobuf struct hull_buf out = {0};
	struct hull_err e;

	if (hull_run_checked(argv, &out, &e) < 0)
		fail_msg("%s", e.msg);
}

/* Its key is the one that counts. */
static inline void debian_archive_start(const char *dir)
{
	hull_autofree char *key = hull_asprintf("%s/archive.gpg", dir);

	debian_archive(dir, "A key archive.gpg");
	assert_int_equal(setenv("HULL_DEBIAN_KEYRING", key, 1), 0);
}

static inline void debian_archive_end(const char *dir)
{
	debian_archive(dir, "gpgconf --kill all");
	assert_int_equal(unsetenv("HULL_DEBIAN_KEYRING"), 0);
}
