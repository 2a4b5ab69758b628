// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "tree/tree.h"

/*
 * Directories of configuration files as systemd reads them: a file in /etc/<directory> replaces the
 * one of the same name in /usr/local/lib/<directory> or /usr/lib/<directory>; an empty file, or a
 * symlink to /dev/null, replaces it by nothing.
 */
struct hull_confdir_file {
	const char *name; /* last component */
	const char *path; /* where it was found */
	int node;	  /* the regular file, symlinks followed */
};

struct hull_confdir {
	struct hull_index names; /* of files that were looked at */
	struct hull_arena arena;
	struct hull_confdir_file *v;
	size_t n, cap;
};

/* The files "*<suffix>" of one directory name, in byte order of their names. */
void hull_confdir_list(const struct hull_tree *t, const char *directory, const char *suffix,
		       struct hull_confdir *out);
void hull_confdir_fini(struct hull_confdir *c);

/* Hands every line of these files to `parse`, in order, with "<path>:<line>"; stops when it fails.
 * Lines are without white space around them. */
typedef int (*hull_confdir_parse)(const struct hull_tree *t, const char *line, const char *where,
				  void *out, struct hull_err *e);
HULL_CHECKED int hull_confdir_read(const struct hull_tree *t, const char *directory,
				   const char *suffix, hull_confdir_parse parse, void *out,
				   struct hull_err *e);

/* The same in two steps, for other directories: each call adds the files of one directory whose
 * names were not there before; the last removes what is replaced by nothing and sorts. */
void hull_confdir_add(const struct hull_tree *t, const char *path, const char *suffix,
		      struct hull_confdir *out);
void hull_confdir_sort(struct hull_confdir *c);

/* The node at a path with symlinks followed to the end; HULL_NO_NODE if there is none. */
int hull_tree_follow(const struct hull_tree *t, const char *path);

/* True for a symlink to /dev/null or an empty file. */
bool hull_node_is_null(const struct hull_tree *t, int node);

/* A position in a text that is read by line. */
struct hull_lines {
	const char *at, *end;
	int number; /* of the line returned last */
	struct hull_buf line;
};

void hull_lines_init(struct hull_lines *l, const char *text, size_t n);
void hull_lines_fini(struct hull_lines *l);
/* The next line without white space around it, NULL at the end. NUL bytes end a line's text. */
char *hull_lines_next(struct hull_lines *l);

/*
 * The next word of a line, without its quotes; backslashes take the next byte as it is or, with
 * `c_escapes`, stand for what they do in C ("\t", "\x41", "\s" for a blank, "\101"). Returns 1, 0
 * at the end, -1 if a quote is left open or an escape is malformed.
 */
int hull_line_word(const char **at, bool c_escapes, struct hull_buf *out);

/* The same escapes in a whole text; false if one is malformed. */
bool hull_unescape(const char *text, struct hull_buf *out);
