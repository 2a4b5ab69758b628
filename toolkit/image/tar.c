// SPDX-License-Identifier: MIT
#include "image/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <inttypes.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct tar {
	const struct hull_tree *t;
	struct archive *archive;
	struct archive_entry *entry;
	hull_tar_writer write;
	void *context;
	int *first; /* by inode: the node that came first and has the bytes */
	char *chunk;
	struct hull_arena arena; /* of the current entry */
	bool failed;		 /* e is set already */
	struct hull_err *e;
};

static la_ssize_t on_write(struct archive *archive, void *context, const void *p, size_t n)
{
	struct tar *w = context;

	if (w->failed || w->write(w->context, p, n, w->e) < 0) {
		w->failed = true;
		archive_set_error(archive, EIO, "write");
		return ARCHIVE_FATAL;
	}
	return (la_ssize_t)n;
}

static int fail(struct tar *w, const char *path)
{
	const char *why = archive_error_string(w->archive);

	if (w->failed)
		return -1;
	return hull_fail(w->e, HULL_FAILED, "tar archive: %s: %s", path, why ? why : "failed");
}

/* The name in the archive: without the leading slash. */
static const char *entry_name(struct tar *w, int node)
{
	return node == HULL_TREE_ROOT ? "./" : hull_tree_path(w->t, node, &w->arena) + 1;
}

static int write_data(struct tar *w, const void *p, size_t n, const char *path)
{
	const char *from = p;

	while (n) {
		la_ssize_t m = archive_write_data(w->archive, from, n);

		if (m <= 0)
			return fail(w, path);
		from += m;
		n -= (size_t)m;
	}
	return 0;
}

/* Such as an additional file of the configuration, which is open. */
static int write_source(struct tar *w, const struct hull_node *n, const char *path)
{
	for (uint64_t done = 0; done < n->size_bytes; done += CHUNK_BYTES) {
		uint64_t left = n->size_bytes - done;
		size_t part = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;

		if (hull_content_read(&n->content, done, w->chunk, part, w->e) < 0)
			return hull_wrap(w->e, "tar archive: %s: ", path);
		if (write_data(w, w->chunk, part, path) < 0)
			return -1;
	}
	return 0;
}

static int write_file(struct tar *w, const struct hull_node *n, const char *path)
{
	const struct hull_content *c = &n->content;
	hull_autofd int fd = -1;

	if (c->source)
		return write_source(w, n, path);
	fd = hull_open(c->dirfd, c->path, w->e);
	if (fd < 0)
		return hull_wrap(w->e, "tar archive: %s: ", path);
	for (uint64_t done = 0; done < n->size_bytes; done += CHUNK_BYTES) {
		uint64_t left = n->size_bytes - done;
		size_t part = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		ssize_t got = hull_fd_read_at(fd, c->offset_bytes + done, w->chunk, part);

		if (got < 0)
			return hull_fail_errno(w->e, "tar archive: %s: read", path);
		if ((size_t)got < part)
			return hull_fail(w->e, HULL_FAILED,
					 "tar archive: %s: ends at byte %" PRIu64 " of %" PRIu64,
					 path, done + (uint64_t)got, n->size_bytes);
		if (write_data(w, w->chunk, part, path) < 0)
			return -1;
	}
	return 0;
}

static int describe(struct tar *w, const struct hull_node *n, const char *path)
{
	struct archive_entry *entry = w->entry;

	if (!S_ISREG(n->mode) && !S_ISDIR(n->mode) && !S_ISLNK(n->mode) && !S_ISCHR(n->mode) &&
	    !S_ISBLK(n->mode) && !S_ISFIFO(n->mode))
		return hull_fail(w->e, HULL_FAILED, "tar archive: %s: cannot have the mode 0%o",
				 path, n->mode);
	archive_entry_set_mode(entry, n->mode);
	archive_entry_set_uid(entry, n->uid);
	archive_entry_set_gid(entry, n->gid);
	archive_entry_set_mtime(entry, n->mtime, 0);
	archive_entry_set_size(entry, S_ISREG(n->mode) ? (la_int64_t)n->size_bytes : 0);
	if (S_ISLNK(n->mode))
		archive_entry_set_symlink(entry, n->target);
	if (S_ISCHR(n->mode) || S_ISBLK(n->mode)) {
		archive_entry_set_rdevmajor(entry, n->major);
		archive_entry_set_rdevminor(entry, n->minor);
	}
	for (const struct hull_xattr *x = n->xattrs; x; x = x->next)
		archive_entry_xattr_add_entry(entry, x->name, x->value, x->size);
	return 0;
}

static int write_node(struct tar *w, int node)
{
	int inode = w->t->v[node].inode;
	const struct hull_node *n = &w->t->v[inode];
	const char *path = entry_name(w, node);

	archive_entry_clear(w->entry);
	archive_entry_set_pathname(w->entry, path);
	if (describe(w, n, path) < 0)
		return -1;
	/* A link has to follow what it links to, whatever its node is. */
	if (w->first[inode] != HULL_NO_NODE) {
		archive_entry_set_size(w->entry, 0);
		archive_entry_xattr_clear(w->entry);
		archive_entry_set_hardlink(w->entry, entry_name(w, w->first[inode]));
	}
	/* A warning is something that the archive does not say as it should. */
	if (archive_write_header(w->archive, w->entry) != ARCHIVE_OK)
		return fail(w, path);
	if (w->first[inode] == HULL_NO_NODE && S_ISREG(n->mode) && n->size_bytes) {
		if (n->content.memory
			    ? write_data(w,
					 (const char *)n->content.memory + n->content.offset_bytes,
					 (size_t)n->size_bytes, path)
			    : write_file(w, n, path))
			return -1;
	}
	w->first[inode] = node;
	return 0;
}

static int write_tree(struct tar *w)
{
	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE;
	     i = hull_tree_next(w->t, i, HULL_TREE_ROOT)) {
		if (write_node(w, i) < 0)
			return -1;
		hull_arena_fini(&w->arena);
	}
	return archive_write_close(w->archive) == ARCHIVE_OK ? 0 : fail(w, "its end");
}

static int start(struct tar *w)
{
	struct archive *a = w->archive;

	/* Numbers only where ustar has no room, and no other records than what a file needs. */
	if (archive_write_set_format_pax_restricted(a) != ARCHIVE_OK ||
	    archive_write_set_options(a, "pax:xattrheader=SCHILY") != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(a, 64 * 1024) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open(a, w, NULL, on_write, NULL) != ARCHIVE_OK)
		return fail(w, "its beginning");
	return 0;
}

int hull_tar_stream(const struct hull_tree *t, hull_tar_writer write, void *context,
		    struct hull_err *e)
{
	/* libarchive takes names to be in the charset of the locale, pax has UTF-8. */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before;
	struct tar w = {.t = t, .write = write, .context = context, .e = e};
	int r;

	if (!utf8)
		return hull_fail_errno(e, "locale C.UTF-8");
	before = uselocale(utf8);
	w.archive = archive_write_new();
	w.entry = archive_entry_new();
	hull_assert(w.archive && w.entry);
	w.chunk = hull_alloc(CHUNK_BYTES);
	w.first = hull_alloc_array(t->n, sizeof *w.first);
	for (size_t i = 0; i < t->n; i++)
		w.first[i] = HULL_NO_NODE;
	r = start(&w);
	if (r == 0)
		r = write_tree(&w);
	w.failed = r < 0; /* no end that would make it look complete */
	archive_entry_free(w.entry);
	archive_write_free(w.archive);
	hull_freep(&w.chunk);
	hull_freep(&w.first);
	hull_arena_fini(&w.arena);
	uselocale(before);
	freelocale(utf8);
	return r;
}

static int to_sink(void *context, const void *p, size_t n, struct hull_err *e)
{
	return hull_sink_write(context, p, n, e);
}

int hull_tar_write(const struct hull_tree *t, struct hull_sink *out, struct hull_err *e)
{
	return hull_tar_stream(t, to_sink, out, e);
}
