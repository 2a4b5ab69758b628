// SPDX-License-Identifier: MIT
#include "tree/tree.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

enum { MAX_SYMLINKS = 40, MAX_READ = 1 << 30 };

void hull_tree_init(struct hull_tree *t)
{
	*t = (struct hull_tree){0};
	t->v = hull_grow(NULL, &t->cap, 0, sizeof *t->v);
	t->v[t->n++] = (struct hull_node){
		.name = "",
		.parent = HULL_NO_NODE,
		.first_child = HULL_NO_NODE,
		.next_sibling = HULL_NO_NODE,
		.root = HULL_NO_NODE,
		.left = HULL_NO_NODE,
		.right = HULL_NO_NODE,
	};
	hull_tree_set_directory(t, HULL_TREE_ROOT, 0755);
}

void hull_tree_fini(struct hull_tree *t)
{
	free(t->v);
	hull_arena_fini(&t->arena);
	*t = (struct hull_tree){0};
}

/* --- children: a treap by name, its priorities a hash of the index, beside the sorted list --- */

static uint32_t priority(int node)
{
	uint32_t h = (uint32_t)node;

	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

static int compare(const char *name, const char *other, size_t other_length)
{
	int c = strncmp(name, other, other_length);

	return c ? c : name[other_length] != '\0';
}

int hull_tree_child(const struct hull_tree *t, int parent, const char *name, size_t name_length)
{
	int i = t->v[parent].root;

	while (i != HULL_NO_NODE) {
		int c = compare(t->v[i].name, name, name_length);

		if (c == 0)
			break;
		i = c < 0 ? t->v[i].right : t->v[i].left;
	}
	return i;
}

static void link_child(struct hull_tree *t, int parent, int node)
{
	struct hull_node *v = t->v;
	int before = HULL_NO_NODE, *link = &v[parent].root, *left, *right, i;

	while (*link != HULL_NO_NODE && priority(*link) >= priority(node)) {
		bool less = strcmp(v[*link].name, v[node].name) < 0;

		if (less)
			before = *link;
		link = less ? &v[*link].right : &v[*link].left;
	}
	i = *link;
	*link = node;
	left = &v[node].left;
	right = &v[node].right;
	while (i != HULL_NO_NODE) {
		if (strcmp(v[i].name, v[node].name) < 0) {
			*left = before = i;
			left = &v[i].right;
			i = *left;
		} else {
			*right = i;
			right = &v[i].left;
			i = *right;
		}
	}
	*left = *right = HULL_NO_NODE;
	link = before == HULL_NO_NODE ? &v[parent].first_child : &v[before].next_sibling;
	v[node].next_sibling = *link;
	*link = node;
}

static void unlink_child(struct hull_tree *t, int node)
{
	struct hull_node *v = t->v;
	int parent = v[node].parent, before = HULL_NO_NODE, *link = &v[parent].root;
	int left = v[node].left, right = v[node].right;

	while (*link != node) {
		bool less = strcmp(v[*link].name, v[node].name) < 0;

		if (less)
			before = *link;
		link = less ? &v[*link].right : &v[*link].left;
	}
	for (int i = left; i != HULL_NO_NODE; i = v[i].right)
		before = i;
	while (left != HULL_NO_NODE && right != HULL_NO_NODE) {
		if (priority(left) >= priority(right)) {
			*link = left;
			link = &v[left].right;
			left = *link;
		} else {
			*link = right;
			link = &v[right].left;
			right = *link;
		}
	}
	*link = left != HULL_NO_NODE ? left : right;
	link = before == HULL_NO_NODE ? &v[parent].first_child : &v[before].next_sibling;
	*link = v[node].next_sibling;
}

/* --- paths --- */

/* The next component at *s without slashes and ".", *s moved behind it; false at the end. */
static bool component(const char **s, const char **out_name, size_t *out_length)
{
	const char *p = *s;
	size_t n;

	do {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		*out_name = p;
		p += n;
	} while (n == 1 && **out_name == '.');
	*s = p;
	*out_length = n;
	return n > 0;
}

static bool is_dot_dot(const char *name, size_t length)
{
	return length == 2 && memcmp(name, "..", 2) == 0;
}

/* A walk along a path: where it has come to, and what is left of the path there. */
struct path_walk {
	int node; /* HULL_NO_NODE after too many symlinks */
	const char *rest;
	char *owned; /* what rest points into after a symlink */
};

/* Puts the target of a symlink in front of the rest. */
static void enter_symlink(const struct hull_tree *t, struct path_walk *w, int link)
{
	char *path = hull_asprintf("%s/%s", t->v[link].target, w->rest);

	free(w->owned);
	w->owned = path;
	w->rest = path;
	if (*path == '/')
		w->node = HULL_TREE_ROOT;
}

/* Goes as far as nodes are there; w->rest is empty if that is the whole path. */
static void walk(const struct hull_tree *t, struct path_walk *w)
{
	size_t length, links = 0;
	const char *name, *from = w->rest;

	while (component(&w->rest, &name, &length)) {
		const struct hull_node *n = &t->v[w->node];
		const char *ahead = w->rest;
		int child;

		if (!S_ISDIR(n->mode)) {
			w->rest = from;
			return;
		}
		child = is_dot_dot(name, length) ? (n->parent == HULL_NO_NODE ? w->node : n->parent)
						 : hull_tree_child(t, w->node, name, length);
		if (child == HULL_NO_NODE) {
			w->rest = from;
			return;
		}
		if (S_ISLNK(t->v[child].mode) && component(&ahead, &name, &length)) {
			if (++links > MAX_SYMLINKS) {
				w->node = HULL_NO_NODE;
				return;
			}
			enter_symlink(t, w, child);
		} else {
			w->node = child;
		}
		from = w->rest;
	}
}

int hull_tree_find(const struct hull_tree *t, const char *path)
{
	struct path_walk w = {HULL_TREE_ROOT, path, NULL};
	const char *name;
	size_t length;

	walk(t, &w);
	if (w.node != HULL_NO_NODE && component(&w.rest, &name, &length))
		w.node = HULL_NO_NODE;
	free(w.owned);
	return w.node;
}

static int new_node(struct hull_tree *t, int parent, const char *name, size_t length)
{
	int node = (int)t->n;

	hull_assert(t->n < INT_MAX && t->v[parent].path_bytes + 1 + length <= HULL_PATH_BYTES);
	t->v = hull_grow(t->v, &t->cap, t->n, sizeof *t->v);
	t->v[t->n++] = (struct hull_node){
		.name = hull_arena_strndup(&t->arena, name, length),
		.parent = parent,
		.first_child = HULL_NO_NODE,
		.next_sibling = HULL_NO_NODE,
		.inode = node,
		.content.dirfd = -1,
		.path_bytes = (uint16_t)(t->v[parent].path_bytes + 1 + length),
		.owner = -1,
		.root = HULL_NO_NODE,
	};
	link_child(t, parent, node);
	return node;
}

int hull_tree_check_path(const struct hull_tree *t, int parent, size_t name_length,
			 struct hull_err *e)
{
	enum { SHOWN = 120 };
	struct hull_arena a = {0};

	if (t->v[parent].path_bytes + 1 + name_length <= HULL_PATH_BYTES)
		return 0;
	hull_fail(e, HULL_FAILED, "a path of more than %d bytes, which nothing can open: '%.*s...'",
		  HULL_PATH_BYTES, SHOWN, hull_tree_path(t, parent, &a));
	hull_arena_fini(&a);
	return -1;
}

int hull_tree_add_child(struct hull_tree *t, int parent, const char *name, size_t name_length)
{
	if (hull_tree_child(t, parent, name, name_length) != HULL_NO_NODE)
		return HULL_NO_NODE;
	return new_node(t, parent, name, name_length);
}

static int check_path(const char *path, struct hull_err *e)
{
	const char *rest = path, *name;
	size_t length;

	while (component(&rest, &name, &length)) {
		if (is_dot_dot(name, length))
			return hull_fail(e, HULL_FAILED, "%s: \"..\" in the path", path);
		if (length > NAME_MAX)
			return hull_fail(e, HULL_FAILED, "%s: a name of %zu bytes, the limit is %d",
					 path, length, NAME_MAX);
	}
	return 0;
}

/* Makes what is left of the path below w->node. */
static int make_rest(struct hull_tree *t, const struct path_walk *w, const char *path,
		     struct hull_err *e)
{
	const char *rest = w->rest, *name;
	int node = w->node;
	size_t length;

	if (check_path(rest, e) < 0)
		return hull_wrap(e, "%s: a symlink above it: ", path);
	while (component(&rest, &name, &length)) {
		if (hull_tree_check_path(t, node, length, e) < 0)
			return -1;
		if (node != w->node)
			hull_tree_set_directory(t, node, 0755);
		node = new_node(t, node, name, length);
	}
	return node;
}

int hull_tree_add(struct hull_tree *t, const char *path, struct hull_err *e)
{
	struct path_walk w = {HULL_TREE_ROOT, path, NULL};
	const char *rest, *name;
	size_t length;
	int node;

	if (check_path(path, e) < 0)
		return -1;
	walk(t, &w);
	node = w.node;
	rest = w.rest;
	if (node == HULL_NO_NODE) {
		node = hull_fail(e, HULL_FAILED, "%s: too many symlinks above it", path);
	} else if (component(&rest, &name, &length)) {
		if (S_ISDIR(t->v[node].mode)) {
			node = make_rest(t, &w, path, e);
		} else {
			hull_autofree char *at = NULL;
			struct hull_arena a = {0};

			at = hull_strdup(hull_tree_path(t, node, &a));
			hull_arena_fini(&a);
			node = hull_fail(e, HULL_FAILED, "%s: %s is not a directory", path, at);
		}
	}
	free(w.owned);
	return node;
}

const char *hull_tree_path(const struct hull_tree *t, int node, struct hull_arena *a)
{
	size_t length = 0;
	char *path, *p;

	if (node == HULL_TREE_ROOT)
		return "/";
	for (int i = node; i > HULL_TREE_ROOT; i = t->v[i].parent)
		length += 1 + strlen(t->v[i].name);
	path = hull_arena_alloc(a, length + 1);
	p = path + length;
	for (int i = node; i > HULL_TREE_ROOT; i = t->v[i].parent) {
		size_t n = strlen(t->v[i].name);

		p -= n;
		memcpy(p, t->v[i].name, n);
		*--p = '/';
	}
	return path;
}

int hull_tree_next(const struct hull_tree *t, int node, int top)
{
	if (t->v[node].first_child != HULL_NO_NODE)
		return t->v[node].first_child;
	while (node != top) {
		if (t->v[node].next_sibling != HULL_NO_NODE)
			return t->v[node].next_sibling;
		node = t->v[node].parent;
	}
	return HULL_NO_NODE;
}

void hull_tree_remove(struct hull_tree *t, int node)
{
	int i = node;

	hull_assert(node > HULL_TREE_ROOT && t->v[node].parent != HULL_NO_NODE);
	unlink_child(t, node);
	for (;;) {
		struct hull_node *n = &t->v[i];
		int parent = n->parent;

		if (n->first_child != HULL_NO_NODE) {
			i = n->first_child;
			continue;
		}
		n->parent = n->root = HULL_NO_NODE;
		if (i == node)
			return;
		t->v[parent].first_child = n->next_sibling;
		i = parent;
	}
}

/* --- content --- */

static struct hull_node *reset(struct hull_tree *t, int node, mode_t mode)
{
	struct hull_node *n = &t->v[node];

	hull_assert(S_ISDIR(mode) || n->first_child == HULL_NO_NODE);
	n->inode = node;
	n->mode = mode;
	n->uid = n->gid = n->major = n->minor = 0;
	n->size_bytes = 0;
	n->content = (struct hull_content){.dirfd = -1};
	n->target = NULL;
	n->xattrs = NULL;
	n->owner = -1;
	return n;
}

void hull_tree_set_content(struct hull_tree *t, int node, const void *p, size_t n)
{
	struct hull_node *f = &t->v[t->v[node].inode];
	void *copy = hull_arena_alloc(&t->arena, n ? n : 1);

	if (n)
		memcpy(copy, p, n);
	f->content = (struct hull_content){.memory = copy, .dirfd = -1};
	f->size_bytes = n;
}

void hull_tree_set_file(struct hull_tree *t, int node, const void *p, size_t n, mode_t permissions)
{
	reset(t, node, S_IFREG | (permissions & 07777));
	hull_tree_set_content(t, node, p, n);
}

int hull_tree_put_file(struct hull_tree *t, const char *path, const void *p, size_t n,
		       mode_t permissions, int64_t mtime, struct hull_err *e)
{
	int node = hull_tree_find(t, path);

	if (node >= 0 && S_ISDIR(t->v[node].mode))
		return hull_fail(e, HULL_FAILED, "%s: is a directory", path);
	if (node >= 0)
		hull_tree_remove(t, node);
	node = hull_tree_add(t, path, e);
	if (node < 0)
		return -1;
	hull_tree_set_file(t, node, p, n, permissions);
	t->v[node].mtime = mtime;
	return node;
}

void hull_tree_set_directory(struct hull_tree *t, int node, mode_t permissions)
{
	reset(t, node, S_IFDIR | (permissions & 07777));
}

void hull_tree_set_symlink(struct hull_tree *t, int node, const char *target)
{
	reset(t, node, S_IFLNK | 0777)->target = hull_arena_strdup(&t->arena, target);
}

void hull_tree_set_xattr(struct hull_tree *t, int node, const char *name, const void *p, size_t n)
{
	struct hull_node *f = &t->v[t->v[node].inode];
	struct hull_xattr *x = hull_arena_alloc(&t->arena, sizeof *x);
	void *value = hull_arena_alloc(&t->arena, n ? n : 1);
	const struct hull_xattr *old = f->xattrs, **link = &f->xattrs;

	if (n)
		memcpy(value, p, n);
	*x = (struct hull_xattr){hull_arena_strdup(&t->arena, name), value, n, NULL};
	/* what stands before it is copied, since a list may be shared */
	for (; old && strcmp(old->name, name) < 0; old = old->next) {
		struct hull_xattr *copy = hull_arena_alloc(&t->arena, sizeof *copy);

		*copy = *old;
		*link = copy;
		link = &copy->next;
	}
	x->next = old && !strcmp(old->name, name) ? old->next : old;
	*link = x;
}

int hull_tree_read(const struct hull_tree *t, int node, struct hull_buf *out, struct hull_err *e)
{
	const struct hull_node *f = &t->v[t->v[node].inode];
	char chunk[65536], has[HULL_AMOUNT], most[HULL_AMOUNT];

	if (!S_ISREG(f->mode))
		return hull_fail(e, HULL_FAILED, "%s: not a regular file", t->v[node].name);
	out->n = 0;
	hull_buf_add(out, "", 0);
	if (f->size_bytes > MAX_READ)
		return hull_fail(e, HULL_FAILED, "%s: %s, the limit for a file that is read is %s",
				 t->v[node].name, hull_size_text(f->size_bytes, has),
				 hull_size_text(MAX_READ, most));
	for (uint64_t done = 0; done < f->size_bytes;) {
		uint64_t left = f->size_bytes - done;
		size_t n = left < sizeof chunk ? (size_t)left : sizeof chunk;

		if (hull_content_read(&f->content, done, chunk, n, e) < 0)
			return -1;
		hull_buf_add(out, chunk, n);
		done += n;
	}
	return 0;
}
