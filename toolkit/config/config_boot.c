// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

/* How the kernel starts: its command line and the protection of the root file system. */

struct command_line {
	const char *extra;
	bool measure; /* ImaPolicy has "tcb" */
	bool fips;
};

static int read_ima(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		    struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	(void)r;
	if (!s)
		return -1;
	if (!strcmp(s, "appraise_tcb") || !strcmp(s, "secure_boot"))
		return hull_jsonpos_fail(e, v,
					 "ImaPolicy: %s: files carry no IMA signatures, so nothing "
					 "would start; tcb measures without them",
					 s);
	if (strcmp(s, "tcb") != 0)
		return hull_jsonpos_fail(e, v, "ImaPolicy: '%s' is not supported; tcb is", s);
	((struct command_line *)into)->measure = true;
	return 0;
}

static int read_cgroup(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	(void)r;
	(void)into;
	if (s && *s && strcmp(s, "version_two") != 0)
		return hull_jsonpos_fail(e, v,
					 "CGroup: '%s' is not supported; version_two is, and "
					 "is what every image has",
					 s);
	return s ? 0 : -1;
}

static int read_selinux(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	(void)r;
	(void)into;
	if (s && *s && strcmp(s, "disabled") != 0)
		return hull_jsonpos_fail(e, v,
					 "SELinux: '%s' is not supported: files get no labels", s);
	return s ? 0 : -1;
}

/* What that distribution's tools do for it, and no more. */
static int read_fips(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	if (!json_is_boolean(v->json))
		return hull_jsonpos_fail(e, v, "EnableFIPS: true or false was expected");
	*(bool *)into = json_is_true(v->json);
	if (json_is_true(v->json))
		hull_config_warn(r, v,
				 "EnableFIPS: puts fips=1 on the command line; no cryptographic "
				 "module of Hull's own packages is validated");
	return 0;
}

/* Words of which the kernel takes the last: how the root is found is in the image's own. It reads "-" as
 * "_" in a name, takes off a quote before it, and leaves what follows "--" to process 1. */
static const char *finds_root(const char *s)
{
	static const char *const names[] = {"root=", "rootfstype=", "dm_mod.create="};

	while (*s) {
		bool quoted = false;
		const char *word = s;
		char name[16] = "";

		for (; *s && (quoted || *s != ' '); s++)
			quoted ^= *s == '"';
		if (s - word == 2 && !strncmp(word, "--", 2))
			return NULL;
		word += *word == '"';
		for (size_t i = 0; i < sizeof name - 1 && word + i < s; i++)
			name[i] = word[i] == '-' ? '_' : word[i];
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (hull_starts(name, names[i]))
				return names[i];
		s += strspn(s, " ");
	}
	return NULL;
}

static int check_extra(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (strlen(s) > 1500)
		return hull_jsonpos_fail(e, v, "ExtraCommandLine: longer than 1500 characters");
	for (const char *p = s; *p; p++)
		if (*p < ' ' || *p > '~')
			return hull_jsonpos_fail(e, v,
						 "ExtraCommandLine: has a character that is "
						 "not printable ASCII");
	s = finds_root(s);
	if (s)
		return hull_jsonpos_fail(
			e, v,
			"ExtraCommandLine: '%s' would take the place of what Hull "
			"adds, and the image would not find its root: leave it out",
			s);
	return 0;
}

#define AT(member) offsetof(struct command_line, member)

static const struct hull_config_field command_line_fields[] = {
	{"ExtraCommandLine", HULL_FIELD_STRING, .offset = AT(extra), .read = check_extra},
	{"ImaPolicy", HULL_FIELD_EACH, .read = read_ima},
	{"CGroup", HULL_FIELD_CALL, .read = read_cgroup},
	{"SELinux", HULL_FIELD_CALL, .read = read_selinux},
	{"SELinuxPolicy", HULL_FIELD_REFUSED, .reason = "not supported: files get no labels"},
	{"EnableFIPS", HULL_FIELD_CALL, .offset = AT(fips), .read = read_fips},
	{.kind = HULL_FIELD_END},
};
#undef AT

int hull_config_command_line(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			     void *into, struct hull_err *e)
{
	struct command_line l = {0};
	const char **out = into;

	if (hull_config_object(r, v, command_line_fields, &l, e) < 0)
		return -1;
	*out = hull_arena_printf(&r->c->arena, "%s%s%s%s%s", l.measure ? "ima_policy=tcb" : "",
				 l.measure && (l.fips || l.extra) ? " " : "",
				 l.fips ? "fips=1" : "", l.fips && l.extra ? " " : "",
				 l.extra ? l.extra : "");
	return 0;
}

static int check_overlay_size(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			      void *into, struct hull_err *e)
{
	(void)r;
	(void)into;
	return hull_config_string(v, e) ? 0 : -1; /* says nothing without TmpfsOverlays */
}

/* Says nothing without ErrorCorrectionEnable. */
static int check_roots(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	int64_t roots;

	(void)r;
	(void)into;
	return hull_config_id(v, 24, &roots, e);
}

/* It goes into a quoted word of the command line, between commas. */
static int check_device_name(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			     void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (strlen(s) > 127 || !strcmp(s, ".") || !strcmp(s, "..") ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")])
		return hull_jsonpos_fail(e, v, "Name: '%s' has more than a-z A-Z 0-9 . _ -", s);
	return 0;
}

#define AT(member) offsetof(struct hull_verity, member)

static const char no_fec[] = "forward error correction is not written";

static const char *const behaviors[] = {"", "ignore", "restart", "panic", NULL};

static const struct hull_config_field verity_fields[] = {
	{"Enable", HULL_FIELD_BOOL, .offset = AT(enable)},
	{"VerityErrorBehavior", HULL_FIELD_CHOICE, .offset = AT(behavior), .choices = behaviors},
	{"Name", HULL_FIELD_STRING, .offset = AT(name), .read = check_device_name},
	{"ErrorCorrectionEnable", HULL_FIELD_REFUSED, .reason = no_fec},
	{"ErrorCorrectionEncodingRoots", HULL_FIELD_CALL, .read = check_roots},
	{"RootHashSignatureEnable", HULL_FIELD_REFUSED,
	 .reason = "not supported; the root hash is in the unified kernel image, which can be "
		   "signed"},
	{"ValidateOnBoot", HULL_FIELD_REFUSED,
	 .reason = "not supported; every block is checked when it is read"},
	{"TmpfsOverlays", HULL_FIELD_REFUSED,
	 .reason = "not supported; give what is written a partition, or a tmpfs by a mount unit"},
	{"TmpfsOverlaySize", HULL_FIELD_CALL, .read = check_overlay_size},
	{"TmpfsOverlayDebugEnabled", HULL_FIELD_REFUSED, .reason = "there are no overlays"},
	{.kind = HULL_FIELD_END},
};
#undef AT

int hull_config_verity(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	struct hull_verity *verity = into;

	verity->where = hull_config_where(r, v);
	return hull_config_object(r, v, verity_fields, verity, e);
}

struct mount {
	const char *id, *point, *options, *identifier;
};

static int check_options(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 void *into, struct hull_err *e)
{
	(void)r;
	(void)into;
	if (strpbrk(json_string_value(v->json), " \t\n#"))
		return hull_jsonpos_fail(e, v,
					 "MountOptions: has white space; commas separate "
					 "options");
	return 0;
}

#define AT(member) offsetof(struct mount, member)

static const char no_diff[] = "differences to another image are not written";

static const char *const identifiers[] = {"", "partuuid", "uuid", "partlabel", NULL};

static const struct hull_config_field mount_fields[] = {
	{"ID", HULL_FIELD_STRING, .offset = AT(id)},
	{"MountPoint", HULL_FIELD_STRING, .offset = AT(point), .read = hull_config_path},
	{"MountOptions", HULL_FIELD_STRING, .offset = AT(options), .read = check_options},
	{"MountIdentifier", HULL_FIELD_CHOICE, .offset = AT(identifier), .choices = identifiers},
	{"RemoveDocs", HULL_FIELD_REFUSED,
	 .reason = "use DisableRpmDocs, which is for all of the "
		   "image"},
	{"RdiffBaseImage", HULL_FIELD_REFUSED, .reason = no_diff},
	{"OverlayBaseImage", HULL_FIELD_REFUSED, .reason = no_diff},
	{.kind = HULL_FIELD_END},
};

static struct hull_partition *find_partition(struct hull_image_config *c, const char *id)
{
	for (size_t i = 0; i < c->npartitions; i++)
		if (!strcmp(c->partitions[i].id, id))
			return &c->partitions[i];
	return NULL;
}

static int unknown_partition(const struct hull_image_config *c, const struct hull_jsonpos_value *v,
			     const char *id, struct hull_err *e)
{
	const char *near = NULL;
	hull_autofree const char **ids = hull_alloc_array(c->npartitions + 1, sizeof *ids);

	for (size_t i = 0; i < c->npartitions; i++)
		ids[i] = c->partitions[i].id;
	near = hull_config_near(id, ids, c->npartitions);
	return hull_jsonpos_fail(
		e, v, "PartitionSettings: no partition of the disk has the ID %s%s%s%s", id,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* An element of PartitionSettings; the partitions are known by now. */
int hull_config_mount(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct mount m = {0};
	struct hull_partition *p;

	(void)into;
	if (hull_config_object(r, v, mount_fields, &m, e) < 0)
		return -1;
	if (!m.id)
		return hull_jsonpos_fail(e, v, "PartitionSettings: no ID");
	p = find_partition(c, m.id);
	if (!p)
		return r->more_disks ? 0 : unknown_partition(c, v, m.id, e);
	if (p->mount_point)
		return hull_jsonpos_fail(e, v, "PartitionSettings: partition %s comes twice", m.id);
	for (size_t i = 0; m.point && i < c->npartitions; i++)
		if (c->partitions[i].mount_point && !strcmp(c->partitions[i].mount_point, m.point))
			return hull_jsonpos_fail(e, v,
						 "PartitionSettings: %s and %s are both mounted on "
						 "%s",
						 c->partitions[i].id, m.id, m.point);
	if (hull_config_noted(r))
		; /* what follows may be another error's */
	else if (m.point && p->fs == HULL_FS_NONE)
		return hull_jsonpos_fail(e, v,
					 "PartitionSettings: partition %s has no FsType, so "
					 "it cannot be mounted",
					 m.id);
	else if (m.identifier && !strcmp(m.identifier, "partlabel") && !p->name)
		return hull_jsonpos_fail(e, v,
					 "PartitionSettings: partition %s is to be found by "
					 "its label, but has no Name",
					 m.id);
	p->mount_point = m.point;
	p->mount_options = m.options;
	p->mount_identifier = m.identifier;
	return 0;
}
