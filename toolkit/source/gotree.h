// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "source/gofile.h"

/* The Go source of one package: directories by import path, with the heads of their files. */

struct hull_go_dir {
	const char *path; /* import path */
	struct hull_go_file *files;
	size_t n, cap;
};

/* A symlink: what is below `from` is found below `to`. */
struct hull_go_alias {
	const char *from, *to; /* import paths */
};

struct hull_go_tree {
	struct hull_arena arena;  /* owns the strings */
	struct hull_go_dir *dirs; /* sorted by path */
	size_t n, cap;
	struct hull_go_alias *aliases;
	size_t naliases, aliases_cap;
};

void hull_go_tree_fini(struct hull_go_tree *t);

/* Reads what a Debian package has below /usr/share/gocode/src. `name` is for messages. */
int hull_go_tree_read_deb(struct hull_go_tree *t, int fd, const char *name, struct hull_err *e);

/* Reads a directory whose import path is `import`. */
int hull_go_tree_read_directory(struct hull_go_tree *t, const char *directory, const char *import,
				struct hull_err *e);

/* The directory with this import path, through aliases; NULL if there is none that holds a Go
 * file. */
const struct hull_go_dir *hull_go_tree_find(const struct hull_go_tree *t, const char *import);
