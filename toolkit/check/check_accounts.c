// SPDX-License-Identifier: MIT
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "system/confdir.h"

enum { FIRST_LOGIN = 1000, NOBODY = 65534 };

static void add(struct hull_check *c, const char *id, const char *account, const char *reason)
{
	hull_findings_add(c->out, id, HULL_OBJECT_ACCOUNT, account, NULL, "%s", reason);
}

/* The first field of a shadow line, or what passwd itself has. */
static const char *password(struct hull_check *c, const struct hull_user_entry *u)
{
	if (u->password && strcmp(u->password, "x") != 0)
		return u->password;
	if (!u->shadow)
		return "*"; /* nobody can log in */
	return hull_arena_strndup(&c->arena, u->shadow, strcspn(u->shadow, ":"));
}

/* "$y$" yescrypt, "$6$" SHA-512, "$7$" scrypt, "$gy$" gost-yescrypt, "$2b$" bcrypt. */
static bool is_strong(const char *hash)
{
	static const char *const strong[] = {"$y$", "$6$", "$7$", "$gy$", "$2a$", "$2b$", "$2y$"};

	for (size_t i = 0; i < sizeof strong / sizeof *strong; i++)
		if (hull_starts(hash, strong[i]))
			return true;
	return false;
}

static void check_password(struct hull_check *c, const struct hull_user_entry *u)
{
	const char *hash = password(c, u);

	if (!*hash)
		add(c, "HULL-ACCOUNT-PASSWORD-EMPTY", u->name, "logs in without a password");
	else if (*hash == '!' || *hash == '*')
		return;
	else if (*hash != '$' && strlen(hash) != 13)
		return; /* no hash of any kind: locked */
	else if (!is_strong(hash))
		add(c, "HULL-ACCOUNT-PASSWORD-WEAK", u->name,
		    "has a password whose hash is quickly guessed from (neither yescrypt nor "
		    "SHA-512)");
	else
		add(c, "HULL-ACCOUNT-PASSWORD-SET", u->name,
		    "has a password, the same one on every machine from this image");
}

static bool is_login_shell(const char *shell)
{
	static const char *const none[] = {"nologin",  "false", "true",	    "sync",
					   "shutdown", "halt",	"git-shell"};
	const char *name = shell && *shell ? hull_basename(shell) : "sh";

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (!strcmp(name, none[i]))
			return false;
	return true;
}

static void check_keys(struct hull_check *c, const struct hull_user_entry *u)
{
	static const char *const names[] = {"authorized_keys", "authorized_keys2"};

	for (size_t i = 0; u->home && *u->home == '/' && i < 2; i++) {
		const char *path = hull_arena_printf(&c->arena, "%s/.ssh/%s", u->home, names[i]);
		int node = hull_tree_follow(&c->s->tree, path);

		if (node >= 0 && S_ISREG(c->s->tree.v[c->s->tree.v[node].inode].mode) &&
		    c->s->tree.v[c->s->tree.v[node].inode].size_bytes)
			hull_findings_add(c->out, "HULL-ACCOUNT-KEY", HULL_OBJECT_ACCOUNT, u->name,
					  NULL, "%s lets whoever has the key log in", path);
	}
}

static void check_user(struct hull_check *c, size_t i)
{
	const struct hull_user_entry *u = &c->users.users[i], *first;
	bool system = u->uid != 0 && (u->uid < FIRST_LOGIN || u->uid == NOBODY);

	check_password(c, u);
	check_keys(c, u);
	if (u->uid == 0 && strcmp(u->name, "root") != 0)
		add(c, "HULL-ACCOUNT-UID0", u->name, "is root under another name");
	if (system && is_login_shell(u->shell))
		hull_findings_add(c->out, "HULL-ACCOUNT-SHELL", HULL_OBJECT_ACCOUNT, u->name, NULL,
				  "is a system account (%u) with the shell '%s'", u->uid,
				  u->shell && *u->shell ? u->shell : "/bin/sh");
	first = hull_userdb_uid(&c->users, u->uid);
	if (u->uid != 0 && first != u)
		hull_findings_add(c->out, "HULL-ACCOUNT-DUPLICATE", HULL_OBJECT_ACCOUNT, u->name,
				  NULL, "has the number %u, as %s has", u->uid, first->name);
}

static void check_file(struct hull_check *c, const char *path, mode_t allowed)
{
	const struct hull_tree *t = &c->s->tree;
	int node = hull_tree_follow(t, path);
	const struct hull_node *n = node >= 0 ? &t->v[t->v[node].inode] : NULL;
	bool secret = !(allowed & S_IRGRP);

	if (!n)
		return;
	/* the group "shadow" of Debian may read the secret files */
	if ((n->mode & 07777 & ~allowed & ~(secret && n->gid ? S_IRGRP : 0)) == 0 && n->uid == 0 &&
	    (n->gid == 0 || secret))
		return;
	hull_findings_add(c->out, "HULL-ACCOUNT-FILE-MODE", HULL_OBJECT_FILE, path,
			  hull_check_owner(c, node), "has the mode %04o and belongs to %u:%u",
			  n->mode & 07777, n->uid, n->gid);
}

int hull_check_accounts(struct hull_check *c, struct hull_err *e)
{
	static const char *const open[] = {"/etc/passwd", "/etc/group", "/etc/passwd-",
					   "/etc/group-"};
	static const char *const secret[] = {"/etc/shadow", "/etc/gshadow", "/etc/shadow-",
					     "/etc/gshadow-"};

	(void)e;
	for (size_t i = 0; i < c->users.nusers; i++)
		check_user(c, i);
	for (size_t i = 0; i < 4; i++) {
		check_file(c, open[i], 0644);
		check_file(c, secret[i], 0600);
	}
	return 0;
}
