// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

enum { MAX_ID = 60000, MAX_DAYS = 99999 };

struct account_entry {
	struct hull_account a;
	const char *password;
	bool hashed;
};

static int read_uid(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		    struct hull_err *e)
{
	(void)r;
	return hull_config_id(v, MAX_ID, into, e);
}

static int read_expiry(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	int64_t *out = into;

	(void)r;
	if (json_is_integer(v->json) && json_integer_value(v->json) == -1)
		return 0;
	if (hull_config_id(v, MAX_DAYS, out, e) < 0)
		return -1;
	if (*out == 0)
		*out = -1; /* as in Azure Linux, where a missing number is 0 */
	return 0;
}

static int check_line(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	(void)r;
	(void)into;
	if (strpbrk(json_string_value(v->json), ":\n"))
		return hull_jsonpos_fail(e, v, "%s: has a ':' or a line break", v->name);
	return 0;
}

/* One line of authorized_keys: [options] type base64 [comment]. */
static bool is_key(const char *line)
{
	static const char *const types[] = {"ssh-ed25519 ",
					    "ssh-rsa ",
					    "ecdsa-sha2-nistp256 ",
					    "ecdsa-sha2-nistp384 ",
					    "ecdsa-sha2-nistp521 ",
					    "sk-ssh-ed25519@openssh.com ",
					    "sk-ecdsa-sha2-nistp256@openssh.com "};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *at = strstr(line, types[i]);

		if (at && (at == line || at[-1] == ' ') &&
		    hull_starts(at + strlen(types[i]), "AAAA"))
			return true;
	}
	return false;
}

static int add_key(const struct hull_jsonpos_value *v, struct hull_account *a, const char *from,
		   const char *line, struct hull_err *e)
{
	if (strstr(line, "PRIVATE KEY"))
		return hull_jsonpos_fail(e, v, "%s: %s is a private key", v->name, from);
	if (!is_key(line))
		return hull_jsonpos_fail(e, v, "%s: %s has a line that is no SSH public key: %.40s",
					 v->name, from, line);
	hull_strv_add(&a->ssh_keys, line);
	return 0;
}

static int read_key(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		    struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	(void)r;
	if (!s)
		return -1;
	if (strchr(s, '\n'))
		return hull_jsonpos_fail(e, v, "%s: has a line break; one key an element", v->name);
	return add_key(v, into, "the text", s, e);
}

static int read_key_file(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	const char *s = hull_config_string(v, e), *path;
	hull_autobuf struct hull_buf text = {0};
	char *line, *rest;

	if (!s)
		return -1;
	if (hull_config_text(r, v, s, &path, &text, e) < 0)
		return -1;
	for (rest = text.p; (line = strsep(&rest, "\n"));) {
		line[strcspn(line, "\r")] = '\0';
		line += strspn(line, " \t");
		if (*line && *line != '#' && add_key(v, into, s, line, e) < 0)
			return -1;
	}
	return 0;
}

#define AT(member) offsetof(struct account_entry, member)

static const struct hull_config_field user_fields[] = {
	{"Name", HULL_FIELD_STRING, .offset = AT(a.name), .read = hull_config_name},
	{"UID", HULL_FIELD_CALL, .offset = AT(a.uid), .read = read_uid},
	{"Password", HULL_FIELD_STRING, .offset = AT(password), .read = check_line},
	{"PasswordHashed", HULL_FIELD_BOOL, .offset = AT(hashed)},
	{"PasswordExpiresDays", HULL_FIELD_CALL, .offset = AT(a.password_expires_days),
	 .read = read_expiry},
	{"SSHPubKeyPaths", HULL_FIELD_EACH, .offset = AT(a), .read = read_key_file},
	{"SSHPubKeys", HULL_FIELD_EACH, .offset = AT(a), .read = read_key},
	{"PrimaryGroup", HULL_FIELD_STRING, .offset = AT(a.primary_group),
	 .read = hull_config_name},
	{"SecondaryGroups", HULL_FIELD_STRINGS, .offset = AT(a.groups), .read = hull_config_name},
	{"HomeDirectory", HULL_FIELD_STRING, .offset = AT(a.home), .read = hull_config_path},
	{"StartupCommand", HULL_FIELD_STRING, .offset = AT(a.shell), .read = hull_config_path},
	{.kind = HULL_FIELD_END},
};

/* A password in clear text would be in the configuration's history for ever. */
static int set_password(struct account_entry *entry, const struct hull_jsonpos_value *v,
			struct hull_err *e)
{
	const char *p = entry->password;
	struct hull_jsonpos_value at;

	if (!p)
		return 0;
	hull_config_member(v, "Password", &at);
	if (!entry->hashed)
		return hull_jsonpos_fail(e, &at,
					 "Password: user %s has a password in clear text; make a "
					 "hash with 'openssl passwd -6' and set PasswordHashed",
					 entry->a.name);
	if ((p[0] != '$' || strlen(p) < 13 || !strchr(p + 1, '$')) && strcmp(p, "*") != 0 &&
	    p[0] != '!')
		return hull_jsonpos_fail(e, &at,
					 "Password: that of user %s is no hash of crypt(3), which "
					 "starts with $; 'openssl passwd -6' makes one",
					 entry->a.name);
	entry->a.password = p;
	return 0;
}

static void free_account(struct hull_account *a)
{
	hull_strv_fini(&a->groups);
	hull_strv_fini(&a->ssh_keys);
}

static int read_user(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
		     struct account_entry *entry, struct hull_err *e)
{
	const struct hull_image_config *c = r->c;
	struct hull_account *a = &entry->a;

	if (hull_config_object(r, v, user_fields, entry, e) < 0)
		return -1;
	if (!a->name)
		return hull_jsonpos_fail(e, v, "Users: a user without a Name");
	for (size_t i = 0; i < c->nusers; i++) {
		if (!strcmp(c->users[i].name, a->name))
			return hull_jsonpos_fail(e, v, "Users: %s comes twice: also %s", a->name,
						 c->users[i].where);
		if (a->uid >= 0 && c->users[i].uid == a->uid)
			return hull_jsonpos_fail(e, v, "Users: %s and %s have the same UID %lld",
						 c->users[i].name, a->name, (long long)a->uid);
	}
	return set_password(entry, v, e);
}

int hull_config_user(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct account_entry entry = {
		.a = {.where = hull_config_where(r, v), .uid = -1, .password_expires_days = -1}};

	(void)into;
	if (read_user(r, v, &entry, e) < 0) {
		free_account(&entry.a);
		return -1;
	}
	c->users = hull_config_more(c->users, &c->nusers, sizeof entry.a);
	c->users[c->nusers - 1] = entry.a;
	return 0;
}

static const struct hull_config_field group_fields[] = {
	{"Name", HULL_FIELD_STRING, .offset = offsetof(struct hull_group, name),
	 .read = hull_config_name},
	{"GID", HULL_FIELD_CALL, .offset = offsetof(struct hull_group, gid), .read = read_uid},
	{.kind = HULL_FIELD_END},
};

int hull_config_group(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct hull_group g = {.where = hull_config_where(r, v), .gid = -1};

	(void)into;
	if (hull_config_object(r, v, group_fields, &g, e) < 0)
		return -1;
	if (!g.name)
		return hull_jsonpos_fail(e, v, "Groups: a group without a Name");
	for (size_t i = 0; i < c->ngroups; i++) {
		if (!strcmp(c->groups[i].name, g.name))
			return hull_jsonpos_fail(e, v, "Groups: %s comes twice: also %s", g.name,
						 c->groups[i].where);
		if (g.gid >= 0 && c->groups[i].gid == g.gid)
			return hull_jsonpos_fail(e, v, "Groups: %s and %s have the same GID %lld",
						 c->groups[i].name, g.name, (long long)g.gid);
	}
	c->groups = hull_config_more(c->groups, &c->ngroups, sizeof g);
	c->groups[c->ngroups - 1] = g;
	return 0;
}
