// SPDX-License-Identifier: MIT
#include "image/diskplan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "binary/uki.h"
#include "ext4/ext4.h"
#include "fat/fat.h"
#include "image/kernel.h"
#include "partition/gpt.h"
#include "partition/verity.h"

enum { MIB = 1 << 20 };

/* Everything the steps below share. */
struct diskplan_work {
	const struct hull_disk_request *r;
	struct hull_tree *tree;
	struct hull_disk_plan *plan;
	int *mounts; /* nodes of all mount points but the root */
	size_t nmounts;
};

void hull_disk_plan_fini(struct hull_disk_plan *p)
{
	hull_places_fini(&p->places);
	hull_layout_fini(&p->layout);
	free(p->command_line);
	*p = (struct hull_disk_plan){0};
}

static int add_mounts(struct diskplan_work *w, struct hull_err *e)
{
	struct hull_places *p = &w->plan->places;
	hull_autobuf struct hull_buf fstab = {0};
	int node;

	w->mounts = hull_arena_array(&p->arena, p->n + 1, sizeof *w->mounts);
	for (size_t i = 0; i < p->n; i++) {
		const char *mount = p->v[i].config->mount_point;

		if (p->v[i].hashes || !mount || !strcmp(mount, "/"))
			continue;
		node = hull_tree_add(w->tree, mount, e);
		if (node < 0)
			return hull_wrap(e, "%s: mount point %s: ", p->v[i].config->where, mount);
		if (!w->tree->v[node].mode)
			hull_tree_set_directory(w->tree, node, 0755);
		w->mounts[w->nmounts++] = node;
	}
	hull_places_fstab(p, &fstab);
	if (hull_tree_put_file(w->tree, "/etc/fstab", fstab.p, fstab.n, 0644, w->r->time, e) < 0)
		return -1;
	return 0;
}

static struct hull_ext4_options ext4_options(const struct diskplan_work *w,
					     const struct hull_place *place)
{
	hull_autofree char *label = hull_asprintf("hash seed of partition %s", place->config->id);

	return (struct hull_ext4_options){
		.size_bytes = place->size_bytes,
		.uuid = place->fs_uuid,
		.hash_seed = hull_guid_derive(w->r->seed, label),
		.label = strlen(place->label) <= 16 ? place->label : NULL,
		.mount = place->config->mount_point,
		.time = w->r->time,
		.read_only =
			w->r->config->verity.enable && !strcmp(place->config->mount_point, "/"),
	};
}

/* The directory whose content a partition has; HULL_NO_NODE: it is not mounted and stays empty. */
static int top_node(const struct diskplan_work *w, const struct hull_place *place)
{
	return place->config->mount_point ? hull_tree_find(w->tree, place->config->mount_point)
					  : HULL_NO_NODE;
}

/* Mount points below a partition's own. */
static size_t mounts_below(const struct diskplan_work *w, int top, int *out)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nmounts; i++)
		for (int up = w->mounts[i]; up != top || up == w->mounts[i];
		     up = w->tree->v[up].parent)
			if (w->tree->v[up].parent == top && w->mounts[i] != top) {
				out[n++] = w->mounts[i];
				break;
			} else if (up == HULL_TREE_ROOT) {
				break;
			}
	return n;
}

static int size_ext4(struct diskplan_work *w, struct hull_place *place, struct hull_err *e)
{
	struct hull_ext4_options o = ext4_options(w, place);
	int top = top_node(w, place);
	hull_autofree int *below = hull_alloc_array(w->nmounts + 1, sizeof *below);

	if (top == HULL_NO_NODE)
		return hull_fail(e, HULL_FAILED,
				 "%s: partition %s: without a mount point it needs a size",
				 place->config->where, place->config->id);
	if (hull_ext4_min_bytes(w->tree, top, below, mounts_below(w, top, below),
				place->config->head_room_mib * MIB, &o, &place->size_bytes, e) < 0)
		return hull_wrap(e, "%s: partition %s: ", place->config->where, place->config->id);
	return 0;
}

static int kernel_image(const struct diskplan_work *w, const struct hull_root_hash *hash,
			struct hull_buf *out, struct hull_err *e)
{
	free(w->plan->command_line);
	w->plan->command_line = hull_command_line(w->r->config, &w->plan->places, hash);
	return hull_kernel_image(w->tree, w->r->arch, w->plan->command_line, out, e);
}

/* Files of an ESP besides the kernel: what the tree has below its mount point. */
static size_t esp_files(const struct diskplan_work *w, const struct hull_place *place,
			const struct hull_buf *kernel, struct hull_fat_file **out)
{
	int top = top_node(w, place);
	size_t n = 0, cap = 0;
	struct hull_fat_file *v = hull_grow(NULL, &cap, 0, sizeof *v);

	v[n++] = (struct hull_fat_file){.path = hull_boot_path(w->r->arch),
					.content = {.memory = kernel->p},
					.size_bytes = kernel->n};
	for (int i = top; top != HULL_NO_NODE && i != HULL_NO_NODE;
	     i = hull_tree_next(w->tree, i, top)) {
		const struct hull_node *node = &w->tree->v[w->tree->v[i].inode];
		const char *path;

		if (!S_ISREG(node->mode))
			continue;
		path = hull_tree_path(w->tree, i, &w->plan->layout.arena);
		v = hull_grow(v, &cap, n, sizeof *v);
		v[n++] = (struct hull_fat_file){.path = path + strlen(place->config->mount_point) +
							1,
						.content = node->content,
						.size_bytes = node->size_bytes};
	}
	*out = v;
	return n;
}

static int size_fat(struct diskplan_work *w, struct hull_place *place,
		    const struct hull_buf *kernel, struct hull_err *e)
{
	hull_autofree struct hull_fat_file *files = NULL;
	size_t n;

	(void)e;
	n = esp_files(w, place, kernel, &files);
	place->size_bytes = hull_fat_min_bytes(files + (place->config->esp ? 0 : 1),
					       place->config->esp ? n : n - 1) +
			    place->config->head_room_mib * MIB;
	return 0;
}

/* An ESP of a size that was given, but less than its files need. */
static int grow_esp(struct diskplan_work *w, struct hull_place *place,
		    const struct hull_buf *kernel, struct hull_err *e)
{
	uint64_t given = place->size_bytes;

	if (size_fat(w, place, kernel, e) < 0)
		return -1;
	place->size_bytes = (place->size_bytes + MIB - 1) / MIB * MIB;
	if (place->size_bytes < given)
		place->size_bytes = given;
	return 0;
}

/* Sizes that the configuration leaves open. */
static int set_sizes(struct diskplan_work *w, const struct hull_buf *kernel, struct hull_err *e)
{
	struct hull_places *p = &w->plan->places;

	for (size_t i = 0; i < p->n; i++) {
		struct hull_place *place = &p->v[i];

		if (place->hashes)
			place->size_bytes = hull_verity_bytes(place[-1].size_bytes);
		else if (place->config->grows && grow_esp(w, place, kernel, e) < 0)
			return -1;
		else if (place->size_bytes || (place->config->rest && w->r->config->max_size_mib))
			continue;
		else if (place->config->fs == HULL_FS_EXT4 && size_ext4(w, place, e) < 0)
			return -1;
		else if (place->config->fs == HULL_FS_FAT32 && size_fat(w, place, kernel, e) < 0)
			return -1;
	}
	return hull_places_lay(w->r->config, p, e);
}

static int add_ext4(struct diskplan_work *w, const struct hull_place *place, struct hull_err *e)
{
	struct hull_ext4_options o = ext4_options(w, place);
	hull_autofree int *below = hull_alloc_array(w->nmounts + 1, sizeof *below);
	struct hull_tree empty;
	int top = top_node(w, place), result;

	if (top != HULL_NO_NODE) {
		result = hull_ext4_add(&w->plan->layout, place->offset_bytes, w->tree, top, below,
				       mounts_below(w, top, below), &o, e);
	} else {
		hull_tree_init(&empty);
		result = hull_ext4_add(&w->plan->layout, place->offset_bytes, &empty,
				       HULL_TREE_ROOT, NULL, 0, &o, e);
		hull_tree_fini(&empty);
	}
	if (result < 0)
		return hull_wrap(e, "%s: partition %s: ", place->config->where, place->config->id);
	return 0;
}

static void fat_label(const char *name, char out[12])
{
	size_t n = 0;

	for (; *name && n < 11; name++)
		if (isalnum((unsigned char)*name))
			out[n++] = (char)toupper((unsigned char)*name);
	out[n] = 0;
}

static int add_fat(struct diskplan_work *w, const struct hull_place *place,
		   const struct hull_buf *kernel, struct hull_err *e)
{
	hull_autofree struct hull_fat_file *files = NULL;
	size_t n = esp_files(w, place, kernel, &files), skip = place->config->esp ? 0 : 1;
	struct hull_fat_options o = {.size_bytes = place->size_bytes, .time = w->r->time};
	char label[12];

	fat_label(place->label, label);
	o.label = label;
	memcpy(&o.serial, place->fs_uuid.b, sizeof o.serial);
	if (hull_fat_add(&w->plan->layout, place->offset_bytes, &o, files + skip, n - skip, e) < 0)
		return hull_wrap(e, "%s: partition %s: ", place->config->where, place->config->id);
	return 0;
}

static int add_hashes(struct diskplan_work *w, const struct hull_place *place,
		      char salt_hex[HULL_HEX], struct hull_err *e)
{
	struct hull_verity_options o = {
		.data_offset_bytes = place[-1].offset_bytes,
		.data_bytes = place[-1].size_bytes,
		.hash_offset_bytes = place->offset_bytes,
		.hash_bytes = place->size_bytes,
		.uuid = place->fs_uuid,
		.threads = w->r->threads,
	};

	for (size_t i = 0; i < sizeof o.salt; i++)
		o.salt[i] = (uint8_t)(hull_hex_value(salt_hex[2 * i]) << 4 |
				      hull_hex_value(salt_hex[2 * i + 1]));
	if (hull_layout_seal(&w->plan->layout, e) < 0)
		return -1;
	return hull_verity_add(&w->plan->layout, &o, w->plan->root_hash, e);
}

static int add_table(struct diskplan_work *w, struct hull_err *e)
{
	const struct hull_places *p = &w->plan->places;
	hull_autofree struct hull_gpt_partition *v = hull_alloc_array(p->n + 1, sizeof *v);

	for (size_t i = 0; i < p->n; i++)
		v[i] = (struct hull_gpt_partition){
			.type = p->v[i].type,
			.id = p->v[i].id,
			.first_lba = p->v[i].offset_bytes / HULL_SECTOR,
			.last_lba = (p->v[i].offset_bytes + p->v[i].size_bytes) / HULL_SECTOR - 1,
			.name = p->v[i].label,
		};
	return hull_gpt_add(&w->plan->layout, &p->disk, v, p->n, e);
}

static void salt(const struct diskplan_work *w, char out[HULL_HEX])
{
	hull_autofree char *text = hull_asprintf("salt of dm-verity %s", w->r->seed);

	hull_hash_bytes(text, strlen(text), out);
}

/* Root and its hashes first: the kernel's command line, and so the ESP, has the root hash. */
static int add_all(struct diskplan_work *w, bool efi, struct hull_err *e)
{
	struct hull_places *p = &w->plan->places;
	struct hull_root_hash hash = {0}, *used = NULL;
	hull_autobuf struct hull_buf kernel = {0};
	char *kept, salt_hex[HULL_HEX];

	salt(w, salt_hex);
	for (size_t i = 0; i < p->n; i++) {
		if (!p->v[i].hashes && p->v[i].config->fs == HULL_FS_EXT4 &&
		    add_ext4(w, &p->v[i], e) < 0)
			return -1;
		if (!p->v[i].hashes)
			continue;
		if (add_hashes(w, &p->v[i], salt_hex, e) < 0)
			return -1;
		hash = (struct hull_root_hash){w->plan->root_hash, salt_hex,
					       p->v[i - 1].size_bytes};
		used = &hash;
	}
	if (efi && kernel_image(w, used, &kernel, e) < 0)
		return -1;
	w->plan->kernel_bytes = kernel.n;
	kept = hull_arena_alloc(&w->plan->layout.arena, kernel.n + 1);
	memcpy(kept, kernel.p ? kernel.p : "", kernel.n);
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].hashes && p->v[i].config->fs == HULL_FS_FAT32 &&
		    add_fat(w, &p->v[i], &(struct hull_buf){.p = kept, .n = kernel.n}, e) < 0)
			return -1;
	if (add_table(w, e) < 0)
		return -1;
	return hull_layout_seal(&w->plan->layout, e);
}

static int plan(struct diskplan_work *w, struct hull_err *e)
{
	const struct hull_image_config *c = w->r->config;
	hull_autobuf struct hull_buf kernel = {0};
	/* for sizes any root hash will do: all are of one length */
	static const char any[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	struct hull_root_hash hash = {any, any, UINT64_MAX};

	if (add_mounts(w, e) < 0)
		return -1;
	if (c->efi && kernel_image(w, c->verity.enable ? &hash : NULL, &kernel, e) < 0)
		return -1;
	if (set_sizes(w, &kernel, e) < 0)
		return -1;
	w->plan->layout.size_bytes = w->plan->places.disk_bytes;
	return add_all(w, c->efi, e);
}

int hull_disk_plan(const struct hull_disk_request *r, struct hull_tree *tree,
		   struct hull_disk_plan *out, struct hull_err *e)
{
	struct diskplan_work w = {.r = r, .tree = tree, .plan = out};

	*out = (struct hull_disk_plan){0};
	if (hull_places_init(r->config, r->arch, r->seed, &out->places, e) < 0 || plan(&w, e) < 0) {
		hull_disk_plan_fini(out);
		return -1;
	}
	return 0;
}
