// SPDX-License-Identifier: MIT
#include "ext4/ext4_plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "ext4/ext4_dir.h"
#include "ext4/ext4_io.h"
#include "ext4/ext4_xattr.h"

enum {
	PART_BYTES = 256 * HULL_EXT4_BLOCK,
	SPARSE_BYTES_MIN =
		64 << 20,  /* smaller files have no holes: they are not worth reading for */
	FAST_SYMLINK = 59, /* bytes of a target that lies in the inode */
	MAX_LINKS = 65000,
};

#define MAX_FILE_BYTES ((UINT64_C(1) << 32) * HULL_EXT4_BLOCK - HULL_EXT4_BLOCK)

static struct hull_ext4_item *add_item(struct hull_ext4_plan *p, int node)
{
	p->v = hull_grow(p->v, &p->cap, p->n, sizeof *p->v);
	p->v[p->n] = (struct hull_ext4_item){
		.node = node,
		.first_segment = hull_u32(p->n_segments),
	};
	return &p->v[p->n++];
}

/* Adds blocks to the newest item; they may begin in the block where the last ones end. */
static void add_segment(struct hull_ext4_plan *p, uint64_t lblk, uint64_t end)
{
	struct hull_ext4_item *item = &p->v[p->n - 1];

	if (item->n_segments) {
		struct hull_ext4_segment *last = &p->segments[p->n_segments - 1];
		uint64_t last_end = (uint64_t)last->lblk + last->n;

		if (lblk <= last_end) {
			if (end > last_end) {
				last->n += hull_u32(end - last_end);
				p->blocks += end - last_end;
			}
			return;
		}
	}
	if (lblk >= end)
		return;
	p->segments = hull_grow(p->segments, &p->segments_cap, p->n_segments, sizeof *p->segments);
	p->segments[p->n_segments++] =
		(struct hull_ext4_segment){hull_u32(lblk), hull_u32(end - lblk)};
	p->blocks += end - lblk;
	item->n_segments++;
}

static uint64_t block_count(uint64_t bytes)
{
	return (bytes + HULL_EXT4_BLOCK - 1) / HULL_EXT4_BLOCK;
}

/* The blocks of a part of a stored file that are not all zeros; `from` is the beginning of a block.
 */
static int add_nonzero_blocks(struct hull_ext4_plan *p, const struct hull_node *f, int fd,
			      uint64_t from, uint64_t to, struct hull_err *e)
{
	hull_autofree uint8_t *part = hull_alloc(PART_BYTES);

	while (from < to) {
		size_t n = to - from < PART_BYTES ? (size_t)(to - from) : PART_BYTES;

		if (hull_content_read_fd(fd, &f->content, from, part, n, e) < 0)
			return -1;
		for (size_t at = 0; at < n; at += HULL_EXT4_BLOCK) {
			size_t length = n - at < HULL_EXT4_BLOCK ? n - at : HULL_EXT4_BLOCK;
			uint64_t lblk = (from + at) / HULL_EXT4_BLOCK;

			if (!hull_all_zero(part + at, length))
				add_segment(p, lblk, lblk + 1);
		}
		from += n;
	}
	return 0;
}

/* Of a large file only what is not zero gets blocks. That depends on its content alone: where the
 * stored file has holes, which says something about the store, just saves reading. */
static int add_data_parts(struct hull_ext4_plan *p, const struct hull_node *f, struct hull_err *e)
{
	const struct hull_content *c = &f->content;
	hull_autofd int fd = hull_open(c->dirfd, c->path, e);
	off_t begin = (off_t)c->offset_bytes, at = begin;
	off_t end = begin + (off_t)f->size_bytes;

	if (fd < 0)
		return -1;
	while (at < end) {
		off_t data = lseek(fd, at, SEEK_DATA), hole;
		uint64_t from, to;

		if (data < 0 && errno == ENXIO)
			return 0;
		if (data < 0)
			return hull_fail_errno(e, "%s: seek to data", c->path);
		if (data >= end)
			return 0;
		hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0)
			return hull_fail_errno(e, "%s: seek to a hole", c->path);
		from = (uint64_t)(data - begin) / HULL_EXT4_BLOCK * HULL_EXT4_BLOCK;
		/* to the end of a block: the rest of it may be in the next part */
		to = block_count((uint64_t)((hole < end ? hole : end) - begin)) * HULL_EXT4_BLOCK;
		at = begin + (off_t)to;
		if (add_nonzero_blocks(p, f, fd, from, to < f->size_bytes ? to : f->size_bytes, e) <
		    0)
			return -1;
	}
	return 0;
}

static int add_file(struct hull_ext4_plan *p, const struct hull_node *f, struct hull_err *e)
{
	const struct hull_content *c = &f->content;
	struct stat st;

	if (f->size_bytes > MAX_FILE_BYTES)
		return hull_fail(e, HULL_FAILED, "a file of %" PRIu64 " bytes is too large",
				 f->size_bytes);
	if (f->size_bytes > HULL_EXT4_BLOCK && !c->memory && !c->source) {
		if (fstatat(c->dirfd, c->path, &st, 0) < 0)
			return hull_fail_errno(e, "%s", c->path);
		if ((uint64_t)st.st_size < c->offset_bytes ||
		    (uint64_t)st.st_size - c->offset_bytes < f->size_bytes)
			return hull_fail(e, HULL_FAILED, "%s has %" PRIu64 " bytes, not %" PRIu64,
					 c->path, (uint64_t)st.st_size,
					 c->offset_bytes + f->size_bytes);
		if (f->size_bytes >= SPARSE_BYTES_MIN)
			return add_data_parts(p, f, e);
	}
	add_segment(p, 0, block_count(f->size_bytes));
	return 0;
}

static int add_symlink(struct hull_ext4_plan *p, const struct hull_node *f, struct hull_err *e)
{
	size_t length = strlen(f->target);

	if (!length || length >= HULL_EXT4_BLOCK)
		return hull_fail(e, HULL_FAILED, "a symlink to a path of %zu bytes", length);
	if (length > FAST_SYMLINK)
		add_segment(p, 0, 1);
	return 0;
}

static int add_directory(struct hull_ext4_plan *p, int node, struct hull_err *e)
{
	uint64_t n;

	if (hull_ext4_dir_blocks(p, node, &n, e) < 0)
		return -1;
	add_segment(p, 0, n);
	return 0;
}

static int add_content(struct hull_ext4_plan *p, int node, struct hull_err *e)
{
	const struct hull_node *f = &p->tree->v[node];

	switch (f->mode & S_IFMT) {
	case S_IFREG:
		return add_file(p, f, e);
	case S_IFDIR:
		return add_directory(p, node, e);
	case S_IFLNK:
		return add_symlink(p, f, e);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	default:
		return hull_fail(e, HULL_FAILED,
				 "neither file, directory nor anything else (mode %o)", f->mode);
	}
}

/* A node that is seen for the first time, under any of its names. */
static int add_inode(struct hull_ext4_plan *p, int node, struct hull_err *e)
{
	struct hull_ext4_item *item = add_item(p, node);

	hull_assert(p->n < UINT32_MAX - HULL_EXT4_FIRST_INO);
	p->item_of[node] = hull_u32(p->n);
	if (add_content(p, node, e) < 0 ||
	    hull_ext4_xattr_measure(p->tree->v[node].xattrs, &item->xattr_block, e) < 0)
		return -1;
	p->blocks += item->xattr_block;
	return 0;
}

static int add_node(struct hull_ext4_plan *p, int node, struct hull_err *e)
{
	int inode = hull_ext4_plan_inode(p, node);
	bool directory = S_ISDIR(p->tree->v[inode].mode);
	struct hull_ext4_item *item;

	if (directory && inode != node)
		return hull_fail(e, HULL_FAILED, "a hard link to a directory");
	if (!p->item_of[inode] && add_inode(p, inode, e) < 0)
		return -1;
	item = &p->v[p->item_of[inode] - 1];
	item->links += directory ? 2 : 1;
	if (!directory && item->links > MAX_LINKS)
		return hull_fail(e, HULL_FAILED, "more than %d hard links to one file", MAX_LINKS);
	if (directory && node != p->top)
		p->v[p->item_of[p->tree->v[node].parent] - 1].links++;
	return 0;
}

/* The next node in order of the tree, not below mounts. */
static int next_node(const struct hull_ext4_plan *p, int node)
{
	const struct hull_node *v = p->tree->v;

	if (v[node].first_child != HULL_NO_NODE && !hull_ext4_plan_is_mount(p, node))
		return v[node].first_child;
	for (; node != p->top; node = v[node].parent) {
		if (v[node].next_sibling != HULL_NO_NODE)
			return v[node].next_sibling;
	}
	return HULL_NO_NODE;
}

int hull_ext4_plan_init(struct hull_ext4_plan *p, const struct hull_tree *t, int top,
			const int *mounts, size_t n, const struct hull_ext4_options *o,
			struct hull_err *e)
{
	static const char lost_found[] = "lost+found";

	*p = (struct hull_ext4_plan){
		.tree = t, .o = o, .top = top, .mounts = mounts, .n_mounts = n};
	p->item_of = hull_alloc_array(t->n, sizeof *p->item_of);
	p->own_lost_found =
		hull_tree_child(t, top, lost_found, sizeof lost_found - 1) == HULL_NO_NODE;
	for (int node = top; node != HULL_NO_NODE; node = next_node(p, node)) {
		if (add_node(p, node, e) < 0)
			return hull_wrap(e, "%s: ", hull_ext4_plan_path(p, node));
		if (node == top && p->own_lost_found) {
			add_item(p, HULL_NO_NODE)->links = 2;
			add_segment(p, 0, 1);
			p->v[0].links++;
		}
	}
	return 0;
}
