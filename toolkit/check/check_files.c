// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "inspect/digests.h"
#include "inspect/made.h"
#include "tree/capability.h"

/* The files of the packages against their headers, and what no package has. */
struct files_check {
	struct hull_check *c;
	const struct hull_tree *t;
	struct hull_made_map made;
	char (*digests)[65];
};

static const char *type_name(mode_t mode)
{
	return S_ISREG(mode)   ? "a file"
	       : S_ISDIR(mode) ? "a directory"
	       : S_ISLNK(mode) ? "a symlink"
	       : S_ISCHR(mode) ? "a character device"
	       : S_ISBLK(mode) ? "a block device"
			       : "something special";
}

static bool is_owned_file(const struct hull_node *n)
{
	return n->owner >= 0 && S_ISREG(n->mode);
}

/* --- a file of a package --- */

static struct hull_finding *add(struct files_check *w, const struct hull_package *p,
				const struct hull_file *f, const char *id, const char *reason)
{
	return hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, f->path, p->name, "%s", reason);
}

/* A missing manual does less harm than a missing program. */
static bool is_documentation(const struct hull_file *f)
{
	return (f->flags & (HULL_FILE_DOC | HULL_FILE_LICENSE)) || f->lang ||
	       hull_starts(f->path, "/usr/share/man/") || hull_starts(f->path, "/usr/share/doc/") ||
	       hull_starts(f->path, "/usr/share/info/") ||
	       hull_starts(f->path, "/usr/share/locale/");
}

static void check_content(struct files_check *w, const struct hull_package *p,
			  const struct hull_file *f, const struct hull_node *n, const char *digest)
{
	const char *id =
		f->flags & HULL_FILE_CONFIG ? "HULL-FILE-CONFIG-CHANGED" : "HULL-FILE-CHANGED";

	if (S_ISLNK(f->mode) && f->link && strcmp(f->link, n->target) != 0) {
		hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, f->path, p->name,
				  "points to '%s', the package has '%s'", n->target, f->link);
		return;
	}
	if (!S_ISREG(f->mode) || !f->digest)
		return;
	if (n->size_bytes != f->size_bytes)
		hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, f->path, p->name,
				  "has %llu bytes, the package has %llu",
				  (unsigned long long)n->size_bytes,
				  (unsigned long long)f->size_bytes);
	else if (*digest && strlen(f->digest) == strlen(digest) && strcmp(f->digest, digest) != 0)
		hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, f->path, p->name,
				  "has the SHA-256 %s, the package has %s", digest, f->digest);
}

static const char *user_name(const struct hull_check *c, uint32_t uid)
{
	const struct hull_user_entry *u = hull_userdb_uid(&c->users, uid);

	return u ? u->name : uid == 0 ? "root" : "nobody known";
}

static const char *group_name(const struct hull_check *c, uint32_t gid)
{
	const struct hull_group_entry *g = hull_userdb_gid(&c->users, gid);

	return g ? g->name : gid == 0 ? "root" : "nobody known";
}

static void check_owner(struct files_check *w, const struct hull_package *p,
			const struct hull_file *f, const struct hull_node *n)
{
	uint32_t uid = 0, gid = 0;
	/* an owner that is no account is another finding */
	bool known = f->user && f->group &&
		     (!strcmp(f->user, "root") ||
		      hull_userdb_resolve_user(&w->c->users, f->user, &uid)) &&
		     (!strcmp(f->group, "root") ||
		      hull_userdb_resolve_group(&w->c->users, f->group, &gid));

	if (!known || (n->uid == uid && n->gid == gid))
		return;
	hull_findings_add(w->c->out, "HULL-FILE-OWNER", HULL_OBJECT_FILE, f->path, p->name,
			  "belongs to %u:%u (%s:%s), in the package to %s:%s", n->uid, n->gid,
			  user_name(w->c, n->uid), group_name(w->c, n->gid), f->user, f->group);
}

static void check_mode(struct files_check *w, const struct hull_package *p,
		       const struct hull_file *f, const struct hull_node *n)
{
	mode_t have = n->mode & 07777, want = f->mode & 07777, more = have & ~want;

	if (S_ISLNK(f->mode) || have == want)
		return;
	hull_findings_add(w->c->out, "HULL-FILE-MODE", HULL_OBJECT_FILE, f->path, p->name,
			  "has the mode %04o, the package has %04o", have, want)
		->severity = more & (S_ISUID | S_ISGID | S_IWOTH) ? HULL_HIGH : HULL_MEDIUM;
}

static void check_capabilities(struct files_check *w, const struct hull_package *p,
			       const struct hull_file *f, const struct hull_node *n)
{
	uint8_t want[HULL_CAPABILITY_BYTES];
	const struct hull_xattr *x = n->xattrs;
	const char *wanted = f->caps && *f->caps ? f->caps : NULL;
	struct hull_err e;

	while (x && strcmp(x->name, "security.capability") != 0)
		x = x->next;
	if (!x && !wanted)
		return;
	if (x && wanted && hull_capability_encode(wanted, want, &e) == 0 &&
	    x->size == sizeof want && !memcmp(x->value, want, sizeof want))
		return;
	hull_findings_add(w->c->out, "HULL-FILE-CAPABILITIES", HULL_OBJECT_FILE, f->path, p->name,
			  "has the capabilities '%s', the package has '%s'",
			  x ? hull_capability_text(x->value, x->size, &w->c->arena) : "",
			  wanted ? wanted : "")
		->severity = x ? HULL_HIGH : HULL_MEDIUM;
}

static void check_file(struct files_check *w, const struct hull_package *p,
		       const struct hull_file *f)
{
	int at = hull_tree_find(w->t, f->path);
	const struct hull_node *n;
	unsigned int made;

	if (at < 0) {
		if (!(f->flags & HULL_FILE_GHOST))
			add(w, p, f, "HULL-FILE-MISSING", "is not in the image")->severity =
				is_documentation(f) ? HULL_LOW : HULL_MEDIUM;
		return;
	}
	n = &w->t->v[w->t->v[at].inode];
	made = w->made.v[at];
	if (f->flags & HULL_FILE_GHOST)
		return;
	if ((n->mode & S_IFMT) != (f->mode & S_IFMT)) {
		if (!(made & HULL_MADE_CONTENT))
			hull_findings_add(w->c->out, "HULL-FILE-CHANGED", HULL_OBJECT_FILE, f->path,
					  p->name, "is %s, the package has %s", type_name(n->mode),
					  type_name(f->mode));
		return;
	}
	if (!(made & HULL_MADE_CONTENT))
		check_content(w, p, f, n, w->digests[w->t->v[at].inode]);
	if (!(made & HULL_MADE_MODE)) {
		check_mode(w, p, f, n);
		check_owner(w, p, f, n);
	}
	if (S_ISREG(f->mode))
		check_capabilities(w, p, f, n);
}

/* --- what no package has --- */

static bool is_program(const struct hull_node *n)
{
	return S_ISREG(n->mode) && ((n->mode & 0111) || hull_ends(n->name, ".so") ||
				    strstr(n->name, ".so.") || strstr(n->name, ".ko"));
}

/* Nodes that are accounted for, or above one that is. */
static bool *find_accounted(const struct files_check *w)
{
	bool *accounted = hull_alloc_array(w->t->n, sizeof *accounted);

	accounted[HULL_TREE_ROOT] = true;
	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(w->t, i, HULL_TREE_ROOT))
		if (w->t->v[i].owner >= 0 || (w->made.v[i] & HULL_MADE))
			for (int k = i; !accounted[k]; k = w->t->v[k].parent)
				accounted[k] = true;
	return accounted;
}

static void report_unowned(struct files_check *w, int top)
{
	const char *path = hull_tree_path(w->t, top, &w->c->arena);
	size_t files = 0, programs = 0;
	const char *id;

	for (int i = top; i >= 0; i = hull_tree_next(w->t, i, top)) {
		files += !S_ISDIR(w->t->v[i].mode);
		programs += is_program(&w->t->v[w->t->v[i].inode]);
	}
	id = programs ? "HULL-FILE-UNOWNED-CODE" : "HULL-FILE-UNOWNED";
	if (!S_ISDIR(w->t->v[top].mode))
		hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, path, NULL,
				  "no package has it, and Hull did not make it");
	else if (!files)
		hull_findings_add(w->c->out, id, HULL_OBJECT_FILE, path, NULL,
				  "an empty directory that no package has");
	else
		hull_findings_add(
			w->c->out, id, HULL_OBJECT_FILE, path, NULL,
			"a directory of no package with %zu file%s, %zu of them program%s", files,
			files == 1 ? "" : "s", programs, programs == 1 ? "" : "s");
}

static void check_unowned(struct files_check *w)
{
	hull_autofree bool *accounted = find_accounted(w);

	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(w->t, i, HULL_TREE_ROOT))
		if (!accounted[i] && accounted[w->t->v[i].parent])
			report_unowned(w, i);
}

/* What the image says of itself: it takes nothing from what its files say. */
static void report_scriptlets(const struct files_check *w)
{
	const struct hull_runs *runs = &w->c->s->lock.runs;

	for (size_t i = 0; i < runs->nchanges && w->c->s->has_lock; i++) {
		const struct hull_run_change *c = &runs->changes[i];

		hull_findings_add(w->c->out, "HULL-FILE-SCRIPTLET", HULL_OBJECT_FILE, c->path, NULL,
				  "%s by %s of %s when the image was made, its lock file says",
				  c->kind, c->scriptlet, c->package);
	}
}

int hull_check_files(struct hull_check *c, struct hull_err *e)
{
	struct files_check w = {.c = c, .t = &c->s->tree};

	if (!c->s->npackages)
		return 0;
	if (hull_made_map_init(&w.made, w.t, e) < 0)
		return hull_wrap(e, "files of packages are not checked: ");
	if (hull_system_digests(c->s, is_owned_file, c->o->threads, &w.digests, e) < 0) {
		hull_made_map_fini(&w.made);
		return hull_wrap(e, "files of packages are not checked: ");
	}
	for (size_t i = 0; i < c->s->npackages; i++)
		for (size_t k = 0; k < c->s->packages[i].nfiles; k++)
			check_file(&w, &c->s->packages[i], &c->s->packages[i].files[k]);
	check_unowned(&w);
	report_scriptlets(&w);
	free(w.digests);
	hull_made_map_fini(&w.made);
	return 0;
}
