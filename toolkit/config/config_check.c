// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

#include "fat/fat.h"
#include "text/patterns.h"

/* The position of a member of the system, or of the system itself. */
static struct hull_jsonpos_value at(const struct hull_jsonpos_value *system, const char *key)
{
	struct hull_jsonpos_value v;

	return hull_config_member(system, key, &v) ? v : *system;
}

static int check_partition(struct hull_config_reader *r, struct hull_partition *p,
			   struct hull_err *e)
{
	static const uint64_t mib = 1 << 20;
	uint64_t least = p->fs == HULL_FS_FAT32 ? hull_fat_min_bytes(NULL, 0) / mib : 0;

	if (p->esp && p->fs != HULL_FS_FAT32)
		return hull_fail(e, HULL_FAILED,
				 "%s: partition %s has the flag esp; its FsType has to be "
				 "fat32",
				 p->where, p->id);
	p->grows = p->esp && p->size_mib;
	if (p->size_mib && p->size_mib < least && !p->grows)
		return hull_fail(e, HULL_FAILED,
				 "%s: partition %s has %llu MiB, but the smallest FAT32 has "
				 "%llu MiB",
				 p->where, p->id, (unsigned long long)p->size_mib,
				 (unsigned long long)least);
	if (p->size_mib && p->size_mib < least)
		hull_strv_add(&r->c->warnings,
			      hull_arena_printf(&r->c->arena,
						"%s: partition %s: an ESP of %llu MiB holds no "
						"FAT32 (%llu MiB) and no kernel: it grows as they "
						"need, and what is behind it moves",
						p->where, p->id, (unsigned long long)p->size_mib,
						(unsigned long long)least));
	if (!p->size_mib && !p->rest && p->fs != HULL_FS_FAT32 && !p->mount_point)
		return hull_fail(e, HULL_FAILED,
				 "%s: partition %s: without a mount point it needs a size "
				 "(Start and End)",
				 p->where, p->id);
	return 0;
}

/* That there is exactly one ESP if one is needed. */
static int check_esp(const struct hull_image_config *c, const struct hull_jsonpos_value *disk,
		     struct hull_err *e)
{
	const struct hull_partition *esp = NULL;
	struct hull_jsonpos_value partitions = at(disk, "Partitions");

	for (size_t i = 0; i < c->npartitions; i++) {
		if (!c->partitions[i].esp)
			continue;
		if (esp)
			return hull_fail(e, HULL_FAILED,
					 "%s: partition %s: a second ESP; the first is %s",
					 c->partitions[i].where, c->partitions[i].id, esp->id);
		esp = &c->partitions[i];
	}
	if (c->efi && c->has_disk && !esp)
		return hull_jsonpos_fail(e, &partitions,
					 "Partitions: BootType is efi, but no partition is an ESP "
					 "(FsType fat32 with the flag esp)");
	return 0;
}

static int check_root(const struct hull_image_config *c, const struct hull_jsonpos_value *system,
		      struct hull_err *e)
{
	struct hull_jsonpos_value settings = at(system, "PartitionSettings");
	const struct hull_partition *root = NULL;

	for (size_t i = 0; i < c->npartitions; i++)
		if (c->partitions[i].mount_point && !strcmp(c->partitions[i].mount_point, "/"))
			root = &c->partitions[i];
	if (c->verity.enable && !root)
		return hull_fail(e, HULL_FAILED,
				 "%s: ReadOnlyVerityRoot: no partition has the mount point /",
				 c->verity.where);
	if (!c->has_disk)
		return 0;
	if (!root)
		return hull_jsonpos_fail(e, &settings,
					 "PartitionSettings: no partition has the mount point /");
	if (root->fs != HULL_FS_EXT4)
		return hull_fail(e, HULL_FAILED,
				 "%s: partition %s is mounted on /; its FsType has to be ext4",
				 root->where, root->id);
	return 0;
}

static int check_boot(const struct hull_image_config *c, const struct hull_jsonpos_value *system,
		      struct hull_err *e)
{
	struct hull_jsonpos_value boot, kernel = at(system, "KernelOptions");
	struct hull_jsonpos_value line = at(system, "KernelCommandLine");
	bool has_kernel = false;
	bool given = hull_config_member(system, "BootType", &boot) && json_string_length(boot.json);

	if (c->has_disk && !given)
		return hull_jsonpos_fail(e, system,
					 "BootType is missing: efi for a disk that "
					 "boots, none for one that does not");
	for (size_t i = 0; i < c->nwants; i++)
		has_kernel |= c->wants[i].kind == HULL_WANT_KERNEL;
	if (c->efi && !c->has_disk)
		return hull_jsonpos_fail(e, &boot, "BootType: efi, but no artifact is a disk");
	if (c->efi && !has_kernel)
		return hull_jsonpos_fail(e, &kernel,
					 "KernelOptions: BootType is efi, but there is no kernel: "
					 "{\"default\": \"kernel\"} names its package");
	if (!c->efi && (*c->command_line || c->verity.enable))
		return hull_jsonpos_fail(e, &line,
					 "KernelCommandLine, ReadOnlyVerityRoot: nothing boots "
					 "without BootType efi");
	return 0;
}

static int check_wants(const struct hull_image_config *c, const struct hull_jsonpos_value *system,
		       struct hull_err *e)
{
	struct hull_jsonpos_value forbidden = at(system, "ForbiddenPackages");
	hull_autopatterns struct hull_patterns patterns = {0};

	if (!c->nwants)
		return hull_jsonpos_fail(e, system,
					 "no package is asked for: PackageLists, "
					 "Packages");
	for (size_t i = 0; i < c->forbidden.n; i++)
		hull_patterns_add(&patterns, c->forbidden.v[i]);
	if (patterns.nwild > HULL_PATTERNS_WILD)
		return hull_jsonpos_fail(e, &forbidden,
					 "ForbiddenPackages: more than %d patterns with a wildcard",
					 HULL_PATTERNS_WILD);
	for (size_t i = 0; i < c->nwants; i++) {
		hull_autofree char *name =
			hull_strndup(c->wants[i].package, strcspn(c->wants[i].package, " "));
		const char *pattern = hull_patterns_first(&patterns, name);

		if (pattern)
			return hull_jsonpos_fail(e, &forbidden,
						 "ForbiddenPackages: '%s' forbids %s, which "
						 "%s asks for",
						 pattern, name, c->wants[i].origin);
	}
	return 0;
}

void hull_config_check(struct hull_config_reader *r, const struct hull_jsonpos_value *disk,
		       const struct hull_jsonpos_value *system)
{
	const struct hull_image_config *c = r->c;
	struct hull_err e = {0};

	for (size_t i = 0; i < c->npartitions; i++)
		if (check_partition(r, &c->partitions[i], &e) < 0)
			hull_config_note(r, &e);
	if (hull_config_noted(r))
		return; /* the rest may follow from that */
	if (check_esp(c, disk, &e) < 0)
		hull_config_note(r, &e);
	if (check_root(c, system, &e) < 0)
		hull_config_note(r, &e);
	if (check_boot(c, system, &e) < 0)
		hull_config_note(r, &e);
	if (check_wants(c, system, &e) < 0)
		hull_config_note(r, &e);
}
