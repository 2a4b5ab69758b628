// SPDX-License-Identifier: MIT
#include "verify/verify_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "inspect/system.h"
#include "partition/verity.h"

enum { BLOCK = 4096, STEP = 1 << 20, SALT_HEX = 64 };

/* A dm-verity target as dm-mod.create= of the command line has it. */
struct target {
	char data[HULL_GUID_TEXT], tree[HULL_GUID_TEXT]; /* PARTUUIDs */
	uint64_t data_blocks;
	char root[HULL_HEX];
	uint8_t salt[SALT_HEX / 2];
};

struct disk_part {
	struct hull_disk *disk;
	uint64_t offset_bytes, length_bytes;
};

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(const char *s, uint8_t *out, size_t n)
{
	if (strlen(s) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(s[2 * i]), low = high < 0 ? -1 : digit(s[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool parse_uuid(const char *s, char out[HULL_GUID_TEXT])
{
	static const char prefix[] = "PARTUUID=";
	struct hull_guid g;

	if (!hull_starts(s, prefix) || !hull_guid_parse(s + sizeof prefix - 1, &g))
		return false;
	hull_guid_text(&g, out);
	return true;
}

/* 1, 0 if there is none, -1 if it is one that Hull does not make. */
static int parse_target(const char *command_line, struct target *out)
{
	const char *at = command_line ? strstr(command_line, "dm-mod.create=") : NULL;
	hull_autostrv struct hull_strv words = {0};
	const char *word;
	char **v;
	size_t n;

	at = at ? strstr(at, " verity ") : NULL;
	if (!at)
		return 0;
	while (words.n < 11 && hull_word(&at, &word, &n)) {
		hull_autofree char *copy = hull_strndup(word, n);

		copy[strcspn(copy, "\"")] = '\0';
		hull_strv_add(&words, copy);
	}
	v = words.v;
	/* verity 1 DATA TREE 4096 4096 BLOCKS 1 sha256 ROOT SALT */
	if (words.n < 11 || strcmp(v[1], "1") != 0 || !parse_uuid(v[2], out->data) ||
	    !parse_uuid(v[3], out->tree) || strcmp(v[4], "4096") != 0 ||
	    strcmp(v[5], "4096") != 0 ||
	    !hull_parse_u64(v[6], 1, UINT64_MAX / BLOCK, &out->data_blocks) ||
	    strcmp(v[7], "1") != 0 || strcmp(v[8], "sha256") != 0 || !hull_is_sha256(v[9]) ||
	    !parse_hex(v[10], out->salt, sizeof out->salt))
		return -1;
	memcpy(out->root, v[9], HULL_HEX);
	return 1;
}

static bool find_partition(const struct hull_system *s, const char *uuid, struct disk_part *out)
{
	for (size_t i = 0; i < s->table.n; i++) {
		const struct hull_gpt_partition *p = &s->table.v[i];
		char text[HULL_GUID_TEXT];

		hull_guid_text(&p->id, text);
		if (strcmp(text, uuid) != 0)
			continue;
		*out = (struct disk_part){
			.disk = s->disk,
			.offset_bytes = p->first_lba * HULL_SECTOR,
			.length_bytes = (p->last_lba - p->first_lba + 1) * HULL_SECTOR,
		};
		return true;
	}
	return false;
}

static int read_part(void *context, uint64_t id, uint64_t offset_bytes, void *out, size_t n,
		     struct hull_err *e)
{
	const struct disk_part *p = context;

	(void)id;
	return hull_disk_read(p->disk, p->offset_bytes + offset_bytes, out, n, e);
}

/* The data as a layout: what the image knows to be zero is left out. False if the data is more than
 * the file of the disk and HULL_HOLES: a disk of many terabytes costs nobody anything. */
static bool lay_out(struct disk_part *data, uint64_t bytes,
		    const struct hull_content_source *source, struct hull_layout *out)
{
	uint64_t holes = 0, most = hull_disk_stored(data->disk);

	for (uint64_t at = 0; at < bytes;) {
		uint64_t n = bytes - at < STEP ? bytes - at : STEP;
		struct hull_content c = {.source = source, .dirfd = -1, .offset_bytes = at};

		if (hull_disk_is_hole(data->disk, data->offset_bytes + at, n))
			holes += n;
		else
			hull_layout_add(out, at, n, &c);
		at += n;
		/* the blocks of a container may be the same for much of a disk */
		if (holes > HULL_HOLES || at - holes > most)
			return false;
	}
	return true;
}

/* Whether the hash partition has the tree that was computed, superblock aside. */
static int same_tree(struct hull_layout *l, uint64_t data_bytes, const struct disk_part *tree,
		     bool *out_same, struct hull_err *e)
{
	uint64_t end = hull_verity_bytes(data_bytes);
	hull_autofree char *x = hull_alloc(BLOCK), *y = hull_alloc(BLOCK);
	struct hull_layout_reader reader;
	int r = 0;

	hull_layout_reader_init(&reader, l);
	*out_same = true;
	for (uint64_t at = BLOCK; at < end && r == 0 && *out_same; at += BLOCK) {
		r = hull_layout_read(&reader, data_bytes + at, x, BLOCK, e);
		if (r == 0)
			r = hull_disk_read(tree->disk, tree->offset_bytes + at, y, BLOCK, e);
		*out_same = r == 0 && memcmp(x, y, BLOCK) == 0;
	}
	hull_layout_reader_fini(&reader);
	return r;
}

static int check_target(const struct hull_verify_request *r, const struct target *t,
			struct disk_part *data, const struct disk_part *tree,
			struct hull_verification *out, struct hull_err *e)
{
	const struct hull_content_source source = {read_part, data};
	uint64_t bytes = t->data_blocks * BLOCK, room = hull_verity_bytes(bytes);
	struct hull_layout l = {.size_bytes = bytes + room};
	struct hull_verity_options o = {
		.data_bytes = bytes,
		.hash_offset_bytes = bytes,
		.hash_bytes = room,
		.threads = r->threads,
	};
	char root[HULL_HEX], size[HULL_AMOUNT], limit[HULL_AMOUNT];
	bool same = false;
	int rc;

	memcpy(o.salt, t->salt, sizeof o.salt);
	if (!lay_out(data, bytes, &source, &l)) {
		hull_layout_fini(&l);
		hull_verification_add(
			out, HULL_VERIFY_VERITY, true, t->data,
			"the partition has %s of data: more than the file of the disk and %s "
			"of holes, and not read",
			hull_size_text(bytes, size), hull_size_text(HULL_HOLES, limit));
		return 0;
	}
	rc = hull_layout_seal(&l, e);
	if (rc == 0)
		rc = hull_verity_add(&l, &o, root, e);
	if (rc == 0)
		rc = same_tree(&l, bytes, tree, &same, e);
	hull_layout_fini(&l);
	if (rc < 0)
		return -1;
	if (strcmp(root, t->root) != 0)
		hull_verification_add(out, HULL_VERIFY_VERITY, false, t->data,
				      "the partition has the root hash %s, the command line %s",
				      root, t->root);
	else
		out->held[HULL_VERIFY_VERITY]++;
	if (!same)
		hull_verification_add(out, HULL_VERIFY_VERITY, false, t->tree,
				      "the hash tree in it is not that of partition %s", t->data);
	else
		out->held[HULL_VERIFY_VERITY]++;
	return 0;
}

static bool has_verity_partition(const struct hull_system *s)
{
	static const char *const archs[] = {"x86_64", "aarch64"};

	for (size_t i = 0; i < s->table.n; i++)
		for (size_t k = 0; k < 2; k++) {
			struct hull_guid type;

			if (hull_gpt_type("root-verity", archs[k], &type) &&
			    memcmp(&type, &s->table.v[i].type, sizeof type) == 0)
				return true;
		}
	return false;
}

int hull_verify_verity(const struct hull_verify_request *r, struct hull_verification *out,
		       struct hull_err *e)
{
	const struct hull_system *s = r->system;
	struct disk_part data, tree;
	struct target t;
	int slot, found = parse_target(s->command_line, &t), rc = 0;

	if (found <= 0) {
		if (found < 0)
			hull_verification_add(out, HULL_VERIFY_VERITY, true, "the command line",
					      "a dm-verity target of another kind than Hull's");
		else if (has_verity_partition(s))
			hull_verification_add(
				out, HULL_VERIFY_VERITY, s->command_line == NULL, "the disk",
				"has a dm-verity partition, but no root hash is on the command "
				"line");
		return 0;
	}
	if (!find_partition(s, t.data, &data) || !find_partition(s, t.tree, &tree)) {
		hull_verification_add(out, HULL_VERIFY_VERITY, false, "the command line",
				      "a partition of its dm-verity target is not on the disk");
		return 0;
	}
	if (t.data_blocks > data.length_bytes / BLOCK ||
	    hull_verity_bytes(t.data_blocks * BLOCK) > tree.length_bytes) {
		hull_verification_add(out, HULL_VERIFY_VERITY, false, "the command line",
				      "its dm-verity target is larger than the partitions");
		return 0;
	}
	slot = hull_task_start(r->progress, "dm-verity", 0);
	rc = check_target(r, &t, &data, &tree, out, e);
	hull_task_end(r->progress, slot);
	return rc;
}
