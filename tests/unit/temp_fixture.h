// SPDX-License-Identifier: MIT
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"

/* A directory for one test. */
static char *temp_dir(void)
{
	char *p = hull_strdup("/tmp/hull-test-XXXXXX");

	assert_non_null(mkdtemp(p));
	return p;
}

static void drop_dir(char *dir)
{
	struct hull_err e;

	assert_int_equal(hull_remove_tree(AT_FDCWD, dir, &e), 0);
	free(dir);
}
