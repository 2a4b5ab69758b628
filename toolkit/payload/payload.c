// SPDX-License-Identifier: MIT
#include "payload/payload.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "payload/demands.h"
#include "payload/selection.h"
#include "rpm/rpmfile.h"
#include "tree/capability.h"

/* --- packages --- */

/* A package takes one descriptor; the usual limit is there for programs that use select. */
static void allow_descriptors(size_t n)
{
	enum { OTHERS = 256 };
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= n + OTHERS)
		return;
	limit.rlim_cur = limit.rlim_max < n + OTHERS ? limit.rlim_max : n + OTHERS;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The description may be there while the RPM is not what it was. */
static int check_rpm(const struct hull_store *s, const struct hull_package *p, struct hull_err *e)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->sha256);
	struct stat st;

	if (fstatat(s->fd, rpm.path, &st, 0) < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, rpm.path);
	if ((uint64_t)st.st_size != p->file_bytes)
		return hull_fail(e, HULL_FAILED,
				 "store %s: %s is %s: %" PRIu64 " bytes, not %" PRIu64, s->path,
				 rpm.path,
				 (uint64_t)st.st_size < p->file_bytes ? "truncated" : "altered",
				 (uint64_t)st.st_size, p->file_bytes);
	return 0;
}

static int open_package(const struct hull_store *s, const struct hull_locked *l,
			struct hull_packages *out, struct hull_err *e)
{
	struct hull_package *p = &out->v[out->n];
	struct hull_store_path directory = hull_store_path(HULL_STORE_UNPACKED, l->sha256);
	const char *evr;
	int fd;

	if (hull_rpm_stored(s, l->sha256, &out->arena, p, e) < 0 || check_rpm(s, p, e) < 0)
		return -1;
	evr = hull_package_evr(p, &out->arena);
	if (strcmp(p->name, l->name) != 0 || strcmp(evr, l->evr) != 0 ||
	    strcmp(p->arch, l->arch) != 0)
		return hull_fail(e, HULL_FAILED, "the RPM with SHA-256 %s is %s-%s.%s", l->sha256,
				 p->name, evr, p->arch);
	if (hull_rpm_unpacked(s, l->sha256, e) < 0)
		return -1;
	fd = openat(s->fd, directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, directory.path);
	out->unpacked[out->n++] = fd;
	return 0;
}

int hull_packages_open(const struct hull_store *s, const struct hull_lock *l,
		       struct hull_packages *out, struct hull_err *e)
{
	*out = (struct hull_packages){.store = s};
	allow_descriptors(l->n);
	out->v = hull_arena_array(&out->arena, l->n + 1, sizeof *out->v);
	out->unpacked = hull_arena_array(&out->arena, l->n + 1, sizeof *out->unpacked);
	for (size_t i = 0; i < l->n; i++)
		if (open_package(s, &l->v[i], out, e) < 0) {
			hull_packages_fini(out);
			return hull_wrap(e, "%s-%s.%s: ", l->v[i].name, l->v[i].evr, l->v[i].arch);
		}
	return 0;
}

void hull_packages_fini(struct hull_packages *p)
{
	for (size_t i = 0; i < p->n; i++)
		close(p->unpacked[i]);
	hull_arena_fini(&p->arena);
	*p = (struct hull_packages){0};
}

int hull_packages_repair(const struct hull_store *s, const struct hull_lock *l, struct hull_err *e)
{
	hull_autofree const char **digests = hull_alloc_array(l->n + 1, sizeof *digests);

	for (size_t i = 0; i < l->n; i++)
		digests[i] = l->v[i].sha256;
	return hull_rpms_intact(s, digests, l->n, true, e);
}

/* --- files --- */

struct payload {
	const struct hull_packages *packages;
	const struct hull_payload_options *options;
	struct hull_tree *t;
	const struct hull_file **placed; /* by node: what it was made of, or NULL */
	size_t cap;
	int *links; /* by inode of the current package: its first name, or HULL_NO_NODE */
	size_t links_cap;
	struct hull_arena arena; /* of messages */
	struct hull_err *e;
};

static const char *name(struct payload *w, size_t package)
{
	return hull_package_nevra(&w->packages->v[package], &w->arena);
}

/* What differs between two files that want the same place; NULL if nothing does. */
static const char *difference(const struct hull_file *a, const struct hull_file *b)
{
	if ((a->mode ^ b->mode) & S_IFMT)
		return "type";
	if (a->mode != b->mode && !S_ISLNK(a->mode))
		return "mode";
	if (strcmp(a->user, b->user) != 0 || strcmp(a->group, b->group) != 0)
		return "owner";
	if (S_ISLNK(a->mode) && strcmp(a->link, b->link) != 0)
		return "target";
	if (S_ISREG(a->mode) && (!a->digest || !b->digest || strcmp(a->digest, b->digest) != 0))
		return "content";
	if (strcmp(a->caps ? a->caps : "", b->caps ? b->caps : "") != 0)
		return "capabilities";
	return a->major != b->major || a->minor != b->minor ? "device number" : NULL;
}

/* The package that has something at or below a node; -1 if there is none. */
static int owner_below(const struct hull_tree *t, int node)
{
	for (int i = node; i != HULL_NO_NODE; i = hull_tree_next(t, i, node))
		if (t->v[i].owner >= 0)
			return t->v[i].owner;
	return -1;
}

/* A place where a node is already: the same file of another package, or an error. */
static int share(struct payload *w, size_t package, const struct hull_file *f, int node)
{
	const struct hull_file *other = w->placed[node];
	const char *what = difference(other, f);
	size_t owner = (size_t)w->t->v[node].owner;

	if (!what)
		return 0;
	if (owner == package)
		return hull_fail(w->e, HULL_FAILED,
				 "%s has %s and %s, which are one place, with different %s",
				 name(w, package), other->path, f->path, what);
	return hull_fail(w->e, HULL_FAILED, "%s and %s both have %s, with different %s",
			 name(w, owner), name(w, package), f->path, what);
}

/* No node for a file: names who has what is in the way. */
static int not_placed(struct payload *w, size_t package, const struct hull_file *f)
{
	char *above = hull_arena_strdup(&w->arena, f->path), *slash;

	while ((slash = strrchr(above, '/')) && slash != above) {
		int node;

		*slash = '\0';
		node = hull_tree_find(w->t, above);
		if (node > HULL_TREE_ROOT && w->t->v[node].owner >= 0 &&
		    !S_ISDIR(w->t->v[node].mode) && (size_t)w->t->v[node].owner != package)
			return hull_wrap(w->e, "%s and %s: ", name(w, package),
					 name(w, (size_t)w->t->v[node].owner));
	}
	return hull_wrap(w->e, "%s: ", name(w, package));
}

static int set_capabilities(struct payload *w, size_t package, const struct hull_file *f, int node)
{
	uint8_t value[HULL_CAPABILITY_BYTES];

	if (hull_capability_encode(f->caps, value, w->e) < 0)
		return hull_wrap(w->e, "%s: %s: ", name(w, package), f->path);
	hull_tree_set_xattr(w->t, node, "security.capability", value, sizeof value);
	return 0;
}

static int fill(struct payload *w, size_t package, const struct hull_file *f, int node)
{
	struct hull_node *n = &w->t->v[node];

	n->mode = f->mode;
	n->owner = (int)package;
	n->mtime = f->mtime < w->options->time ? f->mtime : w->options->time;
	if (S_ISLNK(f->mode)) {
		n->mode = S_IFLNK | 0777;
		n->target = hull_arena_strdup(&w->t->arena, f->link);
	} else if (S_ISREG(f->mode)) {
		n->size_bytes = f->size_bytes;
		n->content.dirfd = w->packages->unpacked[package];
		n->content.path = f->path + 1;
		n->content.sha256 = f->digest;
	} else if (S_ISCHR(f->mode) || S_ISBLK(f->mode)) {
		n->major = f->major;
		n->minor = f->minor;
	} else if (!S_ISDIR(f->mode) && !S_ISFIFO(f->mode) && !S_ISSOCK(f->mode)) {
		return hull_fail(w->e, HULL_FAILED, "%s: %s has the mode 0%o", name(w, package),
				 f->path, f->mode);
	}
	return f->caps ? set_capabilities(w, package, f, node) : 0;
}

/* Makes the node of a file, if another package has not brought the same. */
static int place(struct payload *w, size_t package, const struct hull_file *f)
{
	int node = hull_tree_add(w->t, f->path, w->e), owner;

	if (node < 0)
		return not_placed(w, package, f);
	while (w->cap <= (size_t)node) {
		size_t old = w->cap;

		w->placed = hull_grow(w->placed, &w->cap, (size_t)node, sizeof(void *));
		memset(w->placed + old, 0, (w->cap - old) * sizeof(void *));
	}
	if (w->placed[node])
		return share(w, package, f, node) < 0 ? -1 : node;
	/* A directory that was made for what is in it. */
	owner = S_ISDIR(f->mode) ? -1 : owner_below(w->t, node);
	if (owner >= 0)
		return hull_fail(w->e, HULL_FAILED,
				 "%s has %s, which is no directory there, and %s has files in it",
				 name(w, package), f->path, name(w, (size_t)owner));
	w->placed[node] = f;
	return fill(w, package, f, node) < 0 ? -1 : node;
}

/* The first name of a file has its bytes, the others are links to it. */
static int place_linked(struct payload *w, size_t package, const struct hull_file *f)
{
	const struct hull_package *p = &w->packages->v[package];
	size_t known = w->t->n;
	int node, *first;

	if (f->inode > p->nfiles)
		return hull_fail(w->e, HULL_FAILED, "%s: %s: inode %u of %zu files",
				 name(w, package), f->path, f->inode, p->nfiles);
	node = place(w, package, f);
	if (node < 0)
		return -1;
	first = &w->links[f->inode];
	if (*first == HULL_NO_NODE)
		*first = w->t->v[node].inode;
	else if ((size_t)node >= known)
		w->t->v[node].inode = *first;
	return 0;
}

static int place_package(struct payload *w, size_t package)
{
	const struct hull_package *p = &w->packages->v[package];
	const struct hull_payload_options *o = w->options;

	w->links = hull_grow(w->links, &w->links_cap, p->nfiles, sizeof *w->links);
	for (size_t i = 0; i <= p->nfiles; i++)
		w->links[i] = HULL_NO_NODE;
	for (size_t i = 0; i < p->nfiles; i++) {
		const struct hull_file *f = &p->files[i];

		if (S_ISLNK(f->mode) || !hull_file_selected(f, o->no_docs, o->locales))
			continue;
		if ((f->inode ? place_linked(w, package, f) : place(w, package, f)) < 0)
			return -1;
	}
	return 0;
}

/* --- symlinks come first, so that what is below one of them finds its place --- */

struct symlink {
	const struct hull_file *file;
	size_t package, depth;
};

static int by_depth(const void *a, const void *b)
{
	const struct symlink *x = a, *y = b;

	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	if (x->package != y->package)
		return x->package < y->package ? -1 : 1;
	return strcmp(x->file->path, y->file->path);
}

static size_t depth(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static int place_symlinks(struct payload *w)
{
	const struct hull_payload_options *o = w->options;
	hull_autofree struct symlink *v = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < w->packages->n; i++)
		for (size_t j = 0; j < w->packages->v[i].nfiles; j++) {
			const struct hull_file *f = &w->packages->v[i].files[j];

			if (!S_ISLNK(f->mode) || !hull_file_selected(f, o->no_docs, o->locales))
				continue;
			v = hull_grow(v, &cap, n, sizeof *v);
			v[n++] = (struct symlink){f, i, depth(f->path)};
		}
	if (n)
		qsort(v, n, sizeof *v, by_depth);
	for (size_t i = 0; i < n; i++)
		if (place(w, v[i].package, v[i].file) < 0)
			return -1;
	return 0;
}

int hull_payload_add(const struct hull_packages *p, const struct hull_payload_options *o,
		     struct hull_tree *t, struct hull_err *e)
{
	struct payload w = {.packages = p, .options = o, .t = t, .e = e};
	struct hull_demands demands = {0};
	int r = o->scriptlets ? 0 : hull_demands_read(p->store, p->v, p->n, &demands, e);

	if (r == 0)
		r = place_symlinks(&w);
	for (size_t i = 0; i < p->n && r == 0; i++)
		r = place_package(&w, i);
	if (r == 0)
		r = hull_demands_check(&demands, t, e);
	hull_demands_fini(&demands);
	free(w.placed);
	free(w.links);
	hull_arena_fini(&w.arena);
	return r;
}
