// SPDX-License-Identifier: MIT
#include "inspect/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum {
	BLOCK = 64 * 1024,
	MAX_FILES = 2 << 20,
	MAX_XATTRS = 1000, /* of one file */
};

#define WHITEOUT ".wh."
#define NOTES	 WHITEOUT WHITEOUT
#define OPAQUE	 NOTES ".opq"

struct archive_reader {
	struct hull_system *s;
	struct hull_tree *t;
	struct archive *a;
	const char *name; /* of what is read, for messages */
	struct hull_err *e;
	const struct hull_node *from; /* a layer, or NULL for the image file */
	uint64_t at;		      /* in it */
	struct hull_archive_budget *b;
	int layer; /* from 1; 0: no layer */
	uint8_t block[BLOCK];
};

static const char *reason(struct archive_reader *r)
{
	const char *text = archive_error_string(r->a);

	return text ? text : "malformed archive";
}

/* --- where the archive is --- */

static la_ssize_t read_layer(struct archive *a, void *context, const void **out)
{
	struct archive_reader *r = context;
	uint64_t left = r->from->size_bytes - r->at;
	size_t n = left < BLOCK ? (size_t)left : BLOCK;
	struct hull_err e;

	if (hull_content_read(&r->from->content, r->at, r->block, n, &e) < 0) {
		archive_set_error(a, EIO, "%s", e.msg);
		return -1;
	}
	r->at += n;
	*out = r->block;
	return (la_ssize_t)n;
}

static int open_archive(struct archive_reader *r)
{
	r->a = archive_read_new();
	archive_read_support_filter_gzip(r->a);
	archive_read_support_filter_zstd(r->a);
	archive_read_support_filter_xz(r->a);
	archive_read_support_format_tar(r->a);
	if (r->from)
		archive_read_support_format_empty(r->a);
	if ((r->from ? archive_read_open(r->a, r, NULL, read_layer, NULL)
		     : archive_read_open_filename(r->a, r->s->path, BLOCK)) != ARCHIVE_OK)
		return hull_fail(r->e, HULL_FAILED, "%s: %s", r->name, reason(r));
	return 0;
}

int hull_archive_is(const char *path, struct hull_err *e)
{
	hull_autofd int fd = hull_open(AT_FDCWD, path, e);
	struct archive_entry *entry;
	struct archive *a;
	uint8_t b[512] = {0};
	struct stat st;
	ssize_t n;
	int r;

	if (fd < 0)
		return -1;
	/* a directory is told by who opens the disk */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	n = pread(fd, b, sizeof b, 0);
	if (n < 0)
		return hull_fail_errno(e, "%s: read", path);
	if (!memcmp(b + 257, "ustar", 5))
		return 1;
	if (memcmp(b, "\x1f\x8b\x08", 3) != 0 && memcmp(b, "\x28\xb5\x2f\xfd", 4) != 0 &&
	    memcmp(b, "\xfd\x37zXZ", 5) != 0)
		return 0;
	a = archive_read_new();
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_xz(a);
	archive_read_support_format_tar(a);
	r = archive_read_open_fd(a, fd, BLOCK);
	if (r == ARCHIVE_OK)
		r = archive_read_next_header(a, &entry);
	archive_read_free(a);
	return r == ARCHIVE_OK || r == ARCHIVE_WARN;
}

/* --- one entry --- */

static int bad_entry(struct archive_reader *r, const char *path)
{
	return hull_wrap(r->e, "%s: %s: ", r->name, path);
}

static int too_much(const struct archive_reader *r, const char *path, uint64_t most)
{
	char text[HULL_AMOUNT];

	return hull_fail(r->e, HULL_FAILED,
			 "%s: %s: with it there are more than %s, the limit for an archive of its "
			 "size",
			 r->name, path, hull_size_text(most, text));
}

/* The bytes of an entry, what it has as holes left out. */
static int copy_content(struct archive_reader *r, int fd, off_t start, const char *path)
{
	const void *p;
	la_int64_t at;
	size_t n;
	int got;

	while ((got = archive_read_data_block(r->a, &p, &n, &at)) == ARCHIVE_OK) {
		if (n > r->b->most - r->b->kept)
			return too_much(r, path, r->b->most);
		r->b->kept += n;
		if (at < 0 || hull_fd_write_at(fd, (uint64_t)start + (uint64_t)at, p, n) < 0)
			return hull_fail_errno(r->e, "%s: %s: keep its content", r->name, path);
	}
	return got == ARCHIVE_EOF
		       ? 0
		       : hull_fail(r->e, HULL_FAILED, "%s: %s: %s", r->name, path, reason(r));
}

static int take_content(struct archive_reader *r, int node, const char *path)
{
	int fd = r->s->archive_fd;
	off_t start = lseek(fd, 0, SEEK_END);
	uint64_t size = r->t->v[node].size_bytes, most = r->b->most + HULL_HOLES;

	if (size > most - r->b->claimed)
		return too_much(r, path, most);
	r->b->claimed += size;
	if (start < 0)
		return hull_fail_errno(r->e, "%s: %s", r->name, path);
	if (copy_content(r, fd, start, path) < 0)
		return -1;
	/* what is not there at the end is a hole */
	if (lseek(fd, 0, SEEK_END) < start + (off_t)size && ftruncate(fd, start + (off_t)size) < 0)
		return hull_fail_errno(r->e, "%s: %s", r->name, path);
	r->t->v[node].content = (struct hull_content){
		.dirfd = -1,
		.path = hull_arena_printf(&r->s->arena, "/proc/self/fd/%d", fd),
		.offset_bytes = (uint64_t)start,
	};
	return 0;
}

static int take_xattrs(struct archive_reader *r, struct archive_entry *entry, int node)
{
	const char *name;
	const void *value;
	size_t n;

	if (archive_entry_xattr_reset(entry) > MAX_XATTRS)
		return hull_fail(r->e, HULL_FAILED, "%s: %s: more than %d extended attributes",
				 r->name, archive_entry_pathname(entry), MAX_XATTRS);
	while (archive_entry_xattr_next(entry, &name, &value, &n) == ARCHIVE_OK)
		hull_tree_set_xattr(r->t, node, name, value, n);
	return 0;
}

static int take_link(struct archive_reader *r, int node, const char *path, const char *target)
{
	int first = hull_tree_find(r->t, target);

	if (first == HULL_NO_NODE || S_ISDIR(r->t->v[first].mode)) {
		hull_fail(r->e, HULL_FAILED, "a link to %s, which is not there", target);
		return bad_entry(r, path);
	}
	r->t->v[node].inode = r->t->v[first].inode;
	r->t->v[node].mode = r->t->v[first].mode;
	return 0;
}

static int fill(struct archive_reader *r, struct archive_entry *entry, int node, const char *path)
{
	const char *link = archive_entry_hardlink(entry), *target = archive_entry_symlink(entry);
	struct hull_node *n = &r->t->v[node];
	mode_t mode = archive_entry_mode(entry);
	int64_t size = archive_entry_size(entry);

	if (link)
		return take_link(r, node, path, link);
	if (S_ISDIR(mode))
		hull_tree_set_directory(r->t, node, mode);
	else if (S_ISLNK(mode))
		hull_tree_set_symlink(r->t, node, target ? target : ".");
	else
		hull_tree_set_file(r->t, node, NULL, 0, mode);
	n->mode = mode;
	n->uid = (uint32_t)archive_entry_uid(entry);
	n->gid = (uint32_t)archive_entry_gid(entry);
	n->mtime = archive_entry_mtime(entry);
	n->major = (uint32_t)archive_entry_rdevmajor(entry);
	n->minor = (uint32_t)archive_entry_rdevminor(entry);
	if (take_xattrs(r, entry, node) < 0)
		return -1;
	if (!S_ISREG(mode) || size <= 0)
		return 0;
	r->t->v[node].size_bytes = (uint64_t)size;
	return take_content(r, node, path);
}

/* Notes that this layer has a node, and so what is above it. */
static void touch(struct archive_reader *r, int node)
{
	struct hull_archive_budget *b = r->b;

	if (!r->layer)
		return;
	while (b->ntouched < r->t->n) {
		b->touched = hull_grow(b->touched, &b->cap, b->ntouched, sizeof *b->touched);
		b->touched[b->ntouched++] = 0;
	}
	for (; node != HULL_NO_NODE && b->touched[node] != r->layer; node = r->t->v[node].parent)
		b->touched[node] = (uint8_t)r->layer;
}

static bool is_touched(const struct archive_reader *r, int node)
{
	return (size_t)node < r->b->ntouched && r->b->touched[node] == r->layer;
}

/* The node after i and all below it, in depth-first order, within top. */
static int after(const struct hull_tree *t, int i, int top)
{
	for (; i != top; i = t->v[i].parent)
		if (t->v[i].next_sibling != HULL_NO_NODE)
			return t->v[i].next_sibling;
	return HULL_NO_NODE;
}

/* Takes away what layers below have there. What this one has stays, wherever in it the whiteout is
 * (image-spec, "Whiteouts"). */
static void purge(struct archive_reader *r, int top)
{
	const struct hull_tree *t = r->t;

	for (int i = t->v[top].first_child, next; i != HULL_NO_NODE; i = next) {
		if (is_touched(r, i)) {
			next = hull_tree_next(t, i, top);
			continue;
		}
		next = after(t, i, top);
		hull_tree_remove(r->t, i);
	}
}

/* A layer takes away what it names so; 1 if the entry was such a name. */
static int take_away(struct archive_reader *r, const char *path)
{
	const char *name = hull_basename(path);
	hull_autofree char *directory = hull_strndup(path, (size_t)(name - path)), *gone = NULL;
	int node;

	if (!r->layer)
		return 0;
	/* other names that begin so are notes of the tool that wrote the layer */
	if (strcmp(name, OPAQUE) != 0 && (hull_starts(path, NOTES) || strstr(path, "/" NOTES)))
		return 1;
	if (!hull_starts(name, WHITEOUT))
		return 0;
	if (!strcmp(name, OPAQUE)) {
		node = hull_tree_find(r->t, directory);
		if (node != HULL_NO_NODE)
			purge(r, node);
		return 1;
	}
	gone = hull_asprintf("%s%s", directory, name + strlen(WHITEOUT));
	node = hull_tree_find(r->t, gone);
	if (node > HULL_TREE_ROOT && is_touched(r, node))
		purge(r, node);
	else if (node > HULL_TREE_ROOT)
		hull_tree_remove(r->t, node);
	return 1;
}

/* Other names of what is replaced keep what they had. */
static void replace(struct archive_reader *r, const char *path, mode_t mode)
{
	int node = hull_tree_find(r->t, path);

	if (node > HULL_TREE_ROOT && !(S_ISDIR(mode) && S_ISDIR(r->t->v[node].mode)))
		hull_tree_remove(r->t, node);
}

static int take_entry(struct archive_reader *r, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	int node;

	if (!path)
		return hull_fail(r->e, HULL_FAILED, "%s: an entry without a name", r->name);
	if (r->t->n > MAX_FILES)
		return hull_fail(r->e, HULL_FAILED, "%s: more than %d files", r->name, MAX_FILES);
	if (take_away(r, path))
		return 0;
	if (!archive_entry_hardlink(entry) ||
	    hull_tree_find(r->t, path) != hull_tree_find(r->t, archive_entry_hardlink(entry)))
		replace(r, path, archive_entry_mode(entry));
	node = hull_tree_add(r->t, path, r->e);
	if (node < 0)
		return hull_wrap(r->e, "%s: ", r->name);
	touch(r, node);
	if (node == HULL_TREE_ROOT && !S_ISDIR(archive_entry_mode(entry)))
		return hull_fail(r->e, HULL_FAILED, "%s: %s: the root is no directory", r->name,
				 path);
	return fill(r, entry, node, path);
}

static int take_all(struct archive_reader *r)
{
	struct archive_entry *entry;
	int got, result = open_archive(r);

	while (result == 0) {
		got = archive_read_next_header(r->a, &entry);
		if (got == ARCHIVE_EOF)
			break;
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			result = hull_fail(r->e, HULL_FAILED, "%s: byte %" PRId64 ": %s", r->name,
					   (int64_t)archive_read_header_position(r->a), reason(r));
		else
			result = take_entry(r, entry);
	}
	archive_read_free(r->a);
	return result;
}

/* --- all of it --- */

int hull_archive_take(struct hull_system *s, struct hull_archive_budget *b, const char *name,
		      const struct hull_node *from, int layer, struct hull_err *e)
{
	hull_autofree struct archive_reader *r = hull_alloc(sizeof *r);

	*r = (struct archive_reader){
		.s = s, .t = &s->tree, .name = name, .e = e, .from = from, .b = b, .layer = layer};
	return take_all(r);
}

int hull_archive_read(struct hull_system *s, int temp_dirfd, struct hull_err *e)
{
	struct hull_archive_budget b = {0};
	struct hull_tree outer;
	struct stat st;
	int result;

	s->archive_fd = hull_open_unnamed(temp_dirfd, e);
	if (s->archive_fd < 0)
		return -1;
	if (stat(s->path, &st) < 0)
		return hull_fail_errno(e, "%s", s->path);
	b.most = hull_unpacked_most((uint64_t)st.st_size);
	result = hull_archive_take(s, &b, s->path, NULL, 0, e);
	hull_freep(&b.touched);
	if (result < 0 || !hull_layers_are(&s->tree))
		return result;
	outer = s->tree;
	hull_tree_init(&s->tree);
	result = hull_layers_read(s, &outer, (uint64_t)st.st_size, e);
	hull_tree_fini(&outer);
	return result;
}
