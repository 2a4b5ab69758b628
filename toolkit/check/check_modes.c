// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "tree/capability.h"

static struct hull_finding *add(struct hull_check *c, int node, const char *id, const char *reason)
{
	return hull_findings_add(c->out, id, HULL_OBJECT_FILE,
				 hull_tree_path(&c->s->tree, node, &c->arena),
				 hull_check_owner(c, node), "%s", reason);
}

/* What a package brings is at least looked after by somebody. */
static enum hull_severity severity(const struct hull_check *c, int node)
{
	return hull_check_owner(c, node) || !c->s->npackages ? HULL_LOW : HULL_HIGH;
}

static void check_privilege(struct hull_check *c, int node, const struct hull_node *n)
{
	const struct hull_user_entry *u = hull_userdb_uid(&c->users, n->uid);
	const struct hull_group_entry *g = hull_userdb_gid(&c->users, n->gid);
	struct hull_arena *a = &c->arena;

	if (n->mode & S_ISUID)
		add(c, node, "HULL-MODE-SETUID",
		    hull_arena_printf(a, "runs as %s for everybody who may start it (mode %04o)",
				      u		    ? u->name
				      : n->uid == 0 ? "root"
						    : hull_arena_printf(a, "user %u", n->uid),
				      n->mode & 07777))
			->severity = severity(c, node);
	/* without the right to execute the bit is mandatory locking */
	if ((n->mode & S_ISGID) && (n->mode & S_IXGRP))
		add(c, node, "HULL-MODE-SETGID",
		    hull_arena_printf(a,
				      "runs with group %s for everybody who may start it "
				      "(mode %04o)",
				      g		    ? g->name
				      : n->gid == 0 ? "root"
						    : hull_arena_printf(a, "%u", n->gid),
				      n->mode & 07777))
			->severity = severity(c, node);
	for (const struct hull_xattr *x = n->xattrs; x; x = x->next)
		if (!strcmp(x->name, "security.capability"))
			add(c, node, "HULL-MODE-CAPABILITIES",
			    hull_arena_printf(a, "has '%s' for everybody who may start it",
					      hull_capability_text(x->value, x->size, a)))
				->severity = severity(c, node);
}

static void check_node(struct hull_check *c, int node)
{
	const struct hull_node *n = &c->s->tree.v[c->s->tree.v[node].inode];
	bool owner = n->uid == 0 || hull_userdb_uid(&c->users, n->uid),
	     group = n->gid == 0 || hull_userdb_gid(&c->users, n->gid);

	/* without account files nobody is known */
	if (c->users.nusers && (!owner || !group))
		add(c, node, "HULL-MODE-OWNER",
		    hull_arena_printf(&c->arena, "belongs to %u:%u; there is no such %s", n->uid,
				      n->gid, owner ? "group" : "user"));
	if (S_ISLNK(n->mode))
		return;
	if (S_ISCHR(n->mode) || S_ISBLK(n->mode)) {
		add(c, node, "HULL-MODE-DEVICE",
		    hull_arena_printf(&c->arena, "%s device %u:%u, mode %04o",
				      S_ISCHR(n->mode) ? "character" : "block", n->major, n->minor,
				      n->mode & 07777));
		return;
	}
	if (S_ISDIR(n->mode) && (n->mode & S_IWOTH) && !(n->mode & S_ISVTX))
		add(c, node, "HULL-MODE-STICKY",
		    hull_arena_printf(&c->arena,
				      "mode %04o: everybody may remove what others put "
				      "there",
				      n->mode & 07777));
	if (!S_ISDIR(n->mode) && (n->mode & S_IWOTH))
		add(c, node, "HULL-MODE-WORLD-WRITABLE",
		    hull_arena_printf(&c->arena, "mode %04o", n->mode & 07777));
	if (S_ISREG(n->mode))
		check_privilege(c, node, n);
}

int hull_check_modes(struct hull_check *c, struct hull_err *e)
{
	const struct hull_tree *t = &c->s->tree;

	(void)e;
	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		check_node(c, i);
	return 0;
}
