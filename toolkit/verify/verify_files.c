// SPDX-License-Identifier: MIT
#include "verify/verify_link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "config/config.h"
#include "inspect/digests.h"
#include "inspect/made.h"
#include "inspect/system.h"
#include "system/userdb.h"
#include "tree/capability.h"
#include "verify/verify_want.h"

enum { SHORT_HEX = 16 }; /* of a digest in a message */

struct files_verify {
	const struct hull_verify_request *r;
	const struct hull_tree *t;
	struct hull_verification *out;
	struct hull_made_map made;
	struct hull_userdb users;
	char (*digests)[HULL_HEX];
	const struct hull_file **files; /* node -> what its package says of it */
	struct hull_wanted_tree wanted;
	bool has_wanted;
	struct hull_arena arena;
};

static void broken(struct files_verify *w, const char *path, const char *reason)
{
	hull_verification_add(w->out, HULL_VERIFY_FILES, false, path, "%s", reason);
}

/* --- which file of a package is which node --- */

static void find_file(struct files_verify *w, int package, const struct hull_file *f)
{
	int node = hull_tree_find(w->t, f->path);

	if (node < 0) {
		if (!(f->flags & HULL_FILE_GHOST))
			hull_verification_add(w->out, HULL_VERIFY_FILES, false, f->path,
					      "missing, package %s has it",
					      w->r->system->packages[package].name);
	} else if (w->t->v[node].owner == package) {
		w->files[node] = f;
	}
}

static void find_files(struct files_verify *w)
{
	w->files = hull_alloc_array(w->t->n + 1, sizeof *w->files);
	for (size_t i = 0; i < w->r->system->npackages; i++)
		for (size_t k = 0; k < w->r->system->packages[i].nfiles; k++)
			find_file(w, (int)i, &w->r->system->packages[i].files[k]);
}

/* --- one file --- */

static void join(struct hull_buf *b)
{
	if (b->n)
		hull_buf_adds(b, "; ");
}

static void check_content(struct files_verify *w, int node, const struct hull_file *f,
			  struct hull_buf *why)
{
	const struct hull_node *n = &w->t->v[w->t->v[node].inode];
	const char *is = w->digests[w->t->v[node].inode];

	if (S_ISLNK(n->mode) && f->link && strcmp(n->target, f->link) != 0) {
		join(why);
		hull_buf_addf(why, "leads to %s instead of %s", n->target, f->link);
	}
	if (S_ISREG(n->mode) && f->digest && strcmp(is, f->digest) != 0) {
		join(why);
		hull_buf_addf(why, "content has SHA-256 %.*s..., package %s has %.*s...", SHORT_HEX,
			      is, w->r->system->packages[w->t->v[node].owner].name, SHORT_HEX,
			      f->digest);
	}
	if ((S_ISCHR(n->mode) || S_ISBLK(n->mode)) &&
	    (n->major != f->major || n->minor != f->minor)) {
		join(why);
		hull_buf_addf(why, "device %u:%u instead of %u:%u", n->major, n->minor, f->major,
			      f->minor);
	}
}

static void check_mode(struct files_verify *w, const struct hull_node *n, const struct hull_file *f,
		       struct hull_buf *why)
{
	uint32_t uid, gid;

	if (!S_ISLNK(n->mode) && (n->mode & 07777) != (f->mode & 07777)) {
		join(why);
		hull_buf_addf(why, "mode %04o instead of %04o", n->mode & 07777, f->mode & 07777);
	}
	if (!hull_userdb_resolve_user(&w->users, f->user, &uid) || uid != n->uid) {
		join(why);
		hull_buf_addf(why, "belongs to user %u instead of %s", n->uid, f->user);
	}
	if (!hull_userdb_resolve_group(&w->users, f->group, &gid) || gid != n->gid) {
		join(why);
		hull_buf_addf(why, "belongs to group %u instead of %s", n->gid, f->group);
	}
}

static void check_capabilities(struct files_verify *w, const struct hull_node *n,
			       const struct hull_file *f, struct hull_buf *why)
{
	const struct hull_xattr *x = n->xattrs;
	uint8_t want[HULL_CAPABILITY_BYTES];
	struct hull_err e;

	while (x && strcmp(x->name, "security.capability") != 0)
		x = x->next;
	if (!x && !f->caps)
		return;
	if (x && f->caps && hull_capability_encode(f->caps, want, &e) == 0 &&
	    x->size == sizeof want && memcmp(x->value, want, sizeof want) == 0)
		return;
	join(why);
	hull_buf_addf(why, "capabilities %s instead of %s",
		      x ? hull_capability_text(x->value, x->size, &w->arena) : "none",
		      f->caps ? f->caps : "none");
}

/* Content, mode and owner that the configuration makes. */
static int check_wanted(struct files_verify *w, int node, int want, const char *path,
			struct hull_err *e)
{
	const struct hull_tree *t = &w->wanted.tree;
	const struct hull_node *n = &w->t->v[w->t->v[node].inode];
	const struct hull_node *m = &t->v[t->v[want].inode];
	hull_autobuf struct hull_buf text = {0}, why = {0};
	char hex[HULL_HEX];

	if ((n->mode ^ m->mode) & S_IFMT) {
		broken(w, path, "is of another type than the configuration makes it");
		return 0;
	}
	if (S_ISREG(n->mode)) {
		if (hull_tree_read(t, want, &text, e) < 0)
			return hull_wrap(e, "%s: ", w->r->config->path);
		hull_hash_bytes(text.p ? text.p : "", text.n, hex);
		if (strcmp(hex, w->digests[w->t->v[node].inode]) != 0)
			hull_buf_adds(&why, "content is not what the configuration makes");
	}
	if (S_ISLNK(n->mode) && strcmp(n->target, m->target) != 0)
		hull_buf_addf(&why, "leads to %s instead of %s", n->target, m->target);
	if (!S_ISLNK(n->mode) && (n->mode ^ m->mode) & 07777) {
		join(&why);
		hull_buf_addf(&why, "mode %04o instead of %04o", n->mode & 07777, m->mode & 07777);
	}
	if (n->uid != m->uid || n->gid != m->gid) {
		join(&why);
		hull_buf_addf(&why, "belongs to %u:%u instead of %u:%u", n->uid, n->gid, m->uid,
			      m->gid);
	}
	if (why.n)
		broken(w, path, why.p);
	else
		w->out->held[HULL_VERIFY_FILES]++;
	return 0;
}

/* What the configuration makes and the image lacks; what packages bring was told already. */
static void find_missing(struct files_verify *w)
{
	const struct hull_tree *t = &w->wanted.tree;

	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const char *path = hull_tree_path(t, i, &w->arena);

		if (t->v[i].owner < 0 && hull_tree_find(w->t, path) < 0)
			broken(w, path, "missing, the configuration makes it");
	}
}

static void check_owned(struct files_verify *w, int node, const char *path)
{
	const struct hull_node *n = &w->t->v[w->t->v[node].inode];
	const struct hull_file *f = w->files[node];
	hull_autobuf struct hull_buf why = {0};
	unsigned int made = w->made.v[node];

	if ((n->mode ^ f->mode) & S_IFMT) {
		if (!(f->flags & HULL_FILE_GHOST) && !(made & HULL_MADE_CONTENT))
			broken(w, path, "is of another type than its package says");
		return;
	}
	if (!(f->flags & HULL_FILE_GHOST) && !(made & HULL_MADE_CONTENT))
		check_content(w, node, f, &why);
	if (!(made & HULL_MADE_MODE))
		check_mode(w, n, f, &why);
	check_capabilities(w, n, f, &why);
	if (why.n)
		broken(w, path, why.p);
	else if (made & HULL_MADE_CONTENT)
		w->out->made++;
	else
		w->out->held[HULL_VERIFY_FILES]++;
}

/* mkfs makes it, not the configuration. */
static bool is_lost_found(const struct files_verify *w, int node)
{
	return !strcmp(w->t->v[node].name, "lost+found") && w->made.v[node] & HULL_MADE;
}

static int check_node(struct files_verify *w, int node, struct hull_err *e)
{
	const char *path = hull_tree_path(w->t, node, &w->arena);
	int want = w->has_wanted ? hull_tree_find(&w->wanted.tree, path) : HULL_NO_NODE;

	if (want >= 0 && (w->wanted.tree.v[want].owner < 0 || w->made.v[node] || !w->files[node]))
		return check_wanted(w, node, want, path, e);
	if (w->files[node])
		check_owned(w, node, path);
	else if (w->has_wanted && !is_lost_found(w, node))
		broken(w, path, "belongs to no package, and the configuration does not make it");
	else if (w->made.v[node] & HULL_MADE)
		w->out->made++;
	else
		broken(w, path, "belongs to no package, and the image writer does not make it");
	return 0;
}

int hull_verify_files(const struct hull_verify_request *r, struct hull_verification *out,
		      struct hull_err *e)
{
	struct files_verify w = {.r = r, .t = &r->system->tree, .out = out};
	int slot = hull_task_start(r->progress, "files", 0);
	int rc = hull_userdb_read(w.t, &w.users, e);

	if (rc == 0)
		rc = hull_made_map_init(&w.made, w.t, e);
	if (rc == 0)
		rc = hull_system_digests(r->system, NULL, r->threads, &w.digests, e);
	if (rc == 0) {
		find_files(&w);
		w.has_wanted = r->config && hull_wanted_tree_init(&w.wanted, r, out);
	}
	if (w.has_wanted)
		find_missing(&w);
	for (int i = HULL_TREE_ROOT; rc == 0 && i >= 0; i = hull_tree_next(w.t, i, HULL_TREE_ROOT))
		rc = check_node(&w, i, e);
	hull_task_end(r->progress, slot);
	hull_userdb_fini(&w.users);
	hull_made_map_fini(&w.made);
	free(w.digests);
	free(w.files);
	if (w.has_wanted)
		hull_wanted_tree_fini(&w.wanted);
	hull_arena_fini(&w.arena);
	return rc;
}
