// SPDX-License-Identifier: MIT
#include "config/config_field.h"

#include <string.h>

#include "partition/gpt.h"
#include "partition/gptformat.h"
#include "text/utf16.h"

enum { MAX_MIB = 1 << 26 }; /* 64 TiB, what a VHDX can have */

/* A partition as it is being read. */
struct disk_entry {
	struct hull_partition p;
	uint64_t end_mib;
	bool boot, has_head_room;
};

static int read_type(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	static const struct {
		const char *theirs, *ours;
	} names[] = {{"linux", "linux-generic"}, {"linux-root-amd64", "root"},
		     {"linux-swap", "swap"},	 {"linux-home", "home"},
		     {"linux-srv", "srv"},	 {"linux-var", "var"},
		     {"linux-tmp", "tmp"}};
	struct hull_partition *p = into;
	const char *s = hull_config_string(v, e), *name = s;

	if (!s)
		return -1;
	if (!*s)
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(s, names[i].theirs))
			name = names[i].ours;
	if (!hull_gpt_type(name, strcmp(s, "linux-root-amd64") ? r->arch : "x86_64", &p->type))
		return hull_jsonpos_fail(e, v,
					 "Type: '%s' is no partition type that Hull knows by name "
					 "(esp, xbootldr, root, usr, var, home, srv, tmp, swap, "
					 "linux-generic); give its TypeUUID",
					 s);
	p->has_type = true;
	return 0;
}

static int read_type_uuid(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	struct hull_partition *p = into;
	const char *s = hull_config_string(v, e);

	(void)r;
	if (!s)
		return -1;
	if (*s && !hull_guid_parse(s, &p->type))
		return hull_jsonpos_fail(e, v, "TypeUUID: '%s' is no UUID", s);
	p->has_type |= *s != '\0';
	return 0;
}

static int read_flag(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	static const char *const flags[] = {"esp", "boot", "dmroot", NULL};
	struct disk_entry *entry = into;
	const char *s = hull_config_string(v, e);
	int flag;

	(void)r;
	if (!s)
		return -1;
	if (!strcmp(s, "grub") || !strcmp(s, "bios_grub"))
		return hull_jsonpos_fail(e, v,
					 "Flags: '%s': there is no GRUB; UEFI starts the kernel "
					 "from a partition with the flag esp",
					 s);
	flag = hull_config_choice(v, flags, e);
	entry->p.esp |= flag == 0;
	entry->boot |= flag == 1;
	return flag < 0 ? -1 : 0;
}

static int read_fs(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		   struct hull_err *e)
{
	static const char *const names[] = {"", "ext4", "fat32", "vfat", NULL};
	static const enum hull_fs_type types[] = {HULL_FS_NONE, HULL_FS_EXT4, HULL_FS_FAT32,
						  HULL_FS_FAT32};
	int i = hull_config_choice(v, names, e);

	(void)r;
	if (i < 0)
		return -1;
	((struct hull_partition *)into)->fs = types[i];
	return 0;
}

static int read_head_room(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	struct disk_entry *entry = into;
	int64_t mib = 0;

	(void)r;
	if (!json_is_integer(v->json))
		return hull_jsonpos_fail(e, v, "HeadRoom: a whole number of MiB was expected");
	if (hull_config_id(v, MAX_MIB, &mib, e) < 0)
		return -1;
	entry->p.head_room_mib = (uint64_t)mib;
	entry->has_head_room = true;
	return 0;
}

/* A partition's name is 36 UTF-16 units in the table. */
static int check_name(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		      struct hull_err *e)
{
	uint16_t units[HULL_GPT_NAME_UNITS];

	(void)r;
	(void)into;
	if (hull_utf16_from_utf8(json_string_value(v->json), units, HULL_GPT_NAME_UNITS) < 0)
		return hull_jsonpos_fail(e, v, "Name: longer than 36 characters");
	return 0;
}

#define AT(member) offsetof(struct disk_entry, member)

static const struct hull_config_field partition_fields[] = {
	{"ID", HULL_FIELD_STRING, .offset = AT(p.id)},
	{"Name", HULL_FIELD_STRING, .offset = AT(p.name), .read = check_name},
	{"Flags", HULL_FIELD_EACH, .read = read_flag},
	{"Start", HULL_FIELD_NUMBER, .offset = AT(p.start_mib), .max = MAX_MIB},
	{"End", HULL_FIELD_NUMBER, .offset = AT(end_mib), .max = MAX_MIB},
	{"HeadRoom", HULL_FIELD_CALL, .read = read_head_room},
	{"FsType", HULL_FIELD_CALL, .offset = AT(p), .read = read_fs},
	{"Type", HULL_FIELD_CALL, .offset = AT(p), .read = read_type},
	{"TypeUUID", HULL_FIELD_CALL, .offset = AT(p), .read = read_type_uuid},
	{"Artifacts", HULL_FIELD_REFUSED,
	 .reason = "a partition is not written as a file of its own; give the disk an artifact of "
		   "type raw"},
	{"Grow", HULL_FIELD_REFUSED,
	 .reason = "for installers only; a last partition without End takes the rest of MaxSize"},
	{.kind = HULL_FIELD_END},
};

static int read_partition(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  void *into, struct hull_err *e)
{
	struct hull_image_config *c = r->c;
	struct disk_entry entry = {.p.where = hull_config_where(r, v)};
	struct hull_partition *p = &entry.p;
	bool bad = hull_config_object(r, v, partition_fields, &entry, e) < 0;

	(void)into;
	if (bad)
		hull_config_note(r, e);
	if (!p->id)
		return bad ? -1 : hull_jsonpos_fail(e, v, "a partition without an ID");
	for (size_t i = 0; i < c->npartitions; i++) {
		if (!strcmp(c->partitions[i].id, p->id))
			return hull_jsonpos_fail(e, v, "the ID %s comes twice: also %s", p->id,
						 c->partitions[i].where);
		if (p->name && c->partitions[i].name && !strcmp(c->partitions[i].name, p->name))
			return hull_jsonpos_fail(e, v, "the Name %s comes twice: also %s", p->name,
						 c->partitions[i].where);
	}
	p->esp |= entry.boot && p->fs == HULL_FS_FAT32;
	if (entry.end_mib && entry.has_head_room)
		return hull_jsonpos_fail(e, v, "partition %s: HeadRoom has no meaning beside End",
					 p->id);
	/* Until the whole disk is known: the end, and whether a size may be computed only. */
	p->size_mib = entry.end_mib;
	p->rest = !entry.end_mib && !entry.has_head_room;
	c->partitions = hull_config_more(c->partitions, &c->npartitions, sizeof *p);
	c->partitions[c->npartitions - 1] = *p;
	return bad ? -1 : 0;
}

/* Turns ends into sizes: an End of 0 or none is the next Start or the end of the disk, if there is
 * one and it is known where the partition starts. */
static int set_sizes(struct hull_image_config *c, struct hull_err *e)
{
	uint64_t at = 1; /* where the partition before ends; 0: not known */

	for (size_t i = 0; i < c->npartitions; i++) {
		struct hull_partition *p = &c->partitions[i];
		uint64_t start = p->start_mib ? p->start_mib : at, end = p->size_mib;
		bool last = i + 1 == c->npartitions;

		if (p->start_mib && p->start_mib < at)
			return hull_fail(e, HULL_FAILED,
					 "%s: partition %s starts at %llu MiB, but %s ends at %llu "
					 "MiB: they overlap",
					 p->where, p->id, (unsigned long long)p->start_mib,
					 i ? c->partitions[i - 1].id : "the partition table",
					 (unsigned long long)at);
		if (!end && p->rest && !last && start)
			end = c->partitions[i + 1].start_mib;
		p->rest = p->rest && last && c->max_size_mib;
		if (end && !start)
			return hull_fail(e, HULL_FAILED,
					 "%s: partition %s: End is given, but not where it starts",
					 p->where, p->id);
		if (end && end <= start)
			return hull_fail(
				e, HULL_FAILED,
				"%s: partition %s ends at %llu MiB, but starts at %llu MiB",
				p->where, p->id, (unsigned long long)end,
				(unsigned long long)start);
		if (c->max_size_mib && (end ? end : start + 1) > c->max_size_mib - 1)
			return hull_fail(e, HULL_FAILED,
					 "%s: partition %s ends at %llu MiB; on a disk of %llu MiB "
					 "(MaxSize) the last MiB has the backup of the partition "
					 "table",
					 p->where, p->id,
					 (unsigned long long)(end ? end : start + 1),
					 (unsigned long long)c->max_size_mib);
		p->size_mib = end ? end - start : 0;
		at = end;
	}
	return 0;
}

/* In order of enum hull_artifact_type. */
static const char *const artifact_types[] = {"raw",   "vhd", "vhd-dynamic", "vhdx",
					     "qcow2", "tar", "oci",	    NULL};

static bool is_disk(enum hull_artifact_type type)
{
	return type != HULL_ARTIFACT_TAR && type != HULL_ARTIFACT_OCI;
}

static int read_artifact_type(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			      void *into, struct hull_err *e)
{
	const char *reason;

	(void)r;
	if (json_is_string(v->json) && !json_string_length(v->json))
		return 0;
	reason = json_is_string(v->json) ? hull_config_unsupported_type(json_string_value(v->json))
					 : NULL;
	if (reason)
		return hull_jsonpos_fail(e, v, "Type: %s: %s", json_string_value(v->json), reason);
	if (json_is_string(v->json) && !strcmp(json_string_value(v->json), "vhd-fixed"))
		*(int *)into = HULL_ARTIFACT_VHD;
	else
		*(int *)into = hull_config_choice(v, artifact_types, e);
	return *(int *)into < 0 ? -1 : 0;
}

enum { TAR_GZ = 4, TAR_XZ = 5 }; /* indexes of "tar.gz" and "tar.xz" below */

static int read_compression(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			    void *into, struct hull_err *e)
{
	static const char *const names[] = {"", "zst", "gz", "xz", "tar.gz", "tar.xz", NULL};
	const char *s = json_string_value(v->json),
		   *reason = s ? hull_config_unsupported_compression(s) : NULL;
	int i = reason ? hull_jsonpos_fail(e, v, "Compression: %s: %s; zst, gz and xz are", s,
					   reason)
		       : hull_config_choice(v, names, e);

	(void)r;
	*(int *)into = i;
	return i < 0 ? -1 : 0;
}

static int check_artifact_name(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			       void *into, struct hull_err *e)
{
	const char *s = json_string_value(v->json);

	(void)r;
	(void)into;
	if (s[0] == '.' || strchr(s, '/') || strlen(s) > 200)
		return hull_jsonpos_fail(e, v, "Name: '%s' is no name for a file", s);
	return 0;
}

struct artifact_entry {
	const char *name;
	int type, compression; /* indexes, type -1: not given */
};

static const struct hull_config_field artifact_fields[] = {
	{"Name", HULL_FIELD_STRING, .offset = offsetof(struct artifact_entry, name),
	 .read = check_artifact_name},
	{"Type", HULL_FIELD_CALL, .offset = offsetof(struct artifact_entry, type),
	 .read = read_artifact_type},
	{"Compression", HULL_FIELD_CALL, .offset = offsetof(struct artifact_entry, compression),
	 .read = read_compression},
	{.kind = HULL_FIELD_END},
};

/* Files that two artifacts would both be. */
static bool same_file(const struct hull_artifact *a, const struct hull_artifact *b)
{
	bool vhds = (a->type == HULL_ARTIFACT_VHD && b->type == HULL_ARTIFACT_VHD_DYNAMIC) ||
		    (b->type == HULL_ARTIFACT_VHD && a->type == HULL_ARTIFACT_VHD_DYNAMIC);

	return !strcmp(a->name, b->name) && a->compression == b->compression &&
	       (a->type == b->type || vhds);
}

static int check_artifact(const struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			  const struct hull_artifact *a, struct hull_err *e)
{
	const struct hull_image_config *c = r->c;
	const char *type = artifact_types[a->type];
	bool vhd = a->type == HULL_ARTIFACT_VHD || a->type == HULL_ARTIFACT_VHD_DYNAMIC;

	if (is_disk(a->type) && !c->npartitions)
		return hull_jsonpos_fail(e, v,
					 "artifact %s: %s is a disk, but there are no "
					 "Partitions",
					 a->name, type);
	if (is_disk(a->type) && r->container_only)
		return hull_jsonpos_fail(e, v,
					 "artifact %s: %s is a disk, but IsContainerImage is "
					 "true",
					 a->name, type);
	if (vhd && c->max_size_mib > 2040ull * 1024)
		return hull_jsonpos_fail(e, v, "artifact %s: a VHD has at most 2040 GiB (MaxSize)",
					 a->name);
	for (size_t i = 0; i < c->nartifacts; i++)
		if (same_file(&c->artifacts[i], a))
			return hull_jsonpos_fail(e, v, "two artifacts would be the same file: %s",
						 a->name);
	return 0;
}

static int read_artifact(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			 struct hull_err *e)
{
	static const enum hull_compression compressions[] = {HULL_COMPRESS_NONE, HULL_COMPRESS_ZSTD,
							     HULL_COMPRESS_GZIP, HULL_COMPRESS_XZ,
							     HULL_COMPRESS_GZIP, HULL_COMPRESS_XZ};
	struct hull_image_config *c = r->c;
	struct artifact_entry entry = {.type = -1};
	struct hull_artifact a;
	bool is_tar;

	if (hull_config_object(r, v, artifact_fields, &entry, e) < 0)
		return -1;
	is_tar = entry.compression == TAR_GZ || entry.compression == TAR_XZ;
	if (entry.type < 0) /* as in Azure Linux: a root file system, or the disk as it is */
		entry.type = is_tar || !c->npartitions ? HULL_ARTIFACT_TAR : HULL_ARTIFACT_RAW;
	a = (struct hull_artifact){.name = entry.name ? entry.name : c->name,
				   .type = (enum hull_artifact_type)entry.type,
				   .compression = compressions[entry.compression]};
	if (is_tar && a.type != HULL_ARTIFACT_TAR)
		return hull_jsonpos_fail(e, v,
					 "artifact %s: Compression %s is for Type tar; "
					 "zst, gz and xz are for any",
					 a.name, entry.compression == TAR_GZ ? "tar.gz" : "tar.xz");
	if (check_artifact(r, v, &a, e) < 0)
		return -1;
	c->has_disk |= is_disk(a.type);
	c->artifacts = hull_config_more(c->artifacts, &c->nartifacts, sizeof a);
	c->artifacts[c->nartifacts - 1] = a;
	return 0;
}

static int read_table_type(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			   void *into, struct hull_err *e)
{
	static const char *const types[] = {"", "gpt", NULL};

	(void)r;
	(void)into;
	return hull_config_choice(v, types, e) < 0 ? -1 : 0;
}

static int check_sector(struct hull_config_reader *r, const struct hull_jsonpos_value *v,
			void *into, struct hull_err *e)
{
	int64_t bytes = 0;

	(void)r;
	(void)into;
	if (hull_config_id(v, MAX_MIB, &bytes, e) < 0)
		return -1;
	if (bytes && bytes != HULL_SECTOR)
		return hull_jsonpos_fail(
			e, v,
			"SectorSize: disks with sectors of %lld bytes are read, not "
			"written; %d is what every disk here has",
			(long long)bytes, HULL_SECTOR);
	return 0;
}

static const struct hull_config_field disk_fields[] = {
	{"PartitionTableType", HULL_FIELD_CALL, .read = read_table_type},
	{"MaxSize", HULL_FIELD_NUMBER, .offset = offsetof(struct hull_image_config, max_size_mib),
	 .max = MAX_MIB},
	{"Artifacts", HULL_FIELD_NOTE, .offset = 0}, /* read when all partitions are known */
	{"Partitions", HULL_FIELD_EACH, .read = read_partition},
	{"ID", HULL_FIELD_NOTE, .offset = 0}, /* names one of several disks */
	{"SectorSize", HULL_FIELD_CALL, .read = check_sector},
	{"TargetDisk", HULL_FIELD_REFUSED, .reason = "for installers only; Hull writes images"},
	{"RawBinaries", HULL_FIELD_REFUSED,
	 .reason = "bytes at a place of the disk outside of partitions are not written"},
	{.kind = HULL_FIELD_END},
};

int hull_config_disk(struct hull_config_reader *r, const struct hull_jsonpos_value *v, void *into,
		     struct hull_err *e)
{
	struct hull_jsonpos_value artifacts, item;
	int result = 0;

	(void)into;
	if (v->index) {
		r->more_disks = true;
		return hull_jsonpos_fail(e, v, "Disks: a second disk; an image has one");
	}
	if (hull_config_object(r, v, disk_fields, r->c, e) < 0 || set_sizes(r->c, e) < 0) {
		hull_config_note(r, e);
		result = -1;
	}
	if (!hull_config_member(v, "Artifacts", &artifacts) || !json_array_size(artifacts.json))
		return result < 0 ? -1
				  : hull_jsonpos_fail(e, v,
						      "Disks: no Artifacts: nothing would be "
						      "written");
	for (bool more = hull_jsonpos_first(&artifacts, &item); more;
	     more = hull_jsonpos_next(&item))
		if (read_artifact(r, &item, e) < 0) {
			hull_config_note(r, e);
			result = -1;
		}
	return result;
}
