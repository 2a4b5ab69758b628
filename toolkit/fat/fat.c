// SPDX-License-Identifier: MIT
#include "fat/fat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "fat/fatname.h"

enum {
	SECTOR = 512,
	MIN_CLUSTERS = 65525, /* with fewer it would be FAT16 */
	MAX_CLUSTERS = 0x0ffffff4,
	FIRST_CLUSTER = 2, /* also that of the root directory */
	END_OF_CHAIN = 0x0fffffff,
	MIN_RESERVED = 32, /* sectors in front of the first FAT */
	INFO_SECTOR = 1,
	BACKUP_SECTOR = 6,
	ALIGN_SECTORS = 8, /* of the data area */
	PER_SECTOR = SECTOR / 4,
	MAX_ENTRIES = 65536, /* of a directory */
	VOLUME_LABEL = 0x08, /* attributes */
	DIRECTORY = 0x10,
	ARCHIVE = 0x20,
	ROOT = 0 /* index of the root directory */
};

#define MIB	 (1024ull * 1024)
#define MIN_SIZE (33 * MIB)

struct fat_geometry {
	uint32_t sectors, reserved, fat_sectors, cluster_sectors, clusters;
};

struct fat_node {
	struct hull_fat_name name;
	size_t parent;
	const struct hull_fat_file *file; /* NULL: a directory */
	uint32_t entries;		  /* of a directory */
	uint32_t first_cluster, clusters;
	uint8_t *data, *end; /* of a directory: its entries, and where the next one goes */
};

/* A name in a directory; every long name and every alias has one. */
struct key {
	size_t parent, node;
	const uint16_t *units; /* NULL: a free slot */
	size_t n;
};

struct tree {
	struct hull_arena arena;
	struct fat_node *v;
	size_t n, cap;
	struct key *table; /* open hash, a power of two */
	size_t table_size, table_used;
	bool labelled;
};

static void tree_fini(struct tree *t)
{
	free(t->v);
	free(t->table);
	hull_arena_fini(&t->arena);
}

static uint16_t fold(uint16_t u)
{
	return u >= 'a' && u <= 'z' ? (uint16_t)(u - 'a' + 'A') : u;
}

static bool same_key(const struct key *a, const struct key *b)
{
	if (a->parent != b->parent || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (fold(a->units[i]) != fold(b->units[i]))
			return false;
	return true;
}

/* Where the key is, or would go. */
static struct key *find_slot(struct key *table, size_t size, const struct key *k)
{
	uint64_t h = 14695981039346656037ull ^ k->parent;

	for (size_t i = 0; i < k->n; i++)
		h = (h ^ fold(k->units[i])) * 1099511628211ull;
	for (size_t i = (size_t)(h ^ h >> 29);; i++) {
		struct key *slot = &table[i & (size - 1)];

		if (!slot->units || same_key(slot, k))
			return slot;
	}
}

static const struct key *find_key(const struct tree *t, const struct key *k)
{
	const struct key *slot = t->table_size ? find_slot(t->table, t->table_size, k) : NULL;

	return slot && slot->units ? slot : NULL;
}

static void add_key(struct tree *t, const struct key *k)
{
	if (2 * (t->table_used + 1) > t->table_size) {
		size_t size = t->table_size ? 2 * t->table_size : 64;
		struct key *table = hull_alloc_array(size, sizeof *table);

		for (size_t i = 0; i < t->table_size; i++)
			if (t->table[i].units)
				*find_slot(table, size, &t->table[i]) = t->table[i];
		free(t->table);
		t->table = table;
		t->table_size = size;
	}
	*find_slot(t->table, t->table_size, k) = *k;
	t->table_used++;
}

/* The node of a component below parent: the directory that is there, or a new node. */
static int add_component(struct tree *t, size_t parent, const char *text, size_t length,
			 const struct hull_fat_file *file, size_t *out, struct hull_err *e)
{
	struct fat_node node = {.parent = parent, .file = file, .entries = 2}; /* "." and ".." */
	const struct key *found;
	struct key key;

	if (hull_fat_name_parse(text, length, &t->arena, &node.name, e) < 0)
		return -1;
	key = (struct key){parent, t->n, node.name.units, node.name.n};
	found = find_key(t, &key);
	if (found && (file || t->v[found->node].file))
		return hull_fail(e, HULL_FAILED,
				 "FAT: there is something else of that name (upper and lower case "
				 "are the same)");
	if (found) {
		*out = found->node;
		return 0;
	}
	t->v[parent].entries += 1 + (uint32_t)hull_fat_name_long_entries(&node.name);
	if (t->v[parent].entries > MAX_ENTRIES)
		return hull_fail(e, HULL_FAILED, "FAT: its directory has more than %d entries",
				 MAX_ENTRIES);
	add_key(t, &key);
	*out = t->n;
	t->v = hull_grow(t->v, &t->cap, t->n, sizeof *t->v);
	t->v[t->n++] = node;
	return 0;
}

static int add_file(struct tree *t, const struct hull_fat_file *f, struct hull_err *e)
{
	const char *part = f->path, *slash;
	size_t at = ROOT;

	if (f->size_bytes > UINT32_MAX)
		return hull_fail(e, HULL_FAILED,
				 "%s: FAT: a file of %" PRIu64 " bytes; at most %u are possible",
				 f->path, f->size_bytes, UINT32_MAX);
	while ((slash = strchr(part, '/'))) {
		if (add_component(t, at, part, (size_t)(slash - part), NULL, &at, e) < 0)
			return hull_wrap(e, "%s: ", f->path);
		part = slash + 1;
	}
	if (add_component(t, at, part, strlen(part), f, &at, e) < 0)
		return hull_wrap(e, "%s: ", f->path);
	return 0;
}

/* Nodes are in the order in which the paths name them. */
static int build_tree(struct tree *t, const struct hull_fat_file *files, size_t n, bool labelled,
		      struct hull_err *e)
{
	t->v = hull_grow(t->v, &t->cap, 0, sizeof *t->v);
	t->v[t->n++] = (struct fat_node){.entries = labelled};
	t->labelled = labelled;
	for (size_t i = 0; i < n; i++)
		if (add_file(t, &files[i], e) < 0)
			return -1;
	return 0;
}

/* Gives each node whose alias is not its name another that nothing in its directory has. */
static void choose_aliases(struct tree *t)
{
	for (size_t i = 1; i < t->n; i++) {
		struct hull_fat_name *name = &t->v[i].name;
		uint16_t *units = NULL;
		struct key key = {.parent = t->v[i].parent, .node = i};
		char text[HULL_FAT_ALIAS + 2];
		uint8_t alias[HULL_FAT_ALIAS];

		if (name->lossless)
			continue;
		units = hull_arena_array(&t->arena, sizeof text, sizeof *units);
		key.units = units;
		for (unsigned int k = 1; k == 1 || find_key(t, &key); k++) {
			hull_fat_name_tail(name, k, alias);
			key.n = hull_fat_alias_text(alias, text);
			for (size_t j = 0; j < key.n; j++)
				units[j] = (uint8_t)text[j];
		}
		memcpy(name->alias, alias, sizeof alias);
		add_key(t, &key);
	}
}

static bool plan_geometry(uint64_t size_bytes, struct fat_geometry *g)
{
	/* Sectors up to which a cluster is so large; the specification's table. */
	static const uint32_t limits[][2] = {
		{532480, 1}, {16777216, 8}, {33554432, 16}, {67108864, 32}, {UINT32_MAX, 64}};
	uint64_t sectors = size_bytes / SECTOR, fat, front, align;
	size_t i = 0;

	if (size_bytes < MIN_SIZE || sectors > UINT32_MAX)
		return false;
	while (sectors > limits[i][0])
		i++;
	*g = (struct fat_geometry){.sectors = hull_u32(sectors), .cluster_sectors = limits[i][1]};
	align = g->cluster_sectors > ALIGN_SECTORS ? g->cluster_sectors : ALIGN_SECTORS;
	/* The fewest sectors of a FAT that cover all clusters which two of them leave room for. */
	fat = (sectors - MIN_RESERVED + 2 * g->cluster_sectors) /
		      (PER_SECTOR * g->cluster_sectors + 2) +
	      1;
	front = (MIN_RESERVED + 2 * fat + align - 1) / align * align;
	g->fat_sectors = hull_u32(fat);
	g->reserved = hull_u32(front - 2 * fat);
	g->clusters = hull_u32((sectors - front) / g->cluster_sectors);
	return g->clusters >= MIN_CLUSTERS && g->clusters <= MAX_CLUSTERS;
}

static uint64_t bytes_of(const struct fat_node *n)
{
	return n->file ? n->file->size_bytes : (uint64_t)n->entries * HULL_FAT_ENTRY;
}

static uint64_t clusters_of(const struct fat_node *n, uint32_t cluster_sectors)
{
	uint64_t cluster = (uint64_t)cluster_sectors * SECTOR, clusters;

	clusters = (bytes_of(n) + cluster - 1) / cluster;
	return clusters || n->file ? clusters : 1; /* an empty root directory has a cluster too */
}

static uint64_t clusters_needed(const struct tree *t, uint32_t cluster_sectors)
{
	uint64_t all = 0;

	for (size_t i = 0; i < t->n; i++)
		all += clusters_of(&t->v[i], cluster_sectors);
	return all;
}

uint64_t hull_fat_min_bytes(const struct hull_fat_file *files, size_t n)
{
	uint64_t size = MIN_SIZE, needed = 0;
	uint32_t cluster_sectors = 0;
	struct tree t = {0};
	struct fat_geometry g;
	struct hull_err e;

	/* A name that FAT cannot have is told by hull_fat_add. */
	(void)build_tree(&t, files, n, true, &e);
	while (plan_geometry(size, &g)) {
		if (g.cluster_sectors != cluster_sectors)
			needed = clusters_needed(&t, g.cluster_sectors);
		cluster_sectors = g.cluster_sectors;
		if (needed <= g.clusters)
			break;
		size += MIB;
	}
	tree_fini(&t);
	return size;
}

static int check_label(const char *label, struct hull_err *e)
{
	size_t n = strlen(label);

	for (size_t i = 0; i < n; i++) {
		char c = label[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    !strchr("$%'-_@~`!(){}^#& ", c))
			n = 0;
	}
	if (n < 1 || n > HULL_FAT_ALIAS || label[0] == ' ')
		return hull_fail(e, HULL_FAILED,
				 "FAT: the label '%s' is not 1 to %d upper-case letters, digits, "
				 "spaces and signs",
				 label, HULL_FAT_ALIAS);
	return 0;
}

static void put_label(uint8_t out[HULL_FAT_ALIAS], const char *label)
{
	for (size_t i = 0; i < HULL_FAT_ALIAS; i++)
		out[i] = *label ? (uint8_t)*label++ : ' ';
}

/* Directories first, then files, each contiguous. Gives the first cluster that is free. */
static uint32_t place(struct tree *t, const struct fat_geometry *g)
{
	uint32_t next = FIRST_CLUSTER;

	for (int files = 0; files < 2; files++)
		for (size_t i = 0; i < t->n; i++) {
			struct fat_node *n = &t->v[i];

			if ((n->file != NULL) != files)
				continue;
			n->clusters = hull_u32(clusters_of(n, g->cluster_sectors));
			n->first_cluster = n->clusters ? next : 0;
			next += n->clusters;
		}
	return next;
}

struct stamp {
	uint16_t date, time;
	uint8_t hundredths;
};

static struct stamp make_stamp(int64_t seconds)
{
	static const int64_t first = 315532800, last = 4354819199; /* 1980 to 2107 */
	time_t t = seconds < first ? first : seconds > last ? last : seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	return (struct stamp){
		.date = (uint16_t)((tm.tm_year - 80) << 9 | (tm.tm_mon + 1) << 5 | tm.tm_mday),
		.time = (uint16_t)(tm.tm_hour << 11 | tm.tm_min << 5 | tm.tm_sec / 2),
		.hundredths = (uint8_t)(tm.tm_sec % 2 * 100),
	};
}

static void put_entry(struct fat_node *directory, const uint8_t alias[HULL_FAT_ALIAS],
		      uint8_t attributes, uint32_t cluster, uint32_t size, const struct stamp *s)
{
	uint8_t *p = directory->end;

	memcpy(p, alias, HULL_FAT_ALIAS);
	p[11] = attributes;
	if (attributes != VOLUME_LABEL) {
		p[13] = s->hundredths;
		hull_put_le16(p + 14, s->time);
		hull_put_le16(p + 16, s->date);
		hull_put_le16(p + 18, s->date);
	}
	hull_put_le16(p + 20, (uint16_t)(cluster >> 16));
	hull_put_le16(p + 22, s->time);
	hull_put_le16(p + 24, s->date);
	hull_put_le16(p + 26, (uint16_t)cluster);
	hull_put_le32(p + 28, size);
	directory->end += HULL_FAT_ENTRY;
}

/* The entries of all directories. */
static void fill_directories(struct tree *t, const struct hull_fat_options *o)
{
	struct stamp s = make_stamp(o->time);
	uint8_t label[HULL_FAT_ALIAS];

	for (size_t i = 0; i < t->n; i++) {
		struct fat_node *n = &t->v[i], *parent = &t->v[n->parent];
		uint32_t up = n->parent == ROOT ? 0 : parent->first_cluster;

		if (!n->file) {
			n->data = hull_arena_alloc(&t->arena, bytes_of(n) + 1);
			n->end = n->data;
		}
		if (i == ROOT) {
			if (!o->label)
				continue;
			put_label(label, o->label);
			put_entry(n, label, VOLUME_LABEL, 0, 0, &s);
			continue;
		}
		if (!n->file) {
			put_entry(n, (const uint8_t *)".          ", DIRECTORY, n->first_cluster, 0,
				  &s);
			put_entry(n, (const uint8_t *)"..         ", DIRECTORY, up, 0, &s);
		}
		hull_fat_name_put_long(&n->name, parent->end);
		parent->end += hull_fat_name_long_entries(&n->name) * HULL_FAT_ENTRY;
		put_entry(parent, n->name.alias, n->file ? ARCHIVE : DIRECTORY, n->first_cluster,
			  n->file ? hull_u32(n->file->size_bytes) : 0, &s);
	}
}

static void add_boot_sectors(struct hull_layout *l, uint64_t offset, const struct fat_geometry *g,
			     const struct hull_fat_options *o, uint32_t next_free)
{
	uint8_t boot[SECTOR] = "\xeb\x58\x90MSWIN4.1", info[SECTOR] = "RRaA";

	hull_put_le16(boot + 11, SECTOR);
	boot[13] = hull_u8(g->cluster_sectors);
	hull_put_le16(boot + 14, hull_u16(g->reserved));
	boot[16] = 2;		       /* FATs */
	boot[21] = 0xf8;	       /* a fixed disk */
	hull_put_le16(boot + 24, 63);  /* sectors of a track */
	hull_put_le16(boot + 26, 255); /* heads */
	hull_put_le32(boot + 28, offset / SECTOR <= UINT32_MAX ? (uint32_t)(offset / SECTOR) : 0);
	hull_put_le32(boot + 32, g->sectors);
	hull_put_le32(boot + 36, g->fat_sectors);
	hull_put_le32(boot + 44, FIRST_CLUSTER);
	hull_put_le16(boot + 48, INFO_SECTOR);
	hull_put_le16(boot + 50, BACKUP_SECTOR);
	boot[64] = 0x80; /* drive */
	boot[66] = 0x29; /* serial, label and type follow */
	hull_put_le32(boot + 67, o->serial);
	put_label(boot + 71, o->label ? o->label : "NO NAME");
	memcpy(boot + 82, "FAT32   ", sizeof "FAT32   ");
	hull_put_le16(boot + 510, 0xaa55);
	memcpy(info + 484, "rrAa", sizeof "rrAa");
	hull_put_le32(info + 488, g->clusters - (next_free - FIRST_CLUSTER));
	hull_put_le32(info + 492, next_free - FIRST_CLUSTER < g->clusters ? next_free : UINT32_MAX);
	hull_put_le16(info + 510, 0xaa55);
	for (int copy = 0; copy < 2; copy++) {
		uint64_t at = offset + (copy ? BACKUP_SECTOR * SECTOR : 0);

		hull_layout_add_bytes(l, at, boot, sizeof boot);
		hull_layout_add_bytes(l, at + INFO_SECTOR * SECTOR, info, sizeof info);
		hull_layout_add_bytes(l, at + 2 * SECTOR + 510, "\x55\xaa", 2);
	}
}

static void add_fats(struct hull_layout *l, uint64_t offset, const struct fat_geometry *g,
		     const struct tree *t, uint32_t next_free)
{
	uint8_t *fat = hull_arena_array(&l->arena, next_free, 4);
	struct hull_content content = {.memory = fat, .dirfd = -1};

	hull_put_le32(fat, 0x0ffffff8); /* the medium, as in the boot sector */
	hull_put_le32(fat + 4, END_OF_CHAIN);
	for (size_t i = 0; i < t->n; i++) {
		const struct fat_node *n = &t->v[i];

		for (uint32_t c = 0; c < n->clusters; c++)
			hull_put_le32(fat + (size_t)(n->first_cluster + c) * 4,
				      c + 1 < n->clusters ? n->first_cluster + c + 1
							  : END_OF_CHAIN);
	}
	for (uint32_t copy = 0; copy < 2; copy++)
		hull_layout_add(l,
				offset + (uint64_t)(g->reserved + copy * g->fat_sectors) * SECTOR,
				(uint64_t)next_free * 4, &content);
}

static void add_data(struct hull_layout *l, uint64_t offset, const struct fat_geometry *g,
		     const struct tree *t)
{
	uint64_t data = offset + (uint64_t)(g->reserved + 2 * g->fat_sectors) * SECTOR;

	for (size_t i = 0; i < t->n; i++) {
		const struct fat_node *n = &t->v[i];
		uint64_t at = data + (uint64_t)(n->first_cluster - FIRST_CLUSTER) *
					     g->cluster_sectors * SECTOR;

		if (!n->file)
			hull_layout_add_bytes(l, at, n->data, (size_t)(n->end - n->data));
		else if (n->clusters)
			hull_layout_add(l, at, n->file->size_bytes, &n->file->content);
	}
}

static int add_tree(struct hull_layout *l, uint64_t offset, const struct hull_fat_options *o,
		    struct tree *t, struct hull_err *e)
{
	struct fat_geometry g;
	uint64_t needed;
	uint32_t next_free;

	if (!plan_geometry(o->size_bytes, &g))
		return hull_fail(e, HULL_FAILED,
				 "FAT32 cannot be %" PRIu64 " bytes large: at least %llu and at "
				 "most %" PRIu64,
				 o->size_bytes, MIN_SIZE, (uint64_t)UINT32_MAX * SECTOR);
	needed = clusters_needed(t, g.cluster_sectors);
	if (needed > g.clusters)
		return hull_fail(e, HULL_FAILED,
				 "FAT: the files need %" PRIu64 " bytes in clusters of %u; a file "
				 "system of %" PRIu64 " bytes has room for %" PRIu64,
				 needed * g.cluster_sectors * SECTOR, g.cluster_sectors * SECTOR,
				 o->size_bytes, (uint64_t)g.clusters * g.cluster_sectors * SECTOR);
	choose_aliases(t);
	next_free = place(t, &g);
	fill_directories(t, o);
	add_boot_sectors(l, offset, &g, o, next_free);
	add_fats(l, offset, &g, t, next_free);
	add_data(l, offset, &g, t);
	return 0;
}

int hull_fat_add(struct hull_layout *l, uint64_t offset_bytes, const struct hull_fat_options *o,
		 const struct hull_fat_file *files, size_t n, struct hull_err *e)
{
	struct tree t = {0};
	int result;

	if (o->label && check_label(o->label, e) < 0)
		return -1;
	if (o->size_bytes % SECTOR)
		return hull_fail(e, HULL_FAILED,
				 "FAT: a size of %" PRIu64 " bytes is not whole sectors of %d",
				 o->size_bytes, SECTOR);
	result = build_tree(&t, files, n, o->label != NULL, e);
	if (result == 0)
		result = add_tree(l, offset_bytes, o, &t, e);
	tree_fini(&t);
	return result;
}
