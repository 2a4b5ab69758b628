// SPDX-License-Identifier: MIT
#include "image/place.h"

#include <string.h>

#include "partition/gpt.h"

enum { MIB = 1 << 20 };

static const char *type_name(const struct hull_partition *p)
{
	static const char *const mounts[][2] = {
		{"/", "root"},	 {"/usr", "usr"}, {"/var", "var"},	 {"/home", "home"},
		{"/srv", "srv"}, {"/tmp", "tmp"}, {"/boot", "xbootldr"},
	};

	if (p->esp)
		return "esp";
	for (size_t i = 0; p->mount_point && i < sizeof mounts / sizeof *mounts; i++)
		if (!strcmp(p->mount_point, mounts[i][0]))
			return mounts[i][1];
	return "linux-generic";
}

static struct hull_guid derive(const char *seed, const char *what, const char *id)
{
	hull_autofree char *label = hull_asprintf("%s of partition %s", what, id);

	return hull_guid_derive(seed, label);
}

static int add_partition(const struct hull_partition *p, const char *arch, const char *seed,
			 struct hull_places *out, struct hull_err *e)
{
	struct hull_place *place = &out->v[out->n++];

	place->config = p;
	place->label = p->name && *p->name ? p->name : p->id;
	place->id = derive(seed, "id", p->id);
	place->fs_uuid = derive(seed, "file system", p->id);
	if (!p->rest)
		place->size_bytes = p->size_mib * MIB;
	if (p->has_type)
		place->type = p->type;
	else if (!hull_gpt_type(type_name(p), arch, &place->type))
		return hull_fail(e, HULL_FAILED, "%s: partition %s: no partition type %s for %s",
				 p->where, p->id, type_name(p), arch);
	return 0;
}

static bool is_root(const struct hull_partition *p)
{
	return p->mount_point && !strcmp(p->mount_point, "/");
}

static int add_hashes(const struct hull_partition *p, const char *arch, const char *seed,
		      struct hull_places *out, struct hull_err *e)
{
	struct hull_place *place = &out->v[out->n++];

	*place = (struct hull_place){.config = p, .hashes = true};
	place->label =
		hull_arena_printf(&out->arena, "%s-verity", p->name && *p->name ? p->name : p->id);
	place->id = derive(seed, "hashes", p->id);
	place->fs_uuid = derive(seed, "hash tree", p->id);
	if (!hull_gpt_type("root-verity", arch, &place->type))
		return hull_fail(e, HULL_FAILED,
				 "%s: no partition type for the hashes of a root on %s", p->where,
				 arch);
	return 0;
}

int hull_places_init(const struct hull_image_config *c, const char *arch, const char *seed,
		     struct hull_places *out, struct hull_err *e)
{
	*out = (struct hull_places){0};
	out->v = hull_arena_array(&out->arena, c->npartitions + 1, sizeof *out->v);
	out->disk = hull_guid_derive(seed, "disk");
	for (size_t i = 0; i < c->npartitions; i++) {
		const struct hull_partition *p = &c->partitions[i];

		if (add_partition(p, arch, seed, out, e) < 0 ||
		    (c->verity.enable && is_root(p) && add_hashes(p, arch, seed, out, e) < 0)) {
			hull_places_fini(out);
			return -1;
		}
	}
	return 0;
}

void hull_places_fini(struct hull_places *p)
{
	hull_arena_fini(&p->arena);
	*p = (struct hull_places){0};
}

bool hull_place_grew(const struct hull_place *p)
{
	return !p->hashes && p->config->grows && p->size_bytes > p->config->size_mib * MIB;
}

static uint64_t round_up(uint64_t n)
{
	return (n + MIB - 1) / MIB * MIB;
}

int hull_places_lay(const struct hull_image_config *c, struct hull_places *p, struct hull_err *e)
{
	uint64_t at = MIB, end = c->max_size_mib * MIB;
	bool moved = false; /* by an ESP that grew: what is behind it begins where it can */

	for (size_t i = 0; i < p->n; i++) {
		struct hull_place *place = &p->v[i];
		const struct hull_partition *part = place->config;

		if (part->start_mib && !place->hashes) {
			if (part->start_mib * MIB < at && !moved)
				return hull_fail(e, HULL_FAILED,
						 "%s: partition %s starts at %llu MiB, but what is "
						 "before it takes %llu MiB",
						 part->where, part->id,
						 (unsigned long long)part->start_mib,
						 (unsigned long long)(at / MIB));
			if (part->start_mib * MIB > at)
				at = part->start_mib * MIB;
		}
		moved |= hull_place_grew(place);
		place->offset_bytes = at;
		if (part->rest && !place->hashes && end) {
			if (end < at + 2 * MIB)
				return hull_fail(e, HULL_FAILED,
						 "%s: no room is left on the disk of %llu MiB for "
						 "partition %s",
						 part->where, (unsigned long long)c->max_size_mib,
						 part->id);
			place->size_bytes = end - MIB - at;
		}
		at = round_up(at + place->size_bytes);
	}
	p->disk_bytes = end ? end : at + MIB; /* the last MiB has the backup of the table */
	if (at + MIB > p->disk_bytes)
		return hull_fail(
			e, HULL_FAILED,
			"%s: the partitions need %llu MiB, but the disk (MaxSize) has %llu MiB",
			c->path, (unsigned long long)(at / MIB) + 1,
			(unsigned long long)c->max_size_mib);
	return 0;
}

struct hull_place *hull_places_mounted(struct hull_places *p, const char *mount)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_partition *c = p->v[i].config;

		if (!p->v[i].hashes && c->mount_point && !strcmp(c->mount_point, mount))
			return &p->v[i];
	}
	return NULL;
}

/* What names a file system in fstab. A FAT has a serial number instead of a UUID. */
static void add_source(const struct hull_place *place, struct hull_buf *out)
{
	const char *by = place->config->mount_identifier;
	char guid[HULL_GUID_TEXT];

	if (by && !strcmp(by, "partlabel")) {
		hull_buf_addf(out, "PARTLABEL=%s", place->label);
	} else if (by && !strcmp(by, "uuid") && place->config->fs == HULL_FS_EXT4) {
		hull_guid_text(&place->fs_uuid, guid);
		hull_buf_addf(out, "UUID=%s", guid);
	} else {
		hull_guid_text(&place->id, guid);
		hull_buf_addf(out, "PARTUUID=%s", guid);
	}
}

void hull_places_fstab(const struct hull_places *p, struct hull_buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct hull_partition *c = p->v[i].config;
		bool grow = c->rest || !c->size_mib;

		if (p->v[i].hashes || !c->mount_point || c->fs == HULL_FS_NONE)
			continue;
		add_source(&p->v[i], out);
		hull_buf_addf(out, " %s %s %s%s 0 0\n", c->mount_point,
			      c->fs == HULL_FS_EXT4 ? "ext4" : "vfat",
			      c->mount_options && *c->mount_options ? c->mount_options : "defaults",
			      c->fs == HULL_FS_EXT4 && i + 1 == p->n && grow ? ",x-systemd.growfs"
									     : "");
	}
}
