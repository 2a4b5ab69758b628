// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

static int check_hostname(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);
	size_t n;

	(void)r;
	(void)into;
	if (strlen(s) > 64)
		return hull_jsonpos_fail(e, v, "Hostname: longer than 64 characters");
	for (const char *p = s;; p += n + 1) {
		n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
		if (!n || n > 63 || p[0] == '-' || p[n - 1] == '-' || (p[n] && p[n] != '.'))
			return hull_jsonpos_fail(e, v,
						 "Hostname: '%s' is no host name: parts of a-z, "
						 "0-9 and inner '-', with dots between",
						 s);
		if (!p[n])
			return 0;
	}
}

static int read_boot_type(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	const char *s = hull_config_string(v, e);

	(void)into;
	if (!s)
		return -1;
	if (!strcmp(s, "legacy"))
		return hull_jsonpos_fail(
			e, v,
			"BootType: legacy: starting by BIOS is not supported: disks "
			"of Hull are for UEFI only, efi; or none");
	if (strcmp(s, "efi") != 0 && strcmp(s, "none") != 0 && *s)
		return hull_jsonpos_fail(e, v, "BootType: '%s' is not supported; efi, none are", s);
	r->c->efi = !strcmp(s, "efi");
	return 0;
}

/* OverrideRpmLocales: "NONE", or "en:fr". */
static int read_locales(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	const char *s = hull_config_string(v, e);
	const char **out = into;

	if (!s)
		return -1;
	if (!*s || !strcasecmp(s, "all"))
		return 0;
	if (strpbrk(s, " \t\n,;/"))
		return hull_jsonpos_fail(e, v,
					 "OverrideRpmLocales: '%s' is not NONE, nor a list "
					 "like en:fr",
					 s);
	*out = strcasecmp(s, "none") ? hull_arena_strdup(&r->c->arena, s) : "";
	return 0;
}

static const char no_scripts[] = "runs on the machine of an installer, before there is an image; "
				 "PostInstallScripts run in the image";
static const char installer[] = "for installers only; Hull writes images";

#define AT(member) offsetof(struct hull_image_config, member)

static const struct hull_config_field fields[] = {
	{"Name", HULL_FIELD_NOTE, .offset = 0},
	{"IsDefault", HULL_FIELD_NOTE, .offset = 0},
	{"BootType", HULL_FIELD_CALL, .read = read_boot_type},
	{"Hostname", HULL_FIELD_STRING, .offset = AT(hostname), .read = check_hostname},
	{"PackageLists", HULL_FIELD_EACH, .read = hull_config_package_list},
	{"Packages", HULL_FIELD_EACH, .read = hull_config_package},
	{"ForbiddenPackages", HULL_FIELD_STRINGS, .offset = AT(forbidden),
	 .read = hull_config_pattern},
	{"KernelOptions", HULL_FIELD_CALL, .read = hull_config_kernels},
	{"KernelCommandLine", HULL_FIELD_CALL, .offset = AT(command_line),
	 .read = hull_config_command_line},
	{"AdditionalFiles", HULL_FIELD_CALL, .read = hull_config_files},
	{"PartitionSettings", HULL_FIELD_EACH, .read = hull_config_mount},
	{"ReadOnlyVerityRoot", HULL_FIELD_CALL, .offset = AT(verity), .read = hull_config_verity},
	{"Users", HULL_FIELD_EACH, .read = hull_config_user},
	{"Groups", HULL_FIELD_EACH, .read = hull_config_group},
	{"Networks", HULL_FIELD_EACH, .read = hull_config_network},
	{"Services", HULL_FIELD_CALL, .read = hull_config_services},
	{"Identity", HULL_FIELD_CALL, .offset = AT(identity), .read = hull_config_identity},
	{"Container", HULL_FIELD_CALL, .read = hull_config_container},
	{"DisableRpmDocs", HULL_FIELD_BOOL, .offset = AT(no_docs)},
	{"OverrideRpmLocales", HULL_FIELD_CALL, .offset = AT(locales), .read = read_locales},
	{"RemoveRpmDb", HULL_FIELD_BOOL, .offset = AT(remove_rpm_db)},
	{"PreInstallScripts", HULL_FIELD_REFUSED, .reason = no_scripts},
	{"PostInstallScripts", HULL_FIELD_EACH, .read = hull_config_post_script},
	{"FinalizeImageScripts", HULL_FIELD_EACH, .read = hull_config_finalize_script},
	{"PreserveTdnfCache", HULL_FIELD_REFUSED,
	 .reason = "tdnf does not make the image, so it leaves no cache"},
	{"PrimaryDisk", HULL_FIELD_NOTE, .offset = 0}, /* there is one */
	{"PackageRepos", HULL_FIELD_REFUSED,
	 .reason = "repositories are given to the command: hull image --repo"},
	{"Encryption", HULL_FIELD_REFUSED,
	 .reason = "not supported: an image would carry the key to its own encryption"},
	{"EnableHidepid", HULL_FIELD_REFUSED,
	 .reason = "not supported, as services of systemd need to see processes; "
		   "ProtectProc= hides them from a unit"},
	{"HidepidDisabled", HULL_FIELD_NOTE, .offset = 0}, /* no image has hidepid */
	{"EnableGrubMkconfig", HULL_FIELD_REFUSED,
	 .reason = "there is no GRUB; firmware starts the kernel itself, with KernelCommandLine"},
	{"EnableSystemdFirstboot", HULL_FIELD_REFUSED,
	 .reason = "systemd-firstboot is a unit like others; see Services"},
	{"IsKickStartBoot", HULL_FIELD_REFUSED, .reason = installer},
	{"IsIsoInstall", HULL_FIELD_REFUSED, .reason = installer},
	{.kind = HULL_FIELD_END},
};

int hull_config_system(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		       struct hull_err *e)
{
	return hull_config_object(r, v, fields, into, e);
}
