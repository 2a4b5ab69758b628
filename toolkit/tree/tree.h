// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "tree/content.h"

/*
 * The room tree/: a file tree in memory, as packages, images and file systems pass it on, and where
 * the content of its files is (content.h).
 */

/*
 * A file tree in memory. Nodes are indexes; node 0 is the root directory. Strings live in the
 * tree's arena. A hard link is a node whose `inode` is another node: mode, owner, size and content
 * are read from that one.
 */

enum { HULL_TREE_ROOT = 0, HULL_NO_NODE = -1 };

/* The kernel opens no longer path, and to make all paths below one would take minutes. */
enum { HULL_PATH_BYTES = 4095 };

/* So many bytes the files of an image may have that are not on its disk: holes, which all who look at
 * content have to read. */
#define HULL_HOLES ((uint64_t)64 << 30)

struct hull_xattr {
	const char *name; /* with its prefix: "security.capability" */
	const void *value;
	size_t size;
	const struct hull_xattr *next; /* in order of name */
};

struct hull_node {
	const char *name;		       /* last component; "" for the root */
	int parent, first_child, next_sibling; /* children in byte order of name; HULL_NO_NODE */
	int inode;			       /* this node, or the one it is a hard link to */
	mode_t mode;			       /* type and permissions */
	uint32_t uid, gid;
	uint32_t major, minor; /* of a device */
	int64_t mtime;
	uint64_t size_bytes; /* of a regular file */
	struct hull_content content;
	const char *target; /* of a symlink */
	const struct hull_xattr *xattrs;
	uint16_t path_bytes;   /* of its path, HULL_PATH_BYTES at the most */
	int owner;	       /* number of the package that brought it, or -1 */
	int root, left, right; /* treap of the children by name: its root; this node's place */
};

struct hull_tree {
	struct hull_arena arena;
	struct hull_node *v;
	size_t n, cap; /* removed nodes stay in the array, out of reach, with parent HULL_NO_NODE */
};

void hull_tree_init(struct hull_tree *t); /* with a root directory, 0755 root:root, time 0 */
void hull_tree_fini(struct hull_tree *t);

/* The node at a path ("/a/b", or "a/b"), the last component not followed if it is a symlink; those
 * before it are, inside the tree. HULL_NO_NODE if there is none. */
int hull_tree_find(const struct hull_tree *t, const char *path);
int hull_tree_child(const struct hull_tree *t, int parent, const char *name, size_t name_length);

/*
 * A node at this path: the one that is there, or a new one with mode 0. Missing directories above
 * it are made (0755 root:root, owner -1); symlinks to directories above it are followed. -1 with e
 * set if something above it is not a directory, a component is "..", a name is longer than 255 bytes
 * or the path than HULL_PATH_BYTES.
 */
HULL_CHECKED int hull_tree_add(struct hull_tree *t, const char *path, struct hull_err *e);
/* Whether a name of so many bytes has room below a directory; else e names the path's beginning. */
HULL_CHECKED int hull_tree_check_path(const struct hull_tree *t, int parent, size_t name_length,
				      struct hull_err *e);
/* A new node, mode 0, below a directory where its name has room; HULL_NO_NODE if that has one of
 * this name. */
int hull_tree_add_child(struct hull_tree *t, int parent, const char *name, size_t name_length);
void hull_tree_remove(struct hull_tree *t, int node); /* with everything below it */

/* Sets mode, owner and content of a node to a regular file, directory, symlink made by Hull itself:
 * root:root, owner -1, no xattrs, no longer a link to another node; its time stays. */
void hull_tree_set_file(struct hull_tree *t, int node, const void *p, size_t n, mode_t permissions);
/* A regular file made by Hull itself at a path, in place of what is there unless that is a
 * directory; the node. */
HULL_CHECKED int hull_tree_put_file(struct hull_tree *t, const char *path, const void *p, size_t n,
				    mode_t permissions, int64_t mtime, struct hull_err *e);
/* The content of a regular file, whatever else it is. */
void hull_tree_set_content(struct hull_tree *t, int node, const void *p, size_t n);
void hull_tree_set_directory(struct hull_tree *t, int node, mode_t permissions);
void hull_tree_set_symlink(struct hull_tree *t, int node, const char *target);
void hull_tree_set_xattr(struct hull_tree *t, int node, const char *name, const void *p, size_t n);

/* The whole content of a regular file; the text is NUL-terminated. */
struct hull_buf;
HULL_CHECKED int hull_tree_read(const struct hull_tree *t, int node, struct hull_buf *out,
				struct hull_err *e);

/* "/usr/bin/x" into the arena given. */
const char *hull_tree_path(const struct hull_tree *t, int node, struct hull_arena *a);

/* The node after this one in depth-first order, `top` bounding the walk; HULL_NO_NODE at the end.
 * Start with top itself. */
int hull_tree_next(const struct hull_tree *t, int node, int top);
