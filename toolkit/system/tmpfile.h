// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/tree.h"

/* A line of a tmpfiles.d(5) file that is carried out when an image is made. */
struct hull_tmpfile {
	char type;
	bool force;	   /* '+' */
	bool may_fail;	   /* '-' */
	bool replace;	   /* '=' */
	bool needs_source; /* '?' */
	const char *path;  /* absolute, without ".." */
	bool has_mode;
	bool mode_is_mask;  /* "~" in front of the mode */
	bool mode_at_first; /* ":" in front of it: only of what is made */
	mode_t mode;
	const char *user, *group; /* NULL: not given */
	bool user_at_first, group_at_first;
	const char *argument; /* NULL: none; specifiers and escapes replaced */
	size_t argument_bytes;
	const char *where; /* "file:line" */
};

struct hull_tmpfiles {
	struct hull_arena arena;
	struct hull_tmpfile *v;
	size_t n, cap;
};

/*
 * All lines of all tmpfiles.d files of a tree, in their order, but those that are for the boot:
 * types that clean up or set attributes which a tree has not (x X r R a A h H), "!" lines,
 * credentials ("^"), paths below /run, /tmp, /dev, /proc, /sys, specifiers that only the running
 * system knows.
 */
HULL_CHECKED int hull_tmpfiles_read(const struct hull_tree *t, struct hull_tmpfiles *out,
				    struct hull_err *e);
void hull_tmpfiles_fini(struct hull_tmpfiles *f);

/* True for a path that is made at boot. */
bool hull_path_is_for_boot(const char *path);
