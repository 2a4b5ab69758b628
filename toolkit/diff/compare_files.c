// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diff/compare_subjects.h"
#include "inspect/digests.h"
#include "tree/capability.h"

enum { PIECE = 1 << 18, PRIVILEGE_BITS = S_ISUID | S_ISGID };

/* One of the two trees while it is walked. */
struct tree_side {
	const struct hull_system *s;
	const struct hull_tree *t;
	int node;
	const char *path;
	char (*digests)[HULL_HEX]; /* of all files, or NULL */
	struct hull_arena arena;   /* of the path */
};

struct files_compare {
	struct tree_side x, y;
	struct hull_comparison *out;
	char *piece_x, *piece_y;
	struct hull_err *e;
};

static void step(struct tree_side *w)
{
	w->node = hull_tree_next(w->t, w->node, HULL_TREE_ROOT);
	hull_arena_fini(&w->arena);
	w->path = w->node >= 0 ? hull_tree_path(w->t, w->node, &w->arena) : NULL;
}

static const struct hull_node *inode(const struct tree_side *w)
{
	return &w->t->v[w->t->v[w->node].inode];
}

/* The order of a walk: a directory, what is in it, its next sibling. */
static int compare_paths(const char *x, const char *y)
{
	while (*x && *x == *y)
		x++, y++;
	if (*x == *y)
		return 0;
	if (!*x || !*y)
		return *x ? 1 : -1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
}

static const char *package_of(const struct tree_side *w)
{
	int owner = w->node >= 0 ? w->t->v[w->node].owner : -1;

	return owner >= 0 ? w->s->packages[owner].name : NULL;
}

/* --- content --- */

/* The digest that the package has of a file whose content nobody changes later; NULL: not known. */
static const char *trusted_digest(const struct tree_side *w)
{
	int owner = w->t->v[w->node].owner;
	const struct hull_file *f;

	if (owner < 0)
		return NULL;
	f = hull_package_file(&w->s->packages[owner], w->path);
	if (!f || f->flags & (HULL_FILE_CONFIG | HULL_FILE_GHOST) ||
	    f->size_bytes != inode(w)->size_bytes)
		return NULL;
	return f->digest;
}

static int read_and_compare(struct files_compare *w, bool *out_same)
{
	const struct hull_node *x = inode(&w->x), *y = inode(&w->y);

	*out_same = true;
	for (uint64_t at = 0; at < x->size_bytes && *out_same;) {
		uint64_t left = x->size_bytes - at;
		size_t n = left < PIECE ? (size_t)left : PIECE;

		if (hull_content_read(&x->content, at, w->piece_x, n, w->e) < 0)
			return hull_wrap(w->e, "%s: %s: ", w->out->old_path, w->x.path);
		if (hull_content_read(&y->content, at, w->piece_y, n, w->e) < 0)
			return hull_wrap(w->e, "%s: %s: ", w->out->new_path, w->y.path);
		*out_same = memcmp(w->piece_x, w->piece_y, n) == 0;
		at += n;
	}
	return 0;
}

static int same_content(struct files_compare *w, bool *out_same)
{
	const char *x, *y;

	*out_same = false;
	if (inode(&w->x)->size_bytes != inode(&w->y)->size_bytes)
		return 0;
	x = w->x.digests ? w->x.digests[w->x.t->v[w->x.node].inode] : trusted_digest(&w->x);
	y = w->y.digests ? w->y.digests[w->y.t->v[w->y.node].inode] : trusted_digest(&w->y);
	if (!x || !y || !*x || !*y)
		return read_and_compare(w, out_same);
	*out_same = !strcmp(x, y);
	return 0;
}

/* --- what else --- */

static const struct hull_xattr *capability(const struct hull_node *n)
{
	const struct hull_xattr *x = n->xattrs;

	while (x && strcmp(x->name, "security.capability") != 0)
		x = x->next;
	return x;
}

static struct hull_file_state state(const struct tree_side *w, struct hull_arena *a)
{
	const struct hull_node *n = inode(w);
	const struct hull_xattr *x = capability(n);

	return (struct hull_file_state){
		.mode = n->mode,
		.uid = n->uid,
		.gid = n->gid,
		.size_bytes = S_ISREG(n->mode) ? n->size_bytes : 0,
		.target = S_ISLNK(n->mode) ? n->target : NULL,
		.capabilities = x ? hull_capability_text(x->value, x->size, a) : NULL,
	};
}

static bool same_xattr(const struct hull_xattr *x, const struct hull_xattr *y)
{
	return x == y || (x && y && !strcmp(x->name, y->name) && x->size == y->size &&
			  memcmp(x->value, y->value, x->size) == 0);
}

static const struct hull_xattr *skip_capability(const struct hull_xattr *x)
{
	return x && !strcmp(x->name, "security.capability") ? x->next : x;
}

static bool same_attributes(const struct hull_node *p, const struct hull_node *q)
{
	const struct hull_xattr *x = skip_capability(p->xattrs), *y = skip_capability(q->xattrs);

	while (x && y && same_xattr(x, y)) {
		x = skip_capability(x->next);
		y = skip_capability(y->next);
	}
	return !x && !y;
}

static bool has_privilege(const struct hull_file_state *s)
{
	return s->capabilities || (S_ISREG(s->mode) && s->mode & PRIVILEGE_BITS);
}

static bool privilege_differs(const struct hull_file_difference *d)
{
	unsigned int what = HULL_ASPECT_OWNER | HULL_ASPECT_CAPABILITIES | HULL_ASPECT_TYPE;

	if (!has_privilege(&d->old) && !has_privilege(&d->now))
		return false;
	return d->kind != HULL_CHANGED || d->aspects & what ||
	       (d->old.mode ^ d->now.mode) & PRIVILEGE_BITS;
}

static void add(struct files_compare *w, struct hull_file_difference *d)
{
	struct hull_comparison *c = w->out;

	d->privilege = privilege_differs(d);
	c->files = hull_grow(c->files, &c->cap_files, c->nfiles, sizeof *c->files);
	c->files[c->nfiles++] = *d;
}

static void add_one(struct files_compare *w, struct tree_side *from, enum hull_difference kind)
{
	struct hull_file_difference d = {
		.kind = kind,
		.path = hull_arena_strdup(&w->out->arena, from->path),
		.package = package_of(from),
	};

	*(kind == HULL_ADDED ? &d.now : &d.old) = state(from, &w->out->arena);
	add(w, &d);
}

static int compare_both(struct files_compare *w)
{
	const struct hull_node *x = inode(&w->x), *y = inode(&w->y);
	unsigned int aspects = 0;
	bool same = true;

	if ((x->mode ^ y->mode) & S_IFMT)
		aspects |= HULL_ASPECT_TYPE;
	else if (S_ISREG(x->mode) && same_content(w, &same) < 0)
		return -1;
	else if (S_ISLNK(x->mode) && strcmp(x->target, y->target) != 0)
		aspects |= HULL_ASPECT_TARGET;
	else if ((S_ISBLK(x->mode) || S_ISCHR(x->mode)) &&
		 (x->major != y->major || x->minor != y->minor))
		aspects |= HULL_ASPECT_CONTENT;
	if (!same)
		aspects |= HULL_ASPECT_CONTENT;
	if ((x->mode ^ y->mode) & 07777)
		aspects |= HULL_ASPECT_MODE;
	if (x->uid != y->uid || x->gid != y->gid)
		aspects |= HULL_ASPECT_OWNER;
	if (!same_xattr(capability(x), capability(y)))
		aspects |= HULL_ASPECT_CAPABILITIES;
	if (!same_attributes(x, y))
		aspects |= HULL_ASPECT_ATTRIBUTES;
	if (aspects) {
		struct hull_file_difference d = {
			.kind = HULL_CHANGED,
			.path = hull_arena_strdup(&w->out->arena, w->y.path),
			.package = package_of(&w->y),
			.aspects = aspects,
			.old = state(&w->x, &w->out->arena),
			.now = state(&w->y, &w->out->arena),
		};

		add(w, &d);
	}
	return 0;
}

static int walk_both(struct files_compare *w)
{
	for (w->x.path = w->y.path = "/"; w->x.node >= 0 || w->y.node >= 0;) {
		int r = w->x.node < 0	? 1
			: w->y.node < 0 ? -1
					: compare_paths(w->x.path, w->y.path);

		if (r == 0 && compare_both(w) < 0)
			return -1;
		if (r < 0)
			add_one(w, &w->x, HULL_REMOVED);
		if (r > 0)
			add_one(w, &w->y, HULL_ADDED);
		if (r <= 0)
			step(&w->x);
		if (r >= 0)
			step(&w->y);
	}
	return 0;
}

int hull_compare_files(const struct hull_side *old, const struct hull_side *now,
		       const struct hull_compare_options *o, struct hull_comparison *out,
		       struct hull_err *e)
{
	hull_autofree char *pieces = hull_alloc(2 * (size_t)PIECE);
	struct files_compare w = {
		.x = {.s = old->system, .t = &old->system->tree},
		.y = {.s = now->system, .t = &now->system->tree},
		.out = out,
		.piece_x = pieces,
		.piece_y = pieces + PIECE,
		.e = e,
	};
	int r = 0;

	if (o->thorough &&
	    (hull_system_digests(old->system, NULL, o->threads, &w.x.digests, e) < 0 ||
	     hull_system_digests(now->system, NULL, o->threads, &w.y.digests, e) < 0))
		r = -1;
	if (r == 0)
		r = walk_both(&w);
	free(w.x.digests);
	free(w.y.digests);
	hull_arena_fini(&w.x.arena);
	hull_arena_fini(&w.y.arena);
	return r;
}
