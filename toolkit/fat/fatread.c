// SPDX-License-Identifier: MIT
#include "fat/fatread.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "fat/fatname.h"
#include "text/utf16.h"

enum {
	SECTOR = 512,
	MAX_FAT12 = 4084, /* clusters */
	MAX_FAT16 = 65524,
	MAX_FAT32 = 0x0ffffff5,
	FIRST_CLUSTER = 2,
	MAX_NODES = 1000 * 1000,
	MAX_DEPTH = 256,
	MAX_DIRECTORY_BYTES = 65536 * HULL_FAT_ENTRY,
	CHUNK = 64 * 1024,
	DELETED = 0xe5,
	REALLY_E5 = 0x05, /* stands for a name that begins with 0xe5 */
	VOLUME_LABEL = 0x08,
	DIRECTORY = 0x10,
	LOWER_BASE = 0x08, /* the alias is meant in lower case */
	LOWER_EXTENSION = 0x10
};

static int bad(const struct hull_fat *f, const char *cause, struct hull_err *e)
{
	return hull_fail(e, HULL_FAILED, "%s: FAT boot sector at byte %" PRIu64 ": %s",
			 hull_disk_path(f->disk), f->offset_bytes, cause);
}

static void take_label(struct hull_fat *f, const uint8_t *p)
{
	size_t n = HULL_FAT_ALIAS;

	while (n && p[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		f->label[i] = (char)(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '_');
	f->label[n] = '\0';
}

static int read_boot_sector(struct hull_fat *f, uint64_t length_bytes, struct hull_err *e)
{
	uint64_t sectors, fat_sectors, reserved, first;
	uint8_t b[SECTOR];
	uint32_t sector, extended;

	if (length_bytes < SECTOR)
		return bad(f, "the file system is too small", e);
	if (hull_disk_read(f->disk, f->offset_bytes, b, sizeof b, e) < 0)
		return hull_wrap(e, "FAT boot sector: ");
	sector = hull_get_le16(b + 11);
	if (b[510] != 0x55 || b[511] != 0xaa)
		return bad(f, "there is none", e);
	if (sector < SECTOR || sector > 4096 || (sector & (sector - 1)))
		return bad(f, "the size of a sector is out of range", e);
	if (!b[13] || (b[13] & (b[13] - 1)))
		return bad(f, "the size of a cluster is no power of two", e);
	f->cluster_bytes = sector * b[13];
	reserved = hull_get_le16(b + 14);
	f->root_entries = hull_get_le16(b + 17);
	sectors = hull_get_le16(b + 19) ? hull_get_le16(b + 19) : hull_get_le32(b + 32);
	fat_sectors = hull_get_le16(b + 22) ? hull_get_le16(b + 22) : hull_get_le32(b + 36);
	f->size_bytes = sectors * sector;
	f->fat_offset = reserved * sector;
	f->root_offset = f->fat_offset + b[16] * fat_sectors * sector;
	first = (f->root_entries * HULL_FAT_ENTRY + sector - 1) / sector;
	f->data_offset = f->root_offset + first * sector;
	if (!reserved || !b[16] || !fat_sectors || f->data_offset >= f->size_bytes)
		return bad(f, "its areas do not fit into the file system", e);
	if (f->size_bytes > length_bytes)
		return bad(f, "the file system is larger than its partition", e);
	if ((f->size_bytes - f->data_offset) / f->cluster_bytes > MAX_FAT32)
		return bad(f, "too many clusters", e);
	f->clusters = hull_u32((f->size_bytes - f->data_offset) / f->cluster_bytes);
	f->bits = f->clusters <= MAX_FAT12 ? 12 : f->clusters <= MAX_FAT16 ? 16 : 32;
	if ((uint64_t)(f->clusters + FIRST_CLUSTER) * (unsigned int)f->bits >
	    fat_sectors * sector * 8)
		return bad(f, "the FAT is too small", e);
	if ((f->bits == 32) == (f->root_entries != 0))
		return bad(f, "the root directory does not fit the number of clusters", e);
	f->root_cluster = f->bits == 32 ? hull_get_le32(b + 44) : 0;
	extended = f->bits == 32 ? 64 : 36;
	if (b[extended + 2] == 0x29) {
		f->serial = hull_get_le32(b + extended + 3);
		if (memcmp(b + extended + 7, "NO NAME    ", HULL_FAT_ALIAS) != 0)
			take_label(f, b + extended + 7);
	}
	return 0;
}

/* Bytes of the first FAT. */
static int read_fat(struct hull_fat *f, uint64_t at, uint8_t *out, size_t n, struct hull_err *e)
{
	if (at < f->window_offset || at + n > f->window_offset + f->window_n) {
		uint64_t left = f->root_offset - f->fat_offset - at;

		f->window_n = 0;
		f->window_offset = at;
		left = left < sizeof f->window ? left : sizeof f->window;
		if (hull_disk_read(f->disk, f->offset_bytes + f->fat_offset + at, f->window,
				   (size_t)left, e) < 0)
			return hull_wrap(e, "FAT: ");
		f->window_n = (size_t)left;
	}
	memcpy(out, f->window + (at - f->window_offset), n);
	return 0;
}

static bool is_cluster(const struct hull_fat *f, uint32_t cluster)
{
	return cluster >= FIRST_CLUSTER && cluster - FIRST_CLUSTER < f->clusters;
}

/* The cluster that follows; 0 at the end of the chain. */
static int next_cluster(struct hull_fat *f, uint32_t cluster, uint32_t *out, struct hull_err *e)
{
	uint64_t at = (uint64_t)cluster * (unsigned int)f->bits / 8;
	uint8_t b[4] = {0};
	uint32_t next, ends;

	if (read_fat(f, at, b, f->bits == 32 ? 4 : 2, e) < 0)
		return -1;
	next = hull_get_le32(b);
	if (f->bits == 12)
		next = cluster % 2 ? next >> 4 : next & 0xfff;
	next &= 0x0fffffff;
	ends = f->bits == 12 ? 0xff8 : f->bits == 16 ? 0xfff8 : 0x0ffffff8;
	*out = next >= ends ? 0 : next;
	if (*out && !is_cluster(f, next))
		return hull_fail(e, HULL_FAILED,
				 "FAT at byte %" PRIu64 ": cluster %u is followed by %u, which is "
				 "none",
				 f->offset_bytes + f->fat_offset + at, cluster, next);
	if (next == 0)
		return hull_fail(e, HULL_FAILED,
				 "FAT at byte %" PRIu64 ": cluster %u belongs to a file, but is "
				 "marked free",
				 f->offset_bytes + f->fat_offset + at, cluster);
	return 0;
}

static uint64_t cluster_offset(const struct hull_fat *f, uint32_t cluster)
{
	return f->offset_bytes + f->data_offset +
	       (uint64_t)(cluster - FIRST_CLUSTER) * f->cluster_bytes;
}

/* Appends the entries of a directory. */
static int read_directory(struct hull_fat *f, size_t node, struct hull_buf *out, struct hull_err *e)
{
	uint32_t cluster = node == HULL_FAT_ROOT ? f->root_cluster : f->v[node].first_cluster;

	if (node == HULL_FAT_ROOT && f->bits != 32) {
		size_t n = (size_t)f->root_entries * HULL_FAT_ENTRY;

		out->p = hull_grow(out->p, &out->cap, n, 1);
		out->n = n;
		return hull_disk_read(f->disk, f->offset_bytes + f->root_offset, out->p, n, e);
	}
	if (!is_cluster(f, cluster))
		return hull_fail(e, HULL_FAILED, "it begins in cluster %u, which is none", cluster);
	for (out->n = 0; cluster; out->n += f->cluster_bytes) {
		if (++f->directory_clusters > f->clusters || out->n >= MAX_DIRECTORY_BYTES)
			return hull_fail(e, HULL_FAILED,
					 "too many clusters: they form a loop, or belong to "
					 "several directories");
		out->p = hull_grow(out->p, &out->cap, out->n + f->cluster_bytes, 1);
		if (hull_disk_read(f->disk, cluster_offset(f, cluster), out->p + out->n,
				   f->cluster_bytes, e) < 0 ||
		    next_cluster(f, cluster, &cluster, e) < 0)
			return -1;
	}
	return 0;
}

/* A long name as its entries come: the end first. */
struct long_name {
	uint16_t units[HULL_FAT_NAME_UNITS + HULL_FAT_LONG_UNITS];
	size_t n;
	unsigned int next; /* the ordinal that is expected; 0 when the name is complete */
	uint8_t sum;
	bool valid;
};

static void take_long(struct long_name *l, const uint8_t *p)
{
	unsigned int ordinal = p[0] & ~(unsigned int)HULL_FAT_LONG_LAST;
	uint16_t *to;

	if (p[0] & HULL_FAT_LONG_LAST)
		*l = (struct long_name){.n = ordinal * HULL_FAT_LONG_UNITS,
					.next = ordinal,
					.sum = p[13],
					.valid = true};
	l->valid = l->valid && ordinal && ordinal == l->next && p[13] == l->sum &&
		   l->n <= sizeof l->units / sizeof *l->units;
	if (!l->valid)
		return;
	l->next--;
	to = l->units + (size_t)l->next * HULL_FAT_LONG_UNITS;
	for (size_t i = 0; i < HULL_FAT_LONG_UNITS; i++)
		to[i] = hull_get_le16(p + hull_fat_unit_offset(i));
}

/* The alias in the case that it is meant in; what is not ASCII is shown as '_'. */
static const char *alias_name(struct hull_fat *f, const uint8_t *p)
{
	uint8_t alias[HULL_FAT_ALIAS];
	char text[HULL_FAT_ALIAS + 2];

	memcpy(alias, p, sizeof alias);
	for (int i = 0; i < HULL_FAT_ALIAS; i++) {
		bool lower = p[12] & (i < 8 ? LOWER_BASE : LOWER_EXTENSION);

		if (lower && alias[i] >= 'A' && alias[i] <= 'Z')
			alias[i] = (uint8_t)(alias[i] - 'A' + 'a');
		if (alias[i] < ' ' || alias[i] >= 0x7f || alias[i] == '/')
			alias[i] = '_';
	}
	hull_fat_alias_text(alias, text);
	return hull_arena_strdup(&f->arena, text);
}

static int64_t time_of(const uint8_t *p)
{
	unsigned int date = hull_get_le16(p + 24), at = hull_get_le16(p + 22);
	struct tm tm = {
		.tm_year = 80 + (int)(date >> 9),
		.tm_mon = (int)(date >> 5 & 15) - 1,
		.tm_mday = (int)(date & 31),
		.tm_hour = (int)(at >> 11),
		.tm_min = (int)(at >> 5 & 63),
		.tm_sec = (int)(at & 31) * 2,
	};

	return timegm(&tm);
}

static int add_node(struct hull_fat *f, const struct hull_fat_node *node, struct hull_err *e)
{
	if (f->n >= MAX_NODES)
		return hull_fail(e, HULL_FAILED, "more than %d files", MAX_NODES);
	f->v = hull_grow(f->v, &f->cap, f->n, sizeof *f->v);
	f->v[f->n++] = *node;
	return 0;
}

static bool is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static int take_entry(struct hull_fat *f, size_t parent, const uint8_t *p,
		      const struct long_name *l, struct hull_err *e)
{
	struct hull_fat_node node = {
		.parent = parent,
		.directory = p[11] & DIRECTORY,
		.first_cluster = hull_get_le16(p + 26),
		.mtime = time_of(p),
	};

	if (!node.directory)
		node.size_bytes = hull_get_le32(p + 28);
	if (f->bits == 32)
		node.first_cluster |= (uint32_t)(hull_get_le16(p + 20) & 0x0fff) << 16;
	if (l->valid && l->next == 0 && l->sum == hull_fat_alias_sum(p))
		node.name = hull_utf16_to_utf8(l->units, l->n, &f->arena);
	else
		node.name = alias_name(f, p);
	if (!is_name(node.name))
		return hull_fail(e, HULL_FAILED, "an entry with the name '%s'", node.name);
	return add_node(f, &node, e);
}

static int take_entries(struct hull_fat *f, size_t parent, const struct hull_buf *b,
			struct hull_err *e)
{
	struct long_name l = {0};

	for (size_t at = 0; at + HULL_FAT_ENTRY <= b->n; at += HULL_FAT_ENTRY) {
		const uint8_t *p = (const uint8_t *)b->p + at;
		bool label = p[11] & VOLUME_LABEL;

		if (!p[0])
			break;
		if (p[0] != DELETED && (p[11] & 0x3f) == HULL_FAT_LONG_ATTRIBUTES) {
			take_long(&l, p);
			continue;
		}
		if (label && p[0] != DELETED && parent == HULL_FAT_ROOT)
			take_label(f, p);
		if (p[0] != DELETED && !label && p[0] != '.' && take_entry(f, parent, p, &l, e) < 0)
			return -1;
		l.valid = false;
	}
	return 0;
}

static size_t depth_of(const struct hull_fat *f, size_t node)
{
	size_t depth = 0;

	for (; node != HULL_FAT_ROOT && depth <= MAX_DEPTH; node = f->v[node].parent)
		depth++;
	return depth;
}

/* "EFI/BOOT/BOOTX64.EFI" into the arena given. */
static const char *path_of(const struct hull_fat *f, size_t node, struct hull_arena *a)
{
	size_t n = 0;
	char *path;

	for (size_t i = node; i != HULL_FAT_ROOT; i = f->v[i].parent)
		n += strlen(f->v[i].name) + 1;
	path = hull_arena_alloc(a, n + 1);
	for (size_t i = node; i != HULL_FAT_ROOT; i = f->v[i].parent) {
		size_t length = strlen(f->v[i].name);

		path[--n] = '/';
		n -= length;
		memcpy(path + n, f->v[i].name, length);
	}
	if (node != HULL_FAT_ROOT)
		path[strlen(path) - 1] = '\0';
	return path;
}

static int list(struct hull_fat *f, struct hull_err *e)
{
	hull_autobuf struct hull_buf b = {0};
	struct hull_arena a = {0};
	int result;

	result = add_node(f, &(struct hull_fat_node){.name = "", .directory = true}, e);
	for (size_t i = 0; i < f->n && result == 0; i++) {
		if (!f->v[i].directory)
			continue;
		if (depth_of(f, i) > MAX_DEPTH)
			result = hull_fail(e, HULL_FAILED, "more than %d directories deep",
					   MAX_DEPTH);
		else if (read_directory(f, i, &b, e) < 0 || take_entries(f, i, &b, e) < 0)
			result = -1;
		if (result < 0)
			hull_wrap(e, "%s: FAT at byte %" PRIu64 ": directory '/%s': ",
				  hull_disk_path(f->disk), f->offset_bytes, path_of(f, i, &a));
	}
	hull_arena_fini(&a);
	return result;
}

int hull_fat_open(struct hull_fat *f, struct hull_disk *d, uint64_t offset_bytes,
		  uint64_t length_bytes, struct hull_err *e)
{
	*f = (struct hull_fat){.disk = d, .offset_bytes = offset_bytes};
	if (read_boot_sector(f, length_bytes, e) < 0 || list(f, e) < 0) {
		hull_fat_fini(f);
		return -1;
	}
	return 0;
}

void hull_fat_fini(struct hull_fat *f)
{
	free(f->v);
	hull_arena_fini(&f->arena);
	*f = (struct hull_fat){0};
}

static int read_file(struct hull_fat *f, const struct hull_fat_node *node, hull_fat_take *take,
		     void *arg, struct hull_err *e)
{
	hull_autofree uint8_t *buf = hull_alloc(CHUNK);
	uint32_t cluster = node->first_cluster, left = node->size_bytes;

	/* As many clusters as the size needs: a loop cannot hold us. */
	while (left) {
		uint32_t in_cluster = left < f->cluster_bytes ? left : f->cluster_bytes;

		if (!is_cluster(f, cluster))
			return hull_fail(e, HULL_FAILED,
					 "its clusters end %u bytes before the file does", left);
		for (uint32_t at = 0; at < in_cluster;) {
			uint32_t n = in_cluster - at < CHUNK ? in_cluster - at : CHUNK;

			if (hull_disk_read(f->disk, cluster_offset(f, cluster) + at, buf, n, e) <
				    0 ||
			    take(arg, buf, n, e) < 0)
				return -1;
			at += n;
		}
		left -= in_cluster;
		if (left && next_cluster(f, cluster, &cluster, e) < 0)
			return -1;
	}
	return 0;
}

int hull_fat_read(struct hull_fat *f, size_t node, hull_fat_take *take, void *arg,
		  struct hull_err *e)
{
	struct hull_arena a = {0};
	int result;

	hull_assert(node < f->n && !f->v[node].directory);
	result = read_file(f, &f->v[node], take, arg, e);
	if (result < 0)
		hull_wrap(e, "%s: FAT at byte %" PRIu64 ": '/%s': ", hull_disk_path(f->disk),
			  f->offset_bytes, path_of(f, node, &a));
	hull_arena_fini(&a);
	return result;
}
