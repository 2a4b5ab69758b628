// SPDX-License-Identifier: MIT
#pragma once

#include <string.h>

#include "base/process.h"
#include "base/str.h"
#include "store/store.h"
#include "temp_fixture.h"

/* A store below a directory of the whole run. */
static char *dir;
static struct hull_store store;

__attribute__((unused)) static void ok(int rc, const struct hull_err *e)
{
	if (rc < 0)
		fail_msg("%s", e->msg);
}

__attribute__((unused)) static void contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(null)", part);
}

/* A shell command in the directory of the run; its output. */
static char *shell(const char *command)
{
	hull_autofree char *text = hull_asprintf("cd %s && %s", dir, command);
	char *argv[] = {(char *)"sh", (char *)"-ec", text, NULL};
	struct hull_buf out = {0};
	struct hull_err e;

	ok(hull_run_checked(argv, &out, &e), &e);
	return hull_buf_steal(&out);
}

__attribute__((unused)) static void sh(const char *command)
{
	free(shell(command));
}

static int open_store(void)
{
	hull_autofree char *path = NULL;
	struct hull_err e;

	dir = temp_dir();
	path = hull_asprintf("%s/store", dir);
	return hull_store_open(&store, path, &e);
}

static int close_store(void)
{
	hull_store_close(&store);
	drop_dir(dir);
	return 0;
}
