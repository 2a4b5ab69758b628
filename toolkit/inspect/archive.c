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
#include "text/json.h"

enum {
	BLOCK = 64 * 1024,
	MAX_FILES = 2 << 20,
	MAX_DOCUMENT = 16 << 20,
	MAX_LAYERS = 128,
	MAX_XATTRS = 1000, /* of one file */
};

#define WHITEOUT ".wh."
#define OPAQUE	 ".wh..wh..opq"

struct archive_reader {
	struct hull_system *s;
	struct hull_tree *t;
	struct archive *a;
	const char *name; /* of what is read, for messages */
	struct hull_err *e;
	const struct hull_node *from; /* a layer, or NULL for the image file */
	uint64_t at;		      /* in it */
	uint64_t file_bytes;	      /* of the image file */
	uint64_t most, kept, claimed; /* bytes of content: the limit, what came, what sizes say */
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
	r->most = hull_unpacked_most(r->file_bytes);
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
		if (n > r->most - r->kept)
			return too_much(r, path, r->most);
		r->kept += n;
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
	uint64_t size = r->t->v[node].size_bytes, most = r->most + HULL_HOLES;

	if (size > most - r->claimed)
		return too_much(r, path, most);
	r->claimed += size;
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

/* A layer takes away what it names so; 1 if the entry was such a name. */
static int take_away(struct archive_reader *r, const char *path)
{
	const char *name = hull_basename(path);
	hull_autofree char *directory = hull_strndup(path, (size_t)(name - path)), *gone = NULL;
	int node, child;

	if (!r->from || !hull_starts(name, WHITEOUT))
		return 0;
	if (!strcmp(name, OPAQUE)) {
		node = hull_tree_find(r->t, directory);
		while (node != HULL_NO_NODE && (child = r->t->v[node].first_child) != HULL_NO_NODE)
			hull_tree_remove(r->t, child);
		return 1;
	}
	gone = hull_asprintf("%s%s", directory, name + strlen(WHITEOUT));
	node = hull_tree_find(r->t, gone);
	if (node > HULL_TREE_ROOT)
		hull_tree_remove(r->t, node);
	return 1;
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
	node = hull_tree_add(r->t, path, r->e);
	if (node < 0)
		return hull_wrap(r->e, "%s: ", r->name);
	if (node == HULL_TREE_ROOT && !S_ISDIR(archive_entry_mode(entry)))
		return hull_fail(r->e, HULL_FAILED, "%s: %s: the root is no directory", r->name,
				 path);
	if (!S_ISDIR(archive_entry_mode(entry)))
		while (r->t->v[node].first_child != HULL_NO_NODE)
			hull_tree_remove(r->t, r->t->v[node].first_child);
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

/* --- OCI images --- */

static int find_blob(const struct hull_tree *t, const char *digest)
{
	hull_autofree char *path = NULL;
	int node;

	if (!digest || !hull_starts(digest, "sha256:"))
		return HULL_NO_NODE;
	path = hull_asprintf("/blobs/sha256/%s", digest + strlen("sha256:"));
	node = hull_tree_find(t, path);
	return node != HULL_NO_NODE && S_ISREG(t->v[node].mode) ? t->v[node].inode : HULL_NO_NODE;
}

static json_t *read_document(const struct hull_system *s, const struct hull_tree *t, int node,
			     const char *what, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	json_error_t error;
	json_t *j;

	if (node == HULL_NO_NODE || !S_ISREG(t->v[node].mode) ||
	    t->v[node].size_bytes > MAX_DOCUMENT) {
		hull_fail(e, HULL_FAILED, "%s: OCI image: its %s is missing or too large", s->path,
			  what);
		return NULL;
	}
	if (hull_tree_read(t, node, &text, e) < 0)
		return NULL;
	j = json_loadb(text.p, text.n, 0, &error);
	if (!j)
		hull_fail(e, HULL_FAILED, "%s: OCI image: %s:%d:%d: %s", s->path, what, error.line,
			  error.column, error.text);
	return j;
}

static const char *first_manifest(const json_t *index)
{
	return json_string_value(
		json_object_get(json_array_get(json_object_get(index, "manifests"), 0), "digest"));
}

static int read_layers(struct hull_system *s, const struct hull_tree *t, struct archive_reader *r,
		       struct hull_err *e)
{
	hull_autojson json_t *index = NULL, *manifest = NULL;
	const json_t *layers, *layer;
	size_t i;

	index = read_document(s, t, hull_tree_find(t, "/index.json"), "index.json", e);
	if (!index)
		return -1;
	manifest = read_document(s, t, find_blob(t, first_manifest(index)), "manifest", e);
	if (!manifest)
		return -1;
	layers = json_object_get(manifest, "layers");
	if (!json_array_size(layers) || json_array_size(layers) > MAX_LAYERS)
		return hull_fail(e, HULL_FAILED, "%s: OCI image: %zu layers", s->path,
				 json_array_size(layers));
	json_array_foreach (layers, i, layer) {
		const char *digest = json_string_value(json_object_get(layer, "digest"));
		int node = find_blob(t, digest);

		if (node == HULL_NO_NODE)
			return hull_fail(e, HULL_FAILED, "%s: OCI image: layer %s is missing",
					 s->path, digest ? digest : "without a digest");
		*r = (struct archive_reader){
			.s = s,
			.t = &s->tree,
			.e = e,
			.from = &t->v[node],
			.file_bytes = r->file_bytes,
			.kept = i ? r->kept : 0, /* all layers have what one archive may have */
			.claimed = i ? r->claimed : 0,
		};
		r->name = hull_arena_printf(&s->arena, "%s: layer %s", s->path, digest);
		if (take_all(r) < 0)
			return -1;
	}
	return 0;
}

int hull_archive_read(struct hull_system *s, int temp_dirfd, struct hull_err *e)
{
	hull_autofree struct archive_reader *r = hull_alloc(sizeof *r);
	struct hull_tree outer;
	struct stat st;
	int result;

	s->archive_fd = hull_open_unnamed(temp_dirfd, e);
	if (s->archive_fd < 0)
		return -1;
	if (stat(s->path, &st) < 0)
		return hull_fail_errno(e, "%s", s->path);
	*r = (struct archive_reader){.s = s, .t = &s->tree, .name = s->path, .e = e};
	r->file_bytes = (uint64_t)st.st_size;
	result = take_all(r);
	if (result < 0 || hull_tree_find(&s->tree, "/oci-layout") == HULL_NO_NODE)
		return result;
	outer = s->tree;
	hull_tree_init(&s->tree);
	result = read_layers(s, &outer, r, e);
	hull_tree_fini(&outer);
	return result;
}
