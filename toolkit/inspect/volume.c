// SPDX-License-Identifier: MIT
#include "inspect/volume.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/str.h"
#include "disk/detect.h"
#include "inspect/esp.h"
#include "system/confdir.h"
#include "system/fstab.h"
#include "system/osrelease.h"

#define EXT4 "ext4"

/* A partition, or the whole disk. */
struct volume {
	const struct hull_gpt_partition *partition; /* NULL for the whole disk */
	uint64_t offset_bytes, length_bytes;
	const char *content;	   /* hull_disk_detect, or NULL */
	struct hull_ext4 *fs;	   /* of ext4 */
	struct hull_readfs *other; /* of another kind that is read */
	bool used;
};

struct volumes {
	struct hull_system *s;
	struct volume *v;
	size_t n;
};

/* "partition 2 at byte 1048576" */
static const char *volume_name(const struct volumes *w, const struct volume *v)
{
	struct hull_arena *a = &w->s->arena;

	if (!v->partition)
		return "the disk without a partition table";
	return hull_arena_printf(a, "partition %zu at byte %" PRIu64, (size_t)(v - w->v) + 1,
				 v->offset_bytes);
}

static bool is_type(const struct volume *v, const char *type)
{
	static const char *const arch[] = {"x86_64", "aarch64"};
	struct hull_guid id;

	for (size_t i = 0; v->partition && i < sizeof arch / sizeof *arch; i++)
		if (hull_gpt_type(type, arch[i], &id) &&
		    !memcmp(&id, &v->partition->type, sizeof id))
			return true;
	return false;
}

static bool has(const struct volume *v, const char *content)
{
	return v->content && !strcmp(v->content, content);
}

/* --- file systems --- */

static bool is_read(const struct volume *v)
{
	return has(v, EXT4) || hull_readfs_knows(v->content);
}

static int open_other(struct volumes *w, struct volume *v, struct hull_err *e)
{
	struct hull_system *s = w->s;

	if (s->nother_systems == sizeof s->other_systems / sizeof *s->other_systems)
		return hull_fail(e, HULL_FAILED, "%s: more than %zu file systems", s->path,
				 s->nother_systems);
	v->other = hull_readfs_open(s->disk, v->content, v->offset_bytes, v->length_bytes, e);
	if (!v->other)
		return -1;
	s->other_systems[s->nother_systems++] = v->other;
	return 0;
}

static int open_volume(struct volumes *w, struct volume *v, struct hull_err *e)
{
	struct hull_system *s = w->s;

	if (v->fs || v->other)
		return 0;
	if (!has(v, EXT4))
		return open_other(w, v, e);
	if (s->nfile_systems == sizeof s->file_systems / sizeof *s->file_systems)
		return hull_fail(e, HULL_FAILED, "%s: more than %zu file systems", s->path,
				 s->nfile_systems);
	v->fs = hull_ext4_open(s->disk, v->offset_bytes, v->length_bytes, e);
	if (!v->fs)
		return -1;
	s->file_systems[s->nfile_systems++] = v->fs;
	return 0;
}

static int read_volume(struct volumes *w, struct volume *v, struct hull_tree *t, int top,
		       struct hull_err *e)
{
	struct hull_system *s = w->s;

	if (open_volume(w, v, e) < 0)
		return -1;
	v->used = true;
	if (v->other) {
		if (hull_readfs_read_tree(v->other, t, top, e) < 0)
			return -1;
		if (hull_readfs_note(v->other))
			hull_system_note(s, "%s: %s", volume_name(w, v),
					 hull_readfs_note(v->other));
		return 0;
	}
	if (hull_ext4_read_tree(v->fs, t, top, e) < 0)
		return -1;
	if (hull_ext4_needs_replay(v->fs))
		hull_system_note(s, "%s: its journal has changes that are not seen",
				 volume_name(w, v));
	if (hull_ext4_note(v->fs))
		hull_system_note(s, "%s", hull_ext4_note(v->fs));
	return 0;
}

/* --- the root --- */

static int no_root(const struct volumes *w, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < w->n; i++)
		hull_buf_addf(&text, "%s%s is %s%s", i ? ", " : "", volume_name(w, &w->v[i]),
			      w->v[i].content ? "" : "nothing that is known",
			      w->v[i].content ? w->v[i].content : "");
	return hull_fail(e, HULL_FAILED, "%s: no file system with a root that can be read: %s",
			 w->s->path, w->n ? text.p : "no partitions");
}

static int take_root(struct volumes *w, struct volume *v, bool *out, struct hull_err *e)
{
	struct hull_tree *t = &w->s->tree;

	hull_tree_fini(t);
	hull_tree_init(t);
	if (read_volume(w, v, t, HULL_TREE_ROOT, e) < 0)
		return -1;
	*out = hull_os_release_find(t) != HULL_NO_NODE;
	return 0;
}

/* One whose type says that it is the root and that has an os-release file, else any that has one,
 * else one of the type. */
static int find_root(struct volumes *w, struct hull_err *e)
{
	struct volume *typed = NULL;
	size_t candidates = 0;
	bool found = false;

	for (int any = 0; any < 2; any++) {
		for (size_t i = 0; i < w->n && !found; i++) {
			struct volume *v = &w->v[i];

			if (!is_read(v) || is_type(v, "root") == any)
				continue;
			candidates++;
			typed = any ? typed : typed ? typed : v;
			if (take_root(w, v, &found, e) < 0)
				return -1;
			v->used = found;
		}
	}
	for (size_t i = 0; i < w->n && candidates == 1 && !typed; i++)
		if (is_read(&w->v[i]))
			typed = &w->v[i];
	if (found)
		return 0;
	if (!typed)
		return no_root(w, e);
	return take_root(w, typed, &found, e);
}

/* --- what is mounted below it --- */

static void mount_skipped(struct volumes *w, const struct volume *v, const char *path)
{
	hull_system_note(w->s, "%s is %s and not looked into, though it belongs at %s",
			 volume_name(w, v), v->content ? v->content : "nothing that is known",
			 path);
}

static int mount_at(struct volumes *w, struct volume *v, const char *path, struct hull_err *e)
{
	struct hull_tree *t = &w->s->tree;
	int node = hull_tree_follow(t, path), child;

	if (node == HULL_NO_NODE) {
		node = hull_tree_add(t, path, e);
		if (node < 0)
			return hull_wrap(e, "%s: /etc/fstab: ", w->s->path);
		hull_tree_set_directory(t, node, 0755);
	}
	if (node == HULL_TREE_ROOT || !S_ISDIR(t->v[node].mode))
		return 0;
	while ((child = t->v[node].first_child) != HULL_NO_NODE)
		hull_tree_remove(t, child);
	return read_volume(w, v, t, node, e);
}

static int mount(struct volumes *w, struct volume *v, const char *path, struct hull_err *e)
{
	if (v->used || is_type(v, "esp"))
		return 0;
	if (is_read(v))
		return mount_at(w, v, path, e);
	v->used = true;
	if (!has(v, "FAT") && !has(v, "swap"))
		mount_skipped(w, v, path);
	return 0;
}

/* Whether a volume is what a line of fstab names: "PARTUUID=...", "/dev/disk/by-uuid/...". */
static int is_named(struct volumes *w, struct volume *v, const char *source, struct hull_err *e)
{
	static const struct {
		const char *tag, *directory;
	} names[] = {
		{"PARTUUID=", "/dev/disk/by-partuuid/"},
		{"PARTLABEL=", "/dev/disk/by-partlabel/"},
		{"UUID=", "/dev/disk/by-uuid/"},
		{"LABEL=", "/dev/disk/by-label/"},
	};
	const char *value = NULL;
	char guid[HULL_GUID_TEXT];
	struct hull_guid id;
	size_t i;

	for (i = 0; i < 4 && !value; i++)
		value = hull_starts(source, names[i].tag) ? source + strlen(names[i].tag)
			: hull_starts(source, names[i].directory)
				? source + strlen(names[i].directory)
				: NULL;
	if (!value || (i <= 2 && !v->partition) || (i > 2 && !is_read(v)))
		return 0;
	if (i > 2 && open_volume(w, v, e) < 0)
		return -1;
	if (i == 2)
		return !strcmp(v->partition->name, value);
	if (i == 4)
		return !strcmp(v->fs ? hull_ext4_label(v->fs) : hull_readfs_label(v->other), value);
	id = i == 1 ? v->partition->id : v->fs ? hull_ext4_uuid(v->fs) : hull_readfs_uuid(v->other);
	hull_guid_text(&id, guid);
	return !strcasecmp(guid, value);
}

static int mount_line(struct volumes *w, const char *source, const char *path, struct hull_err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		int named = is_named(w, &w->v[i], source, e);

		if (named)
			return named < 0 ? -1 : mount(w, &w->v[i], path, e);
	}
	return 0;
}

static int mount_fstab(struct volumes *w, struct hull_err *e)
{
	struct hull_fstab fstab;
	int r = 0;

	if (hull_fstab_read(&w->s->tree, &fstab, e) < 0)
		return hull_wrap(e, "%s: ", w->s->path);
	if (fstab.too_large)
		hull_system_note(w->s, "/etc/fstab is larger than %d bytes and not read",
				 HULL_FSTAB_MAX_BYTES);
	for (size_t i = 0; i < fstab.n && r == 0; i++)
		if (fstab.v[i].path[1])
			r = mount_line(w, fstab.v[i].source, fstab.v[i].path, e);
	hull_fstab_fini(&fstab);
	return r;
}

static int mount_types(struct volumes *w, struct hull_err *e)
{
	static const struct {
		const char *type, *path;
	} places[] = {
		{"usr", "/usr"},     {"xbootldr", "/boot"}, {"var", "/var"},
		{"tmp", "/var/tmp"}, {"home", "/home"},	    {"srv", "/srv"},
	};

	for (size_t k = 0; k < sizeof places / sizeof *places; k++)
		for (size_t i = 0; i < w->n; i++)
			if (is_type(&w->v[i], places[k].type) &&
			    mount(w, &w->v[i], places[k].path, e) < 0)
				return -1;
	return 0;
}

/* --- all of it --- */

static struct volume *add(struct volumes *w, uint64_t offset_bytes, uint64_t length_bytes)
{
	struct volume *v = &w->v[w->n++];

	*v = (struct volume){
		.offset_bytes = offset_bytes,
		.length_bytes = length_bytes,
		.content = hull_disk_detect(w->s->disk, offset_bytes, length_bytes),
	};
	return v;
}

/* A disk that has a file system and no partition table, or something else instead. */
static int list_bare(struct volumes *w, struct hull_err *e)
{
	struct hull_disk *d = w->s->disk;

	w->v = hull_arena_alloc(&w->s->arena, sizeof *w->v);
	add(w, 0, hull_disk_size(d));
	if (!w->v->content)
		return -1;
	if (is_read(w->v))
		return 0;
	return hull_fail(
		e, HULL_FAILED,
		"%s: no partition table, but %s at byte 0: hull reads GPT disks, and ext4, XFS, "
		"squashfs and EROFS alone",
		w->s->path, w->v->content);
}

static int list(struct volumes *w, struct hull_err *e)
{
	struct hull_system *s = w->s;

	if (hull_gpt_read(s->disk, &s->arena, &s->table, e) < 0)
		return list_bare(w, e);
	if (s->table.note)
		hull_system_note(s, "%s", s->table.note);
	w->v = hull_arena_array(&s->arena, s->table.n + 1, sizeof *w->v);
	for (size_t i = 0; i < s->table.n; i++) {
		const struct hull_gpt_partition *p = &s->table.v[i];

		add(w, p->first_lba * HULL_SECTOR, (p->last_lba - p->first_lba + 1) * HULL_SECTOR)
			->partition = p;
	}
	return 0;
}

static int read_esp(struct volumes *w, struct hull_err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		struct volume *v = &w->v[i];

		if (!is_type(v, "esp"))
			continue;
		if (!has(v, "FAT")) {
			hull_system_note(w->s, "%s should be an EFI system partition, but is %s",
					 volume_name(w, v),
					 v->content ? v->content : "nothing that is known");
			continue;
		}
		return hull_esp_read(w->s, v->offset_bytes, v->length_bytes, e);
	}
	return 0;
}

int hull_volumes_read(struct hull_system *s, struct hull_err *e)
{
	struct volumes w = {.s = s};

	if (list(&w, e) < 0 || find_root(&w, e) < 0 || mount_fstab(&w, e) < 0 ||
	    mount_types(&w, e) < 0)
		return -1;
	return read_esp(&w, e);
}
